//! What the operator sees: pages on a listener of their own, which tenants cannot reach.

mod accounts;
mod calls;
mod endpoints;
mod guard;
mod overview;
mod page;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

pub use guard::AdminAccess;

use crate::gateway::Gateway;
use page::{Admin, Failure};

/// The routes of the admin listener, behind their guard.
pub(crate) fn router(gateway: Gateway, access: AdminAccess) -> Router {
    // From now on there are figures; without this listener, keeping them would be of no use.
    crate::metrics::installed();
    let form_token = uuid::Uuid::new_v4().simple().to_string().into();
    Router::new()
        .route("/", get(overview::show))
        .route("/calls", get(calls::list))
        .route("/calls/{tenant}/{call}", get(calls::show).post(calls::resolve))
        .route("/accounts", get(accounts::tenants))
        .route("/accounts/{tenant}", get(accounts::of_tenant))
        .route("/accounts/{tenant}/endpoints/{endpoint}", get(endpoints::show).post(endpoints::replay))
        .route("/assets/admin.css", get(style))
        .route("/metrics", get(overview::figures))
        .fallback(|| async { Failure::missing("page") })
        .method_not_allowed_fallback(|| async {
            Failure {
                status: StatusCode::METHOD_NOT_ALLOWED,
                text: "This page takes no such request.".to_owned(),
            }
        })
        .with_state(Admin { gateway, form_token })
        .layer(from_fn(page::harden))
        .layer(from_fn_with_state(access, guard::guard))
}

async fn style() -> Response {
    let css = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (css, include_str!("../../assets/admin.css")).into_response()
}
