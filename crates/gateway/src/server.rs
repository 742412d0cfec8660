//! The accept loop, and what surrounds every request: its id, its log line, the body of its problem.
//!
//! Written here, because `axum::serve` keeps a half-sent request header open for ever. HTTP/1.1 only, with TLS or
//! behind a proxy with TLS.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use metrics::histogram;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use crate::admin::AdminAccess;
use crate::auth::Who;
use crate::gateway::Gateway;
use crate::peer::{Peer, TrustedProxies};
use crate::problem::finished;
use crate::rate_fields::{self, Used};
use crate::routes;
use crate::tls::Tls;
use crate::traces;
use crate::work::Beating;

const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest head of a request, and what a connection may buffer of a body.
const LARGEST_HEAD: usize = 64 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("countersign-request-id");

/// Where to listen, and how.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    tls: Option<Tls>,
    proxies: TrustedProxies,
    most: usize,
}

impl From<TcpListener> for Listening {
    fn from(listener: TcpListener) -> Self {
        Self { listener, tls: None, proxies: TrustedProxies::default(), most: Self::MOST_CONNECTIONS }
    }
}

impl Listening {
    /// By default, the most connections at once.
    pub const MOST_CONNECTIONS: usize = 4_096;

    /// With at most this many connections at once, and at least one; further ones wait until one ends.
    #[must_use]
    pub fn with_most_connections(mut self, most: usize) -> Self {
        self.most = most.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// With TLS.
    #[must_use]
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Behind these proxies.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.proxies = proxies;
        self
    }
}

/// All routes with what surrounds them: for [`serve`], or for a server of the application's own.
pub fn app(gateway: Gateway) -> Router {
    routes::router(gateway).layer(from_fn(surround))
}

/// The operator's pages with what surrounds them: for [`serve_admin`], or for a server of the application's own.
pub fn admin_app(gateway: Gateway, access: AdminAccess) -> Router {
    crate::admin::router(gateway, access).layer(from_fn(surround))
}

/// Serves and does the work beside until `stop` ends. Then `/readyz` fails for `drain`, so that load balancers notice;
/// after that, no connection is accepted, and running calls end within `last`.
pub async fn serve(
    listening: impl Into<Listening>,
    gateway: Gateway,
    stop: impl Future<Output = ()>,
    drain: Duration,
    last: Duration,
) {
    let stop = async {
        stop.await;
        gateway.begin_stop();
        tokio::time::sleep(drain).await;
    };
    let beating = Beating::start(gateway.directory().clone()).await;
    let working = tokio::spawn(gateway.clone().work_always());
    let graceful = accept(listening.into(), app(gateway.clone()), stop).await;
    beating.end().await;
    let end = tokio::time::Instant::now() + last;
    let ended = tokio::time::timeout_at(end, graceful.shutdown()).await;
    // What a worker does not end, another process takes over.
    let worked = tokio::time::timeout_at(end, working).await;
    if ended.is_err()
        || worked.is_err()
        || !gateway.quiet(end.saturating_duration_since(tokio::time::Instant::now())).await
    {
        tracing::warn!("some calls did not end in time; their keys show their state");
    }
}

/// Serves the operator's pages, until the future is dropped.
pub async fn serve_admin(listener: TcpListener, gateway: Gateway, access: AdminAccess) {
    accept(listener.into(), admin_app(gateway, access), std::future::pending()).await;
}

/// Accepts connections until `stop` ends.
async fn accept(listening: Listening, app: Router, stop: impl Future<Output = ()>) -> GracefulShutdown {
    let Listening { listener, tls, proxies, most } = listening;
    let app = app.layer(Extension(proxies));
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(most));
    tokio::pin!(stop);
    loop {
        let accept = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&connections).acquire_owned().await.ok();
            (listener.accept().await, permit)
        };
        let (stream, peer, permit) = tokio::select! {
            (accepted, permit) = accept => match accepted {
                Ok((stream, peer)) => (stream, Peer(peer.ip()), permit),
                // No file descriptors left, or the peer is already gone: neither ends the gateway.
                Err(error) => {
                    tracing::debug!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            () = &mut stop => return graceful,
        };
        // Small answers should be sent immediately; if this fails, they are only slower.
        let _ = stream.set_nodelay(true);
        let (app, watcher) = (app.clone(), graceful.watcher());
        let tls = tls.as_ref().map(Tls::acceptor);
        tokio::spawn(async move {
            match tls {
                None => serve_one(stream, peer, app, watcher).await,
                Some(tls) => match tokio::time::timeout(HEADER_READ_TIMEOUT, tls.accept(stream)).await {
                    Ok(Ok(stream)) => serve_one(stream, peer, app, watcher).await,
                    // A scanner, or a client that does not trust the certificate.
                    _ => tracing::debug!("no TLS connection"),
                },
            }
            drop(permit);
        });
    }
}

async fn serve_one(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: Peer,
    app: Router,
    watcher: Watcher,
) {
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        app.call(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}

/// The id of the trace that the caller's `traceparent` names (W3C Trace Context).
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let (id, _) = text.strip_prefix("00-")?.split_once('-')?;
    let is_id =
        id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (is_id && id.bytes().any(|byte| byte != b'0')).then(|| id.to_owned())
}

/// One line per request. It has the route, not the path, which contains an envelope; and neither bodies nor headers.
async fn surround(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = uuid::Uuid::now_v7().to_string();
    let who: Arc<OnceLock<Who>> = Arc::default();
    request.extensions_mut().insert(Arc::clone(&who));
    let used = Used::default();
    request.extensions_mut().insert(Arc::clone(&used));
    let trace = trace_id(request.headers());
    let extensions = request.extensions();
    let client = extensions.get::<Peer>().zip(extensions.get::<TrustedProxies>());
    let client = client.map(|(peer, proxies)| proxies.client(*peer, request.headers()).to_string());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let span = traces::span(named(&method), route.as_ref(), request.headers(), &id);
    let answer = next.run(request).instrument(span.clone()).await;
    traces::ended(&span, answer.status());
    let (mut response, kind) = finished(answer, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if let Some(client) = used.get() {
        rate_fields::add(client, response.headers_mut());
    }
    // Answers have names, addresses and links.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let who = who.get();
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let labels = [
        ("method", named(&method).to_owned()),
        ("route", route.to_owned()),
        ("status", response.status().as_str().to_owned()),
    ];
    histogram!("countersign_gateway_request_duration_seconds", &labels).record(began.elapsed().as_secs_f64());
    tracing::info!(
        target: "countersign_gateway::request",
        request_id = id,
        trace_id = trace,
        method = %method,
        route,
        status = response.status().as_u16(),
        kind,
        client,
        tenant = who.map(|who| who.tenant.as_str()),
        key = who.map(|who| who.key.as_str()),
        ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

/// Callers can invent methods, and each would be a series of its own.
fn named(method: &Method) -> &str {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    if known.contains(method) { method.as_str() } else { "other" }
}
