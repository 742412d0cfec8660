//! The vendors' webhooks: checked, each taken once, and folded into what is known.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use countersign::{Notification, Received, Seen, SeenStore};

use crate::app::App;

pub(super) async fn take(
    State(app): State<App>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(desk) = app.desks().iter().find(|desk| desk.name == account) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match desk.webhook.receive(&headers, &body) {
        Ok(Received::Notification(told)) => note(&app, &account, desk.vendor, &told).await.into_response(),
        // The vendor checks the address.
        Ok(_) => StatusCode::OK.into_response(),
        Err(refused) => {
            let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            (status, refused.message).into_response()
        }
    }
}

/// Notes what was told, once. A failure of the store has the vendor try again.
async fn note(app: &App, account: &str, vendor: &str, told: &Notification) -> StatusCode {
    match app.heard().begin(&told.key).await {
        Ok(Seen::First) => {}
        Ok(Seen::Again) => return StatusCode::OK,
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE,
    }
    let envelope = told.envelope.as_ref().map_or("", |id| id.as_str());
    if let Some((contract, _)) = app.contracts().find(account, envelope) {
        let now = app.now();
        app.contracts().update(&contract, |known| {
            known.hear(told, now);
            known.note(now, format!("{vendor} told us: {}.", told.event.to_string().replace('_', " ")));
        });
    }
    match app.heard().done(&told.key).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
