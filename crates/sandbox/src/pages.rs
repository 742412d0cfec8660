//! Pages for people: the signing page behind every link, everybody's inbox, and the console.

mod assets;
mod console;
mod inbox;
mod signing;
mod words;

use askama::{DynTemplate, Template};
use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::world::{Framing, World};

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .merge(signing::routes())
        .merge(inbox::routes())
        .merge(console::routes())
        .merge(assets::routes())
}

/// Whether a path is one from which people watch and steer the sandbox. Faults leave it alone.
pub(crate) fn is_for_watching(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(first, "" | "console" | "inbox" | "outbox" | "assets")
}

/// What may be loaded: the sandbox's own files and nothing else. Where forms lead is left free, since a signing page
/// goes back to the application.
const OWN_FILES: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'";

/// A field of a form that has to be filled in otherwise.
pub(crate) struct Problem {
    pub(crate) field: String,
    pub(crate) text: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }
}

/// A page that no other page may frame.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    let nobody = Framing { ancestors: Some(Vec::new()), x_frame_options: None };
    framed_page(status, template, &nobody, "same-origin")
}

/// A page that may be framed as the application has asked.
fn framed_page(
    status: StatusCode,
    template: &dyn DynTemplate,
    framing: &Framing,
    referrer: &'static str,
) -> Response {
    let html = match template.dyn_render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut policy = OWN_FILES.to_owned();
    if let Some(ancestors) = &framing.ancestors {
        let ancestors = if ancestors.is_empty() { "'none'".to_owned() } else { ancestors.join(" ") };
        policy.push_str(&format!("; frame-ancestors {ancestors}"));
    }
    // Pages hold links and names: no cache may keep them.
    let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response();
    set(&mut response, header::CONTENT_SECURITY_POLICY, &policy);
    set(&mut response, header::REFERRER_POLICY, referrer);
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(value) = &framing.x_frame_options {
        set(&mut response, header::X_FRAME_OPTIONS, value);
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
