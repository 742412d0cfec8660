//! The routes, and the document that describes them: one list, so that they cannot differ.

mod accounts;
mod audit;
pub(crate) mod calls;
mod contract;
mod endpoints;
mod envelopes;
mod erasure;
mod events;
mod returns;
mod service;
mod sign_ins;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{InfoBuilder, License, OpenApi, OpenApiBuilder, SecurityRequirement};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gateway::Gateway;
use crate::problem::Problem;

const ABOUT: &str = "One HTTP interface over e-signature vendors. `retry` in a problem says whether to repeat a \
    request; the status alone does not. Replies may get more members; requests with unknown members are refused.";

/// The routes and their document.
fn described() -> (Router<Gateway>, OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(head())
        .routes(routes!(envelopes::list_recipients))
        .routes(routes!(envelopes::create_view))
        .routes(routes!(envelopes::resend))
        .routes(routes!(envelopes::change_access_code))
        .routes(routes!(envelopes::unlock))
        .routes(routes!(envelopes::plan))
        .routes(routes!(accounts::list_accounts, accounts::create_account))
        .routes(routes!(accounts::get_account, accounts::change_account, accounts::delete_account))
        .routes(routes!(accounts::get_allowance))
        .routes(routes!(audit::list_audit))
        .routes(routes!(erasure::erase_envelope))
        .routes(routes!(erasure::erase_recipient))
        .routes(routes!(accounts::check_account))
        .routes(routes!(sign_ins::start_sign_in, sign_ins::finish_sign_in, sign_ins::sign_out))
        .routes(routes!(calls::list_calls))
        .routes(routes!(calls::get_call))
        .routes(routes!(calls::resolve_call))
        .routes(routes!(events::list_events))
        .routes(routes!(events::get_webhook_text))
        .routes(routes!(events::receive_webhook))
        .routes(routes!(returns::follow_return))
        .routes(routes!(endpoints::list_endpoints, endpoints::create_endpoint))
        .routes(routes!(endpoints::get_endpoint, endpoints::change_endpoint, endpoints::delete_endpoint))
        .routes(routes!(endpoints::rotate_secret))
        .routes(routes!(endpoints::test_endpoint))
        .routes(routes!(endpoints::list_deliveries))
        .routes(routes!(endpoints::replay_events))
        .routes(routes!(service::list_vendors))
        .routes(routes!(service::live))
        .routes(routes!(service::ready))
        .split_for_parts();
    contract::complete(&mut document);
    (router, document)
}

fn head() -> OpenApi {
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    let info = InfoBuilder::new()
        .title("Countersign gateway")
        .version("1")
        .description(Some(ABOUT))
        .license(Some(license));
    let mut head = OpenApiBuilder::new().info(info).build();
    head.security = Some(vec![SecurityRequirement::new("key", Vec::<String>::new())]);
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    head.components.get_or_insert_default().security_schemes.insert("key".to_owned(), scheme.into());
    head
}

/// The OpenAPI document, as served at `/openapi.json`.
#[must_use]
pub fn document() -> OpenApi {
    described().1
}

/// All routes, without the layers around them.
pub(crate) fn router(gateway: Gateway) -> Router {
    let (router, document) = described();
    // The document never changes while the process runs, and serializing it cannot fail.
    let text = document.to_pretty_json().unwrap_or_default();
    let shown = move || {
        let json = ([(axum::http::header::CONTENT_TYPE, "application/json")], text.clone());
        async move { json.into_response() }
    };
    router
        .route("/openapi.json", axum::routing::get(shown))
        .fallback(|| async {
            let (detail, hint) = ("there is no such route", "see /openapi.json");
            Problem::new(StatusCode::NOT_FOUND, "route_not_found", detail, hint)
        })
        .method_not_allowed_fallback(|| async {
            let (detail, hint) = ("the route has no such method", "see /openapi.json");
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail, hint)
        })
        .with_state(gateway)
}
