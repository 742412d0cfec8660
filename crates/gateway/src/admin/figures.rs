//! The figures for Prometheus.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::gateway::Gateway;
use crate::metrics::installed;

/// The most unknown calls that are counted: the figure is for an alert, and reading them takes time.
const MOST: u32 = 1_000;

/// The text for Prometheus. What no event changes is measured now.
pub(super) async fn figures(State(gateway): State<Gateway>) -> Response {
    let Some(registry) = installed() else {
        return (StatusCode::NOT_FOUND, "The application has figures of its own.\n").into_response();
    };
    let ready = gateway.probe().failure().await.is_none();
    let mut text = registry.text();
    gauge(&mut text, "countersign_gateway_ready", u32::from(ready));
    // Where the database is away, there are no such figures; `ready` says why.
    if let Ok(calls) = gateway.ledger().unresolved(None, None, MOST).await {
        gauge(&mut text, "countersign_gateway_calls_unknown", calls.len());
    }
    if let Ok(lags) = gateway.directory().lags().await {
        gauge(&mut text, "countersign_gateway_inbox_lag_seconds", lags.inbox.as_secs_f64());
        gauge(&mut text, "countersign_gateway_delivery_lag_seconds", lags.delivery.as_secs_f64());
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn gauge(text: &mut String, name: &str, value: impl std::fmt::Display) {
    text.push_str(&format!("# TYPE {name} gauge\n{name} {value}\n"));
}
