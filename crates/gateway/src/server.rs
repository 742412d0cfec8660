//! The accept loop, and what surrounds every request: its id, its log line, the body of its problem.
//!
//! Written here, because `axum::serve` keeps a half-sent request header open for ever. HTTP/1.1 only: a proxy with TLS
//! is in front.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::admin::AdminAccess;
use crate::extract::Who;
use crate::gateway::Gateway;
use crate::problem::finished;
use crate::routes;

const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
const REQUEST_ID: HeaderName = HeaderName::from_static("countersign-request-id");

/// The most connections at once; further ones wait to be accepted.
const CONNECTIONS: usize = 4_096;

/// All routes with what surrounds them: for [`serve`], or for a server of the application's own.
pub fn app(gateway: Gateway) -> Router {
    routes::router(gateway).layer(from_fn(surround))
}

/// The operator's pages with what surrounds them: for [`serve_admin`], or for a server of the application's own.
pub fn admin_app(gateway: Gateway, access: AdminAccess) -> Router {
    crate::admin::router(gateway, access).layer(from_fn(surround))
}

/// Serves until `stop` ends. Then `/readyz` fails for `drain`, so that load balancers notice; after that, no
/// connection is accepted, and running calls end within `last`.
pub async fn serve(
    listener: TcpListener,
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
    let graceful = accept(listener, app(gateway.clone()), stop).await;
    let ended = tokio::time::timeout(last, graceful.shutdown()).await;
    if ended.is_err() || !gateway.quiet(last).await {
        tracing::warn!("some calls did not end in time; their keys show their state");
    }
}

/// Serves the operator's pages, until the future is dropped.
pub async fn serve_admin(listener: TcpListener, gateway: Gateway, access: AdminAccess) {
    accept(listener, admin_app(gateway, access), std::future::pending()).await;
}

/// Accepts connections until `stop` ends.
async fn accept(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) -> GracefulShutdown {
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let accept = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&connections).acquire_owned().await.ok();
            (listener.accept().await, permit)
        };
        let (stream, permit) = tokio::select! {
            (accepted, permit) = accept => match accepted {
                Ok((stream, _)) => (stream, permit),
                // No file descriptors left, or the peer is already gone: neither ends the gateway.
                Err(error) => {
                    tracing::debug!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            () = &mut stop => return graceful,
        };
        serve_one(stream, app.clone(), &graceful, permit);
    }
}

fn serve_one(
    stream: TcpStream,
    app: Router,
    graceful: &GracefulShutdown,
    permit: Option<impl Send + 'static>,
) {
    // Small answers should be sent immediately; if this fails, they are only slower.
    let _ = stream.set_nodelay(true);
    let app = TowerToHyperService::new(app);
    let service =
        service_fn(move |request: hyper::Request<hyper::body::Incoming>| app.call(request.map(Body::new)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
        drop(permit);
    });
}

/// One line per request. It has the route, not the path, which contains an envelope; and neither bodies nor headers.
async fn surround(mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = uuid::Uuid::now_v7().to_string();
    let who: Arc<OnceLock<Who>> = Arc::default();
    request.extensions_mut().insert(Arc::clone(&who));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (mut response, kind) = finished(next.run(request).await, &id);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    // Answers have names, addresses and links.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let who = who.get();
    tracing::info!(
        target: "countersign_gateway::request",
        request_id = id,
        method = %method,
        route = route.as_ref().map_or("-", MatchedPath::as_str),
        status = response.status().as_u16(),
        kind,
        tenant = who.map(|who| who.tenant.as_str()),
        key = who.map(|who| who.key.as_str()),
        ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    response
}
