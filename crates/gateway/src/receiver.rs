//! A receiver of events for `dev`: it checks each message as an application would, and shows it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::outgoing::SigningSecret;

/// Gets a line for each event.
type Show = Arc<dyn Fn(&str) + Send + Sync>;

/// Serves on the listener until the process ends.
pub(crate) fn receive(listener: TcpListener, secret: SigningSecret, show: Show) {
    let app = Router::new().fallback(take).with_state((Arc::new(secret), show));
    tokio::spawn(async move { axum::serve(listener, app).await });
}

/// The address to which the events go.
pub(crate) fn url(at: SocketAddr) -> String {
    format!("http://{at}/events")
}

async fn take(
    State((secret, show)): State<(Arc<SigningSecret>, Show)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let seconds = header("webhook-timestamp").parse().unwrap_or_default();
    if !secret.signed(header("webhook-id"), seconds, &body, header("webhook-signature")) {
        return StatusCode::UNAUTHORIZED;
    }
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let data = &message["data"];
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let (kind, vendor, envelope) = (word(&message["type"]), word(&data["vendor"]), word(&data["envelope"]));
    show(&format!("{kind}  {vendor}  {envelope}  version {}", data["version"]));
    StatusCode::NO_CONTENT
}
