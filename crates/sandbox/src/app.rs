//! All routes of the one listener.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};

use crate::vendors::{self, Vendor, boldsign, docusign};
use crate::world::World;
use crate::{control, faults, pages, webhooks};

/// The control API, the pages, and the vendors, whose own rules of path matching are not axum's.
pub(crate) fn router(world: World) -> Router {
    Router::new()
        .merge(control::routes())
        .merge(webhooks::routes())
        .merge(pages::routes())
        .fallback(vendor)
        .layer(from_fn_with_state(world.clone(), faults::watch))
        .with_state(world)
}

async fn vendor(State(world): State<World>, request: Request) -> Response {
    match vendors::of_path(request.uri().path()) {
        Some(Vendor::Docusign) => docusign::handle(world, request).await,
        Some(Vendor::Boldsign) => boldsign::handle(world, request).await,
        None => (StatusCode::NOT_FOUND, "The sandbox has no such page.\n").into_response(),
    }
}
