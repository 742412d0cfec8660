//! `countersign webhook listen`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use bytes::Bytes;
use countersign::{
    Error, ErrorKind, FileSeen, HttpTransport, Limits, MemorySeen, Notification, Received, Result, Seen,
    SeenStore, SystemClock, Transport, WebUrl, Webhook,
};
use serde::Serialize;
use tokio::net::TcpListener;

use super::shown::{self, Told};
use crate::args::{Global, ListenArgs};
use crate::commands::sandbox::stopped;
use crate::commands::unexpected;
use crate::render::json;
use crate::render::style::{FAINT, STRONG, paint};
use crate::report::{Report, note, print};

/// How long running calls may take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);

struct Listener {
    webhook: Webhook,
    seen: Box<dyn SeenStore>,
    forward: Option<Forward>,
    json: bool,
}

/// The application behind this command.
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
    let webhook = super::webhook(global)?;
    let seen: Box<dyn SeenStore> = match args.seen {
        Some(file) => Box::new(FileSeen::open(file)?),
        None => Box::new(MemorySeen::default()),
    };
    let forward = args.forward.as_deref().map(|url| Forward::new(url, &webhook)).transpose()?;
    let listener = TcpListener::bind((args.address, args.port)).await.map_err(|error| {
        let message = format!("cannot listen on {} port {} ({})", args.address, args.port, error.kind());
        Error::new(ErrorKind::InvalidRequest, message).with_hint("choose another port, or 0 for any free one")
    })?;
    let address = listener.local_addr().map_err(|error| unexpected("the port is not told", error))?;
    greet(&webhook, &format!("http://{address}/"), global.json)
        .map_err(|error| unexpected("the address could not be written", error))?;
    let listener_state = Arc::new(Listener { webhook, seen, forward, json: global.json });
    let app = Router::new().fallback(take).with_state(listener_state);
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let serve = axum::serve(listener, app).with_graceful_shutdown(async {
        // Either way it is time.
        let _ = told.await;
    });
    let mut serve = std::pin::pin!(async { serve.await });
    tokio::select! {
        ended = &mut serve => ended.map_err(|error| unexpected("the listener ended", error))?,
        asked = stopped() => {
            asked?;
            let _ = tell.send(());
            // What is not finished by then is tried again by the vendor.
            let _ = tokio::time::timeout(GRACE, serve).await;
        }
    }
    if !global.json {
        note("\nstopped\n");
    }
    Ok(Report { text: String::new(), notes: String::new(), document: String::new(), code: crate::exit::OK })
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
        0 => "no secret configured: everything is refused but a check of the address".to_owned(),
        1 => "1 secret".to_owned(),
        many => format!("{many} secrets"),
    };
    note(&format!(
        "{} {url} for {} ({secrets}); Ctrl-C stops it\n\n{}\n\n",
        paint(STRONG, "listening at"),
        webhook.vendor(),
        paint(FAINT, webhook.guide())
    ));
    Ok(())
}

async fn take(State(listener): State<Arc<Listener>>, request: Request) -> (StatusCode, String) {
    if request.method() != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, "webhooks are posted here\n".to_owned());
    }
    let (parts, body) = request.into_parts();
    let result = match to_bytes(body, listener.webhook.body_limit()).await {
        Ok(body) => (listener.webhook.receive(&parts.headers, &body), body),
        Err(_) => (Err(listener.webhook.too_large()), Bytes::new()),
    };
    let (result, body) = result;
    let (status, seen, trouble) = match &result {
        Ok(Received::Notification(told)) => listener.notified(told, &parts.headers, body).await,
        Ok(_) => (200, None, None),
        Err(refused) => (refused.status(), None, None),
    };
    listener.tell(status, seen, &result);
    if let Some(trouble) = trouble {
        note(&format!("  {trouble}\n"));
    }
    let message = result.err().map_or_else(String::new, |refused| format!("{}\n", refused.message));
    (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY), message)
}

impl Listener {
    /// The answer, whether it came before, and what went wrong on the way.
    async fn notified(
        &self,
        told: &Notification,
        headers: &HeaderMap,
        body: Bytes,
    ) -> (u16, Option<Seen>, Option<String>) {
        match self.seen.begin(&told.key).await {
            Ok(Seen::First) => {}
            Ok(Seen::Again) => return (200, Some(Seen::Again), None),
            Err(error) => return (500, None, Some(error.to_string())),
        }
        let (status, mut trouble) = match &self.forward {
            None => (200, None),
            Some(forward) => match forward.send(headers, body).await {
                Ok(status) => (status, None),
                Err(error) => (502, Some(error)),
            },
        };
        let kept = if (200..300).contains(&status) {
            self.seen.done(&told.key).await
        } else {
            self.seen.forget(&told.key).await
        };
        if let Err(error) = kept {
            trouble = Some(error.to_string());
        }
        (status, Some(Seen::First), trouble)
    }

    fn tell(
        &self,
        status: u16,
        seen: Option<Seen>,
        result: &std::result::Result<Received, countersign::WebhookRefused>,
    ) {
        let text = if self.json {
            let seen = seen.map(|seen| if seen == Seen::First { "first" } else { "again" });
            json::line(&Line { answered: status, seen, told: Told::of(result) })
        } else {
            let time = countersign::Clock::now(&SystemClock).strftime("%H:%M:%S").to_string();
            let line = match result {
                Ok(Received::Notification(told)) => shown::line(status, seen, told),
                Ok(_) => format!("{status}  check of the address"),
                Err(refused) => shown::refused(refused),
            };
            format!("{time}  {line}\n")
        };
        // Whoever read the other end had enough; webhooks are taken all the same.
        let _ = print(&text);
    }
}

impl Forward {
    fn new(url: &str, webhook: &Webhook) -> Result<Self> {
        let url: WebUrl = url.parse().map_err(|invalid: countersign::InvalidValue| {
            Error::new(ErrorKind::InvalidRequest, format!("--forward {}", invalid.problem()))
                .with_hint(format!("give {}", invalid.expected()))
        })?;
        let limits = Limits::default().with_timeout(webhook.answer_within());
        Ok(Self { url, transport: HttpTransport::default(), limits })
    }

    /// Sends a webhook on as it came; the status of the answer.
    async fn send(&self, headers: &HeaderMap, body: Bytes) -> std::result::Result<u16, String> {
        /// About this connection, or made anew by the next.
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
        answer.map(|answer| answer.status().as_u16()).map_err(|error| format!("not sent on: {error}"))
    }
}
