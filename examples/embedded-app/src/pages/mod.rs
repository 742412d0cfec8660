//! The pages, and the addresses they stand at.

mod back;
mod contract;
mod list;
mod sign;
mod told;
mod unlock;

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use countersign_sandbox::is_own_request;

use crate::app::App;
use crate::contracts::Contract;
use crate::known::Known;
use crate::words;

pub(crate) fn router(app: App) -> Router {
    let back = format!("{}/{{token}}", app.routes().path());
    Router::new()
        .route("/", get(list::show))
        .route("/contracts/{account}/{envelope}", get(contract::show))
        .route("/contracts/{account}/{envelope}/ask", post(contract::ask))
        .route("/contracts/{account}/{envelope}/sign", post(sign::sign))
        .route("/contracts/{account}/{envelope}/message", post(back::message))
        .route("/contracts/{account}/{envelope}/after/{outcome}", get(back::after))
        .route(&back, get(back::back))
        .route("/support", get(list::support))
        .route("/support/ask", post(list::ask))
        .route("/support/{account}/{envelope}/unlock", post(unlock::unlock))
        .route("/style.css", get(|| async { asset("text/css", include_str!("../../assets/style.css")) }))
        .route("/frame.js", get(|| async { asset("text/javascript", include_str!("../../assets/frame.js")) }))
        .fallback(|| async { missing() })
        .layer(from_fn(own_requests))
        // Checked by their signatures, wherever they come from.
        .route("/webhooks/{account}", post(told::take))
        .with_state(app)
}

/// No page of another site presses a button here, or reads a page under a name that resolves to this machine.
async fn own_requests(request: Request, next: Next) -> Response {
    match is_own_request(request.headers(), &[]) {
        true => next.run(request).await,
        false => (StatusCode::FORBIDDEN, "This application is for this machine only.\n").into_response(),
    }
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// A page. No cache keeps it, no other site learns its address, and no other site puts it into a frame.
fn page(status: StatusCode, template: &impl Template) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 4] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (
            header::CONTENT_SECURITY_POLICY,
            // The vendor's page may stand in a frame of ours, wherever it is; forms lead to it as well.
            HeaderValue::from_static(
                "default-src 'self'; img-src 'self' data:; frame-src http: https:; frame-ancestors 'self'; base-uri 'none'; object-src 'none'",
            ),
        ),
    ];
    match template.render() {
        Ok(html) => (status, HEADERS, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "note.html")]
struct Note<'a> {
    sandbox: &'a str,
    heading: &'a str,
    text: &'a str,
    /// Further addresses, with their names.
    links: Vec<(String, &'a str)>,
}

fn note(
    app: Option<&App>,
    status: StatusCode,
    heading: &str,
    text: &str,
    links: Vec<(String, &str)>,
) -> Response {
    let sandbox = app.map_or("", App::sandbox_url);
    page(status, &Note { sandbox, heading, text, links })
}

fn missing() -> Response {
    let text = "This address leads nowhere. Perhaps it was mistyped.";
    note(None, StatusCode::NOT_FOUND, "There is no such page", text, Vec::new())
}

/// A contract as lists show it.
struct Row {
    id: String,
    path: String,
    title: String,
    signer: String,
    code: Option<String>,
    badge: &'static str,
    tone: &'static str,
    locked: bool,
    can_sign: bool,
}

impl Row {
    fn new(at: usize, contract: &Contract, known: &Known) -> Self {
        let (badge, tone) = words::badge(known);
        Self {
            id: format!("contract-{}-{at}", contract.account),
            path: contract.path(),
            title: contract.title.clone(),
            signer: contract.signer_name.clone(),
            code: contract.access_code.clone().filter(|_| !known.has_new_code),
            badge,
            tone,
            locked: known.is_locked(),
            can_sign: !known.is_final(),
        }
    }
}
