//! The vendors' webhooks: checked, each processed once, and folded into what is known.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use countersign::webhook::Notification;

use crate::app::App;

pub(super) async fn take(
    State(app): State<App>,
    Path(account): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(desk) = app.desks().iter().find(|desk| desk.name == account) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match desk.webhook.receive(uri.query().unwrap_or_default(), &headers, &body) {
        Ok(received) => {
            let (app, vendor) = (app.clone(), desk.vendor);
            // In a task of its own, which goes on when the vendor hangs up.
            let work = move |told| std::future::ready(note(&app, &account, vendor, &told));
            desk.webhook.process(received, work).await.into_response()
        }
        Err(refused) => {
            let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            (status, refused.message).into_response()
        }
    }
}

/// Keeps what the vendor reported. An application with a database would fail here
/// if that is away; the vendor then delivers again.
fn note(app: &App, account: &str, vendor: &str, told: &Notification) -> Result<(), Infallible> {
    let envelope = told.envelope.as_ref().map_or("", |id| id.as_str());
    if let Some((contract, _)) = app.contracts().find(account, envelope) {
        let now = app.now();
        app.contracts().update(&contract, |known| {
            known.hear(told, now);
            known.note(now, format!("{vendor} told us: {}.", told.event.to_string().replace('_', " ")));
        });
    }
    Ok(())
}
