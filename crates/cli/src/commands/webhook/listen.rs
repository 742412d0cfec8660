//! `countersign webhook listen`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use countersign::transport::{HttpTransport, Limits, Transport};
use countersign::webhook::{Dedup, FileSeen, Notification, Received, Webhook, WebhookAnswer};
use countersign::{Error, Result, SystemClock, WebUrl};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::RwLock;

use super::serve::serve;
use super::shown::{self, Told};
use crate::args::{Global, ListenArgs};
use crate::context::{self, invalid, unexpected};
use crate::render::json;
use crate::render::table::{FAINT, STRONG, counted, paint};
use crate::report::{Report, note, print};
use crate::signals::Signals;

/// How long running calls may take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

/// How long receiving a body may take.
const BODY: Duration = Duration::from_secs(10);

struct Listener {
    webhook: Webhook,
    forward: Option<Forward>,
    json: bool,
    /// Read-locked while a webhook is processed, so that a writer waits for all of them.
    working: RwLock<()>,
}

/// The answer to a webhook that could not be finished, and what to say about it here.
type Unfinished = (WebhookAnswer, Option<String>);

/// The application to forward to.
struct Forward {
    url: WebUrl,
    transport: HttpTransport,
    limits: Limits,
}

/// One line of `--json`.
#[derive(Serialize)]
struct Line<'t> {
    answered: u16,
    seen: Option<&'static str>,
    #[serde(flatten)]
    told: Told<'t>,
}

pub(crate) async fn run(global: &Global, args: ListenArgs) -> Result<Report> {
    let mut webhook = context::webhook(global, args.body_limit).await?;
    if let Some(file) = args.seen {
        webhook = webhook.with_seen(Arc::new(FileSeen::open(file)?));
    }
    let forward = args.forward.as_deref().map(|url| Forward::new(url, &webhook)).transpose()?;
    let listener = TcpListener::bind((args.address, args.port)).await.map_err(|error| {
        let message = format!("cannot listen on {} port {} ({})", args.address, args.port, error.kind());
        invalid(message, "choose another port, or 0 for any free one")
    })?;
    let address =
        listener.local_addr().map_err(|error| unexpected("the port could not be determined", error))?;
    greet(&webhook, &format!("http://{address}/"), global.json)
        .map_err(|error| unexpected("the address could not be written", error))?;
    let state = Arc::new(Listener { webhook, forward, json: global.json, working: RwLock::default() });
    let app = Router::new().fallback(take).with_state(Arc::clone(&state));
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let mut serve = std::pin::pin!(serve(listener, app, async {
        // Either way it is time to stop.
        let _ = told.await;
    }));
    let mut signals = Signals::listen()?;
    tokio::select! {
        () = &mut serve => {}
        () = signals.next() => {
            let _ = tell.send(());
            // The vendor delivers again what is not finished by then.
            let _ = tokio::time::timeout(GRACE, async {
                serve.await;
                // Webhooks whose senders disconnected.
                drop(state.working.write().await);
            })
            .await;
        }
    }
    if !global.json {
        note("\nstopped\n");
    }
    Ok(Report::default())
}

fn greet(webhook: &Webhook, url: &str, as_json: bool) -> io::Result<()> {
    if as_json {
        return print(&json::line(&serde_json::json!({ "listening": url })));
    }
    let secrets = match webhook.secrets() {
        0 => "no secret configured: only address checks are accepted".to_owned(),
        count => counted(count, "secret"),
    };
    note(&format!(
        "{} {url} for {} ({secrets}); press Ctrl-C to stop\n\n{}\n\n",
        paint(STRONG, "listening at"),
        webhook.vendor(),
        paint(FAINT, webhook.guide())
    ));
    Ok(())
}

async fn take(State(listener): State<Arc<Listener>>, request: Request) -> Response {
    if request.method() != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, "webhooks must be posted to this address\n").into_response();
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, listener.webhook.body_limit());
    let Ok(body) = tokio::time::timeout(BODY, body).await else {
        note("  a body did not arrive within 10 s; the sender will deliver it again\n");
        return StatusCode::REQUEST_TIMEOUT.into_response();
    };
    let body = body.ok();
    // In its own task: if the sender disconnects, the server drops this handler, but not the work.
    let task = tokio::spawn(async move {
        let _working = listener.working.read().await;
        listener.answer(parts.uri.query().unwrap_or_default(), &parts.headers, body).await
    });
    task.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

