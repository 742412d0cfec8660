//! The files that the pages load.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::world::World;

pub(super) fn routes() -> Router<World> {
    let css = "text/css; charset=utf-8";
    let script = "text/javascript; charset=utf-8";
    Router::new()
        .route("/assets/sandbox.css", get(|| file(css, include_str!("../../assets/sandbox.css"))))
        .route("/assets/icon.svg", get(|| file("image/svg+xml", include_str!("../../assets/icon.svg"))))
        .route("/assets/frame.js", get(|| file(script, include_str!("../../assets/frame.js"))))
        .route("/assets/adopt.js", get(|| file(script, include_str!("../../assets/adopt.js"))))
}

/// The next sandbox on the same port may have other files.
async fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
