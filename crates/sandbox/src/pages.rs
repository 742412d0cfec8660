//! Pages for people: the signing page behind every link, the outbox, and what is running.

mod overview;
mod signing;

use askama::Template;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::world::World;

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/", get(overview::index))
        .route("/outbox", get(overview::outbox))
        .route("/sign/{token}", get(signing::open))
        .route("/session/{id}", get(signing::show).post(signing::act))
}

/// Pages hold links and names: no cache may keep them.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
