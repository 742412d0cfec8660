//! Renders the pages. They need no script, and load only their own stylesheet.

use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRef, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use countersign::{Error, Timestamp};
use subtle::ConstantTimeEq as _;

use crate::gateway::Gateway;
use crate::problem::Problem;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(super) gateway: Gateway,
    /// Forms bring it along: other sites cannot read it. New with each process.
    pub(super) form_token: Arc<str>,
}

impl Admin {
    /// Refuses a form that is not from a page of this process.
    pub(super) fn check_token(&self, token: &str) -> Result<(), Failure> {
        if bool::from(token.as_bytes().ct_eq(self.form_token.as_bytes())) {
            return Ok(());
        }
        Err(Failure::again("The form is from before the last start of the gateway. Open the page again."))
    }
}

impl FromRef<Admin> for Gateway {
    fn from_ref(admin: &Admin) -> Self {
        admin.gateway.clone()
    }
}

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The pages in the navigation: path and name.
const PAGES: [(&str, &str); 3] = [("/", "Overview"), ("/calls", "Unknown calls"), ("/accounts", "Accounts")];

/// What all pages share.
pub(super) struct Frame {
    pub(super) title: String,
    /// The path of the page in the navigation.
    pub(super) at: &'static str,
    pub(super) pages: [(&'static str, &'static str); 3],
}

impl Frame {
    pub(super) fn new(title: impl Into<String>, at: &'static str) -> Self {
        Self { title: title.into(), at, pages: PAGES }
    }
}

/// A request that was not done, as a page.
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) text: String,
}

#[derive(Template)]
#[template(path = "admin/failure.html")]
struct FailurePage {
    frame: Frame,
    text: String,
}

impl Failure {
    /// A form that has to be filled in again.
    pub(super) fn again(text: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, text: text.to_owned() }
    }

    pub(super) fn missing(what: &str) -> Self {
        Self { status: StatusCode::NOT_FOUND, text: format!("There is no such {what}.") }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, text: format!("{}. Next: {}.", capital(&problem.detail), problem.hint) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        page(self.status, &FailurePage { frame: Frame::new("That did not work", ""), text: self.text })
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// In readable form, to the second.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()
}

pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Pages show names and addresses: no cache keeps them, no other page frames them, no link tells where it is from.
pub(super) async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
