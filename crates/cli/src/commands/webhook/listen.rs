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
use countersign::{Error, ErrorKind, Result, SystemClock, WebUrl};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::RwLock;

use super::serve::serve;
use super::shown::{self, Told};
use crate::args::{Global, ListenArgs};
use crate::commands::sandbox::stopped;
use crate::context::{self, unexpected};
use crate::render::json;
use crate::render::table::{FAINT, STRONG, paint};
use crate::report::{Report, note, print};

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

/// The outcome of a notification.
struct Taken {
    answer: WebhookAnswer,
    seen: Option<Dedup<()>>,
    /// The problem, if there was one.
    trouble: Option<String>,
}

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

pub(super) async fn run(global: &Global, args: ListenArgs) -> Result<Report> {
    let mut webhook = context::webhook(global, args.body_limit).await?;
    if let Some(file) = args.seen {
        webhook = webhook.with_seen(Arc::new(FileSeen::open(file)?));
    }
    let forward = args.forward.as_deref().map(|url| Forward::new(url, &webhook)).transpose()?;
    let listener = TcpListener::bind((args.address, args.port)).await.map_err(|error| {
        let message = format!("cannot listen on {} port {} ({})", args.address, args.port, error.kind());
        Error::new(ErrorKind::InvalidRequest, message).with_hint("choose another port, or 0 for any free one")
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
    tokio::select! {
        () = &mut serve => {}
        asked = stopped() => {
            asked?;
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
    #[derive(Serialize)]
    struct Listening<'u> {
        listening: &'u str,
    }
    if as_json {
        return print(&json::line(&Listening { listening: url }));
    }
    let secrets = match webhook.secrets() {
        0 => "no secret configured: only address checks are accepted".to_owned(),
        1 => "1 secret".to_owned(),
        many => format!("{many} secrets"),
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
        listener.answer(&parts.headers, body).await
    });
    task.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

impl Listener {
    /// Checks a webhook, forwards it, prints it, and returns the answer. Without a body it was too long.
    async fn answer(&self, headers: &HeaderMap, body: Option<Bytes>) -> Response {
        let result = match &body {
            Some(body) => self.webhook.receive(headers, body),
            None => Err(self.webhook.too_large()),
        };
        let taken = match &result {
            Ok(Received::Notification(told)) => self.notified(told, headers, body.unwrap_or_default()).await,
            Ok(_) => Taken::new(200, None),
            Err(refused) => Taken::new(refused.status(), None),
        };
        self.tell(&taken, &result);
        if let Some(trouble) = &taken.trouble {
            note(&format!("  {trouble}\n"));
        }
        let status = StatusCode::from_u16(taken.answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let message = result.err().map_or_else(String::new, |refused| format!("{}\n", refused.message));
        let mut response = (status, message).into_response();
        if let Some(seconds) = taken.answer.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }

    async fn notified(&self, told: &Notification, headers: &HeaderMap, body: Bytes) -> Taken {
        let delivery = match self.webhook.begin(told).await {
            Ok(Dedup::First(delivery)) => delivery,
            Ok(Dedup::Duplicate) => return Taken::new(200, Some(Dedup::Duplicate)),
            Ok(Dedup::InProgress { retry_after }) => {
                let answer = WebhookAnswer::in_progress(retry_after);
                return Taken { answer, seen: Some(Dedup::InProgress { retry_after }), trouble: None };
            }
            Err(error) => return Taken::new(503, None).with_trouble(error.to_string()),
        };
        let forwarded = match &self.forward {
            None => Ok(200),
            Some(forward) => forward.send(headers, body).await,
        };
        let first = |status| Taken::new(status, Some(Dedup::First(())));
        match forwarded {
            Ok(status) if (200..300).contains(&status) => match delivery.done().await {
                Ok(_) => first(status),
                Err(error) => first(503).with_trouble(error.to_string()),
            },
            Ok(status) => first(status),
            Err(trouble) => first(502).with_trouble(trouble),
        }
    }

    fn tell(
        &self,
        taken: &Taken,
        result: &std::result::Result<Received, countersign::webhook::WebhookRefused>,
    ) {
        let (status, seen) = (taken.answer.status, taken.seen);
        let text = if self.json {
            json::line(&Line { answered: status, seen: seen.map(shown::word), told: Told::of(result) })
        } else {
            let time = countersign::Clock::now(&SystemClock).strftime("%H:%M:%S").to_string();
            let line = match result {
                Ok(Received::Notification(told)) => shown::line(status, seen, told),
                Ok(_) => format!("{status}  address check"),
                Err(refused) => shown::refused(refused),
            };
            format!("{time}  {line}\n")
        };
        // The reader closed the output; webhooks are still accepted.
        let _ = print(&text);
    }
}

impl Taken {
    fn new(status: u16, seen: Option<Dedup<()>>) -> Self {
        Self { answer: WebhookAnswer::of(status), seen, trouble: None }
    }

    fn with_trouble(mut self, trouble: String) -> Self {
        self.trouble = Some(trouble);
        self
    }
}

impl Forward {
    fn new(url: &str, webhook: &Webhook) -> Result<Self> {
        let url: WebUrl = url.parse().map_err(|invalid: countersign::InvalidValue| {
            Error::new(ErrorKind::InvalidRequest, format!("--forward {}", invalid.problem()))
                .with_hint(format!("give {}", invalid.expected()))
        })?;
        let limits = Limits::default().with_timeout(webhook.work_within());
        Ok(Self { url, transport: HttpTransport::default(), limits })
    }

    /// Forwards a webhook unchanged and returns the status of the answer.
    async fn send(&self, headers: &HeaderMap, body: Bytes) -> std::result::Result<u16, String> {
        /// Headers of this connection; the next one creates its own.
        const OURS: [header::HeaderName; 6] = [
            header::HOST,
            header::CONNECTION,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::EXPECT,
            header::UPGRADE,
        ];
        let mut request =
            http::Request::post(self.url.as_str()).body(body).map_err(|error| error.to_string())?;
        for (name, value) in headers.iter().filter(|(name, _)| !OURS.contains(name)) {
            request.headers_mut().append(name, value.clone());
        }
        let answer = self.transport.send(request, &self.limits).await;
        answer.map(|answer| answer.status().as_u16()).map_err(|error| format!("forwarding failed: {error}"))
    }
}
