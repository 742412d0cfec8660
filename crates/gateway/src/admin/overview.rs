//! The first page: what waits for the operator, and which replicas run.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::page::{Failure, Frame, page, time};
use super::state::Admin;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct Overview {
    frame: Frame,
    has_unknown: bool,
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
    let replicas = admin.gateway.directory().replicas().await?;
    let shown =
        |one: crate::directory::Replica| Replica { id: one.id, version: one.version, seen: time(one.at) };
    let replicas = replicas.into_iter().map(shown).collect();
    let lags = admin.gateway.directory().lags().await?;
    let (inbox_lag, delivery_lag) = (lags.inbox.as_secs(), lags.delivery.as_secs());
    let frame = Frame::new("Overview", "/");
    Ok(page(StatusCode::OK, &Overview { frame, has_unknown, inbox_lag, delivery_lag, replicas }))
}