impl Listener {
    /// Checks a webhook, forwards it, prints it, and returns the answer. Without a body it was too long.
    async fn answer(&self, query: &str, headers: &HeaderMap, body: Option<Bytes>) -> Response {
        let result = match &body {
            Some(body) => self.webhook.receive(query, headers, body),
            None => Err(self.webhook.too_large()),
        };
        let mut seen = Vec::new();
        let taken = match &result {
            Ok(Received::Notifications(all)) => {
                self.notified(all, query, headers, body.unwrap_or_default(), &mut seen).await
            }
            Ok(_) => Ok(200),
            Err(refused) => Ok(refused.status()),
        };
        let (answer, trouble) =
            taken.map_or_else(|unfinished| unfinished, |status| (WebhookAnswer::of(status), None));
        self.tell(answer.status, &seen, &result);
        if let Some(trouble) = trouble {
            note(&format!("  {trouble}\n"));
        }
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let message = result.err().map_or_else(String::new, |refused| format!("{}\n", refused.message));
        let mut response = (status, message).into_response();
        if let Some(seconds) = answer.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }

    /// The whole webhook is forwarded once if any of its notifications is new. `seen` gets what is known of each.
    async fn notified(
        &self,
        all: &[Notification],
        query: &str,
        headers: &HeaderMap,
        body: Bytes,
        seen: &mut Vec<Dedup<()>>,
    ) -> std::result::Result<u16, Unfinished> {
        let failed = |error: Error| (WebhookAnswer::of(503), Some(error.to_string()));
        let mut first = Vec::new();
        for told in all {
            match self.webhook.begin(told).await.map_err(failed)? {
                Dedup::First(delivery) => {
                    first.push(delivery);
                    seen.push(Dedup::First(()));
                }
                Dedup::Duplicate => seen.push(Dedup::Duplicate),
                Dedup::InProgress { retry_after } => {
                    seen.push(Dedup::InProgress { retry_after });
                    return Err((WebhookAnswer::in_progress(retry_after), None));
                }
            }
        }
        let status = match &self.forward {
            Some(forward) if !first.is_empty() => {
                let sent = forward.send(query, headers, body).await;
                sent.map_err(|trouble| (WebhookAnswer::of(502), Some(trouble)))?
            }
            _ => 200,
        };
        for delivery in first.into_iter().filter(|_| (200..300).contains(&status)) {
            delivery.done().await.map_err(failed)?;
        }
        Ok(status)
    }

    fn tell(
        &self,
        status: u16,
        seen: &[Dedup<()>],
        result: &std::result::Result<Received, countersign::webhook::WebhookRefused>,
    ) {
        let told = match result {
            Ok(Received::Notifications(all)) => all.iter().map(Told::Notification).collect(),
            Ok(_) => vec![Told::Check],
            Err(refused) => vec![Told::refused(refused)],
        };
        let mut text = String::new();
        for (place, told) in told.into_iter().enumerate() {
            let seen = seen.get(place).copied();
            if self.json {
                text.push_str(&json::line(&Line { answered: status, seen: seen.map(shown::word), told }));
            } else {
                let time = countersign::Clock::now(&SystemClock).strftime("%H:%M:%S");
                text.push_str(&format!("{time}  {}\n", shown::line(status, seen, &told)));
            }
        }
        // The reader closed the output; webhooks are still accepted.
        let _ = print(&text);
    }
}

impl Forward {
    fn new(url: &str, webhook: &Webhook) -> Result<Self> {
        let url: WebUrl = url.parse().map_err(|wrong: countersign::InvalidValue| {
            invalid(format!("--forward {}", wrong.problem()), format!("give {}", wrong.expected()))
        })?;
        let limits = Limits::default().with_timeout(webhook.work_within());
        Ok(Self { url, transport: HttpTransport::default(), limits })
    }

    /// Forwards a webhook unchanged and returns the status of the answer.
    async fn send(&self, query: &str, headers: &HeaderMap, body: Bytes) -> std::result::Result<u16, String> {
        /// Headers of this connection; the next one creates its own.
        const OURS: [header::HeaderName; 6] = [
            header::HOST,
            header::CONNECTION,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::EXPECT,
            header::UPGRADE,
        ];
        let url = self.url.as_str();
        let joint = if url.contains('?') { "&" } else { "?" };
        let url = if query.is_empty() { url.to_owned() } else { format!("{url}{joint}{query}") };
        let mut request = http::Request::post(url).body(body).map_err(|error| error.to_string())?;
        for (name, value) in headers.iter().filter(|(name, _)| !OURS.contains(name)) {
            request.headers_mut().append(name, value.clone());
        }
        let answer = self.transport.send(request, &self.limits).await;
        answer.map(|answer| answer.status().as_u16()).map_err(|error| format!("forwarding failed: {error}"))
    }
}
