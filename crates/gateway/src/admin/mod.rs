//! What the operator sees: pages on a listener of their own, which tenants cannot reach.

mod figures;
mod guard;
mod page;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

pub use guard::AdminAccess;

use crate::gateway::Gateway;
use page::{Frame, MessagePage, page};

/// The routes of the admin listener, behind their guard.
pub(crate) fn router(gateway: Gateway, access: AdminAccess) -> Router {
    // From now on there are figures; without this listener, keeping them would be of no use.
    crate::metrics::installed();
    Router::new()
        .route("/", get(index))
        .route("/assets/admin.css", get(style))
        .route("/metrics", get(figures::figures))
        .fallback(|| async { missing() })
        .with_state(gateway)
        .layer(from_fn(page::harden))
        .layer(from_fn_with_state(access, guard::guard))
}

async fn index() -> Response {
    let text = "There is nothing to do.".to_owned();
    page(StatusCode::OK, &MessagePage { frame: Frame::new("Overview"), text })
}

async fn style() -> Response {
    let css = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (css, include_str!("../../assets/admin.css")).into_response()
}

fn missing() -> Response {
    let text = "There is no such page.".to_owned();
    page(StatusCode::NOT_FOUND, &MessagePage { frame: Frame::new("Not found"), text })
}
