//! How the gateway is: the first page with what waits and which replicas run, and the figures for Prometheus.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::page::{Admin, Failure, Frame, page, time};
use crate::gateway::Gateway;
use crate::metrics::installed;

/// The most unknown calls that are counted: the figure is for an alert, and reading them takes time.
const MOST: u32 = 1_000;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Overview {
    frame: Frame,
    has_unknown: bool,
    /// The names of the tenants whose calls are held.
    held: Vec<String>,
    /// In seconds.
    inbox_lag: u64,
    delivery_lag: u64,
    replicas: Vec<Replica>,
}

struct Replica {
    id: String,
    version: String,
    seen: String,
}

pub(super) async fn show(State(admin): State<Admin>) -> Result<Response, Failure> {
    let has_unknown = !admin.gateway.ledger().unresolved(None, None, 1).await?.is_empty();
    let tenants = admin.gateway.directory().tenants().await?;
    let held = tenants.into_iter().filter(|one| one.held_since.is_some()).map(|one| one.name).collect();
    let replicas = admin.gateway.directory().replicas().await?;
    let shown =
        |one: crate::directory::Replica| Replica { id: one.id, version: one.version, seen: time(one.at) };
    let replicas = replicas.into_iter().map(shown).collect();
    let lags = admin.gateway.directory().lags().await?;
    let (inbox_lag, delivery_lag) = (lags.inbox.as_secs(), lags.delivery.as_secs());
    let frame = Frame::new("Overview", "/");
    Ok(page(StatusCode::OK, &Overview { frame, has_unknown, held, inbox_lag, delivery_lag, replicas }))
}

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
