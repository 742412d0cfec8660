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

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::{Query, decode, name_the_charset};
use super::meter::{Reading, Verdict};
use super::played::{Answering, Configuration, Played, SignIn, Targets, WRONG_KEY, with_client, with_key};
use crate::render::set;
use crate::secret::Secret;
use crate::world::{Event, Live, Vendor, after};
pub(crate) use account::Account;
pub use account::{BoldsignAccess, BoldsignSettings, RateLimits};
use call::{Answer, ApiError, Call, Done, KNOWN};

const HOUR: i64 = 3_600;

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::BOLDSIGN
    }

    fn answer<'a>(&'a self, live: &'a Live, _: &'a dyn Targets, parts: Parts, body: Bytes) -> Answering<'a> {
        Box::pin(async move { self.respond(live, &parts, &body).await })
    }

    fn too_large(&self) -> Response {
        ApiError::plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.").into_response()
    }

    fn access(&self) -> Value {
        json!(self.access)
    }

    /// The other account is one of another region.
    fn configuration(&self, sign_in: SignIn) -> Option<Configuration> {
        let access = self.access.clone();
        let base_url = if sign_in == SignIn::Other { &access.eu_base_url } else { &access.base_url };
        let mut rows = match sign_in {
            SignIn::Own | SignIn::Other => with_key("boldsign", base_url, access.api_key),
            SignIn::Refused => with_key("boldsign", base_url, WRONG_KEY),
            SignIn::Application => with_client("boldsign", base_url, "client_credentials", access.client_id),
            SignIn::Person | SignIn::PersonWithoutSecret => {
                with_client("boldsign", base_url, "authorization_code", access.client_id)
            }
            SignIn::Token => return None,
        };
        if matches!(sign_in, SignIn::Application | SignIn::Person) {
            rows.push(("auth.client_secret", access.client_secret));
        }
        rows.insert(2, ("oauth_url", access.oauth_url.into()));
        Some(rows)
    }

    fn public_access(&self) -> Vec<(&'static str, String)> {
        vec![
            ("API", format!("{}/v1", self.access.base_url)),
            ("Sender", self.access.sender_email.clone()),
            ("OAuth client", self.access.client_id.clone()),
        ]
    }

    fn issue_token(&self, now: Timestamp) -> Secret {
        Secret::new(self.tokens().issue("BoldSign.Documents.All".to_owned(), after(now, HOUR)))
    }

    fn revoke_tokens(&self) {
        self.tokens().revoke_all();
    }

    fn message(&self, event: &Event, name: &str, stamp: Timestamp, _: bool) -> Value {
        webhook::message(event, name, stamp, self.settings().webhook_context)
    }

    fn headers(
        &self,
        event: &str,
        secrets: &[Secret],
        stamp: Timestamp,
        body: &str,
    ) -> Vec<(String, String)> {
        let mut headers = vec![webhook::event_header(event)];
        headers.extend(webhook::signature(secrets, stamp, body.as_bytes()));
        headers
    }

    fn endpoint_check(&self, stamp: Timestamp) -> Option<(Vec<(String, String)>, Value)> {
        Some((vec![webhook::event_header(webhook::VERIFICATION)], webhook::verification(stamp)))
    }
}

impl Account {
    async fn respond(&self, live: &Live, parts: &Parts, body: &Bytes) -> Response {
        let segments: Vec<String> =
            parts.uri.path().split('/').skip(1).map(|segment| decode(segment).to_ascii_lowercase()).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let query = Query::parse(parts.uri.query());
        let call = Call { live, account: self, query, headers: &parts.headers, body };
        let (region, route) = match segments.as_slice() {
            ["regions", region, "v1", route @ ..] => (*region, route),
            ["v1", route @ ..] => ("us", route),
            ["connect", rest @ ..] => return oauth::handle(&call, &parts.method, rest),
            _ => return StatusCode::NOT_FOUND.into_response(),
        };
        let Some(admission) = account::admitted(self, live, region, &parts.headers) else {
            return ApiError::plain(StatusCode::UNAUTHORIZED, "Unauthorized").into_response();
        };
        let reading = self.count(live.now());
        let answer = match reading.verdict {
            Verdict::Fine if !admission.covers(parts.method.as_str(), route) => {
                Err(ApiError::forbidden("The token's scopes do not cover this call."))
            }
            Verdict::Fine => dispatch(&call, parts.method.as_str(), route).await,
            _ => return refused(self.settings().rate_limits, &reading, live.now()),
        };
        let mut response = match answer {
            Ok(Done::Empty) => StatusCode::NO_CONTENT.into_response(),
            Ok(Done::Nothing) => StatusCode::OK.into_response(),
            Ok(Done::Json(status, body)) => (status, axum::Json(body)).into_response(),
            Err(error) => error.into_response(),
        };
        tell(self.settings().rate_limits, &reading, &mut response);
        name_the_charset(&mut response);
        response
    }
}

/// Route names are matched without regard to case (inferred: all spellings are in use).
async fn dispatch(call: &Call<'_>, method: &str, route: &[&str]) -> Answer {
    match (method, route) {
        ("POST", ["document", "send"]) => send::send(call).await,
        ("GET", ["document", "properties"]) => documents::get(call),
        ("GET", ["document", "list"]) => documents::list(call),
        ("POST", ["document", "revoke"]) => documents::revoke(call),
        ("GET", ["document", "getembeddedsignlink"]) => link::get(call),
        ("POST", ["document", "remind"]) => documents::remind(call),
        ("PATCH", ["document", "changeaccesscode"]) => codes::change(call),
        ("PATCH", ["document", "addauthentication"]) => codes::add(call),
        ("PATCH", ["document", "removeauthentication"]) => codes::remove(call),
        ("GET", ["brand", "list"]) => Ok(Done::Json(StatusCode::OK, json!({"result": []}))),
        _ => {
            let segments: Vec<&str> = ["v1"].iter().chain(route).copied().collect();
            match KNOWN.has_route(method, &segments) {
                true => Err(ApiError::not_played("this route")),
                false => Err(ApiError::plain(StatusCode::NOT_FOUND, "Not Found")),
            }
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
