//! The HTML pages: the signing page of every link, the inbox, and the console.

mod console;
mod inbox;
mod signing;

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::handle::World;

pub(crate) fn routes() -> Router<World> {
    let css = "text/css; charset=utf-8";
    let script = "text/javascript; charset=utf-8";
    Router::new()
        .merge(signing::routes())
        .route("/assets/sandbox.css", get(|| file(css, include_str!("../../assets/sandbox.css"))))
        .route("/assets/icon.svg", get(|| file("image/svg+xml", include_str!("../../assets/icon.svg"))))
        .route("/assets/frame.js", get(|| file(script, include_str!("../../assets/frame.js"))))
        .route("/assets/ping.js", get(|| file(script, include_str!("../../assets/ping.js"))))
        .route("/assets/adopt.js", get(|| file(script, include_str!("../../assets/adopt.js"))))
}

/// The next sandbox on the same port may have other files.
async fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}

/// The console and the inbox; not for pages of other sites.
pub(crate) fn steering() -> Router<World> {
    inbox::routes().merge(console::routes())
}

/// Whether a path belongs to the console, the inbox or the control API. Faults do not affect it.
pub(crate) fn is_for_watching(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    matches!(first, "" | "console" | "inbox" | "outbox" | "assets")
}
