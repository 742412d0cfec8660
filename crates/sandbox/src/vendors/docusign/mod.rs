//! DocuSign eSignature REST API v2.1, as far as signing views, resends, access codes and recipients need it.

mod account;
mod call;
mod create;
mod envelopes;
mod oauth;
mod recipients;
mod show;
mod views;
mod webhook;

use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::Call;
use super::fields::name_the_charset;
use super::meter::Window;
use super::played::{Attempt, Played};
use crate::render::set;
use crate::secret::Secret;
use crate::webhooks::WebhookRequest;
use crate::world::{Event, Vendor, after};
pub(crate) use account::Account;
pub use account::{DocusignAccess, DocusignSettings};
use call::{Answer, ApiError, KNOWN};

const HOUR: i64 = 3_600;

/// The answering node, in the vendor's format.
const NODE: &str = "SB1DFE1";

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::DOCUSIGN
    }

    fn answer(&self, call: &Call<'_>) -> Response {
        let segments = call.segments();
        let mut response = match (call.method(), segments.as_slice()) {
            ("POST", ["oauth", "token"]) => oauth::token(self, call),
            ("GET", ["oauth", "userinfo"]) => oauth::userinfo(self, call),
            ("GET" | "POST", ["oauth", "auth"]) => oauth::authorize(self, call),
            (_, ["oauth", ..] | []) => StatusCode::NOT_FOUND.into_response(),
            (_, [_, rest @ ..]) => api(self, call, rest),
        };
        set(&mut response, HeaderName::from_static("x-docusign-tracetoken"), &self.trace_token());
        set(&mut response, HeaderName::from_static("x-docusign-node"), NODE);
        name_the_charset(&mut response);
        response
    }

    fn too_large(&self) -> Response {
        let mut error = ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST_BODY");
        error.body["message"] = "The request is too large.".into();
        error.into_response()
    }

    fn issue_token(&self, now: Timestamp) -> Secret {
        self.tokens().token("signature", after(now, 8 * HOUR)).into()
    }

    fn message(&self, event: &Event, name: &str, stamp: Timestamp, with_data: bool) -> Value {
        webhook::message(event, name, stamp, &self.access, with_data)
    }

    fn body(&self, message: &Value, failures: usize, shift: i32) -> String {
        webhook::body(message, failures, shift)
    }

    fn sign(&self, request: &mut WebhookRequest, attempt: &Attempt<'_>) {
        webhook::sign(request, attempt.secrets);
    }
}

/// Authorizes a call, routes it, and adds the rate-limit headers.
fn api(account: &Account, call: &Call<'_>, segments: &[&str]) -> Response {
    if let Err(refused) = oauth::check(account, call) {
        return refused.into_response();
    }
    let (hourly, burst) = {
        let settings = account.settings();
        (settings.hourly_limit, settings.burst_limit)
    };
    let limits = [(Window::OfTheClock(HOUR), hourly), (Window::Last(30), burst)];
    let [hour, burst] = account.count("calls", call.live.now(), limits);
    let over = |code| Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, code));
    let answer = match (hour.is_over, burst.is_over) {
        (true, _) => over("HOURLY_APIINVOCATION_LIMIT_EXCEEDED"),
        (_, true) => over("BURST_APIINVOCATION_LIMIT_EXCEEDED"),
        _ => route(account, call, segments),
    };
    let mut response = answer.into_response();
    for (name, value) in [
        ("x-ratelimit-limit", i64::from(hour.limit)),
        ("x-ratelimit-remaining", i64::from(hour.remaining)),
        ("x-ratelimit-reset", hour.reset),
        ("x-burstlimit-limit", i64::from(burst.limit)),
        ("x-burstlimit-remaining", i64::from(burst.remaining)),
    ] {
        set(&mut response, HeaderName::from_static(name), &value.to_string());
    }
    response
}

fn route(account: &Account, call: &Call<'_>, segments: &[&str]) -> Answer {
    let missing =
        || KNOWN.missing(call.method(), segments, ApiError::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"));
    let ["v2.1", "accounts", given, rest @ ..] = segments else { return Err(missing()) };
    check_account(account, given)?;
    match (call.method(), rest) {
        ("POST", ["envelopes"] | ["envelopes", ""]) => create::create(call),
        ("GET", ["envelopes"] | ["envelopes", ""]) => envelopes::list(call),
        // A blank id turns the path into the list of envelopes (docusign-esign-csharp-client issue 89).
        (_, ["envelopes"] | ["envelopes", "", ..]) => Err(envelopes::no_filter()),
        (_, ["envelopes", "status" | "transfer_rules", ..]) => Err(missing()),
        ("GET", ["envelopes", id]) => envelopes::get(call, id),
        ("PUT", ["envelopes", id]) => envelopes::put(call, id),
        ("GET", ["envelopes", id, "recipients"]) => recipients::get(call, id),
        ("PUT", ["envelopes", id, "recipients"]) => recipients::put(call, id),
        ("DELETE", ["envelopes", id, "recipients"]) => recipients::delete(call, id),
        ("POST", ["envelopes", id, "views", "recipient"]) => views::recipient(call, id),
        _ => Err(missing()),
    }
}

fn check_account(own: &Account, account: &str) -> Result<(), ApiError> {
    if account.eq_ignore_ascii_case(&own.access.account_id) || account == oauth::ACCOUNT_NUMBER {
        return Ok(());
    }
    let looks_real = account.len() == 36 || account.chars().all(|c| c.is_ascii_digit());
    Err(match looks_real && !account.is_empty() {
        true => ApiError::bad("USER_LACKS_MEMBERSHIP"),
        false => ApiError::bad("ACCOUNT_DOES_NOT_EXIST_IN_SYSTEM"),
    })
}
