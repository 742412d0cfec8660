//! BoldSign API v1, as far as signing links, reminders, access codes and recipients need it.

mod account;
mod call;
mod codes;
mod documents;
mod link;
mod oauth;
mod send;
mod show;
mod signers;
mod webhook;

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Call;
use super::call::answer;
use super::fields::name_the_charset;
use super::meter::{Reading, Window};
use super::played::{Attempt, Played};
use crate::render::set;
use crate::secret::Secret;
use crate::webhooks::WebhookRequest;
use crate::world::{Event, Vendor, after};
pub(crate) use account::Account;
pub use account::{BoldsignAccess, BoldsignSettings, RateLimits};
use call::{Answer, ApiError, KNOWN};

const HOUR: i64 = 3_600;

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::BOLDSIGN
    }

    fn answer(&self, call: &Call<'_>) -> Response {
        let segments: Vec<String> =
            call.segments().iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (region, route) = match segments.as_slice() {
            ["regions", region, "v1", route @ ..] => (*region, route),
            ["v1", route @ ..] => ("us", route),
            ["connect", rest @ ..] => return oauth::handle(self, call, rest),
            _ => return StatusCode::NOT_FOUND.into_response(),
        };
        let Some(admission) = account::admitted(self, call, region) else {
            return ApiError::plain(StatusCode::UNAUTHORIZED, "Unauthorized").into_response();
        };
        let BoldsignSettings { hourly_limit, rate_limits, .. } = *self.settings();
        let limits = [(Window::OfTheClock(HOUR), hourly_limit)];
        let [reading] = self.count("calls", call.live.now(), limits);
        if reading.is_over {
            return refused(rate_limits, &reading, call.live.now());
        }
        let answer = match admission.covers(call.method(), route) {
            true => dispatch(self, call, route),
            false => Err(ApiError::forbidden("The token's scopes do not cover this call.")),
        };
        let mut response = answer.into_response();
        tell(rate_limits, &reading, &mut response);
        name_the_charset(&mut response);
        response
    }

    fn too_large(&self) -> Response {
        ApiError::plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.").into_response()
    }

    fn issue_token(&self, now: Timestamp) -> Secret {
        self.tokens().token("BoldSign.Documents.All", after(now, HOUR)).into()
    }

    fn message(&self, event: &Event, name: &str, stamp: Timestamp, _: bool) -> Value {
        webhook::message(event, name, stamp, self.settings().webhook_context)
    }

    fn sign(&self, request: &mut WebhookRequest, attempt: &Attempt<'_>) {
        webhook::sign(request, attempt);
    }

    fn endpoint_check(&self, stamp: Timestamp) -> Option<(Vec<(String, String)>, Value)> {
        Some((vec![webhook::event_header(webhook::VERIFICATION)], webhook::verification(stamp)))
    }
}

/// Route names are matched without regard to case (inferred: all spellings are in use).
fn dispatch(account: &Account, call: &Call<'_>, route: &[&str]) -> Answer {
    match (call.method(), route) {
        ("POST", ["document", "send"]) => send::send(account, call),
        ("GET", ["document", "properties"]) => documents::get(call),
        ("GET", ["document", "list"]) => documents::list(call),
        ("POST", ["document", "revoke"]) => documents::revoke(call),
        ("GET", ["document", "getembeddedsignlink"]) => link::get(call),
        ("POST", ["document", "remind"]) => documents::remind(call),
        ("PATCH", ["document", "changeaccesscode"]) => codes::change(call),
        ("PATCH", ["document", "addauthentication"]) => codes::add(call),
        ("PATCH", ["document", "removeauthentication"]) => codes::remove(call),
        ("GET", ["brand", "list"]) => answer(StatusCode::OK, json!({"result": []})),
        _ => {
            let unknown = ApiError::plain(StatusCode::NOT_FOUND, "Not Found");
            Err(KNOWN.missing(call.method(), &[&["v1"], route].concat(), unknown))
        }
    }
}

/// Reports the limits after a call.
fn tell(form: RateLimits, reading: &Reading, response: &mut Response) {
    let remaining = reading.remaining.to_string();
    let (names, values) = match form {
        RateLimits::Recorded => (
            ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
            ["1h".to_owned(), remaining, iso(reading.reset)],
        ),
        RateLimits::Documented => (
            ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
            [reading.limit.to_string(), remaining, reading.reset.to_string()],
        ),
        RateLimits::Untold => return,
    };
    for (name, value) in names.into_iter().zip(values) {
        set(response, HeaderName::from_static(name), &value);
    }
}

/// The answer to a call beyond the limit.
fn refused(form: RateLimits, reading: &Reading, now: Timestamp) -> Response {
    let text = |per: &str| format!("API calls quota exceeded! maximum admitted {} per {per}.", reading.limit);
    let status = StatusCode::TOO_MANY_REQUESTS;
    if form == RateLimits::Recorded {
        let wait = (reading.reset - now.as_second()).max(1).to_string();
        return (
            status,
            [(header::RETRY_AFTER, wait), (header::CONTENT_TYPE, "text/plain".to_owned())],
            text("1h"),
        )
            .into_response();
    }
    let mut response = ApiError::plain(status, text("Hour")).into_response();
    tell(form, reading, &mut response);
    response
}

/// With seven digits of a second, as .NET writes them.
fn iso(second: i64) -> String {
    let at = Timestamp::from_second(second).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S.0000000Z").to_string()
}
