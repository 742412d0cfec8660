//! BoldSign API v1 as far as signing links, reminders, access codes and recipients need it.

mod access_code;
mod authentication;
mod body;
mod documents;
mod error;
mod link;
mod oauth;
mod properties;
mod remind;
mod send;
mod signers;
mod webhook;

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::code_grant::Grants;
use super::fields::Object;
use super::{Attempt, Query, decode};
use crate::meter::{Meter, Verdict};
use crate::world::{Ending, LinkLife, Policy, World, lock};
use error::ApiError;
pub(crate) use webhook::{SENDER_ID, document_of};

const DAY: i64 = 86_400;

/// BoldSign's rules; `rules.rs` has the evidence for each.
pub(crate) const POLICY: Policy = Policy {
    attempts: 3,
    code_ignores_case: false,
    new_code_unlocks: true,
    resend_unlocks: false,
    order_always_enforced: false,
    view_link: LinkLife { seconds: 180 * DAY, openings: None },
    mail_link: LinkLife { seconds: 180 * DAY, openings: None },
    resend_kills_mail_links: false,
    session_idle: DAY,
    copies_wait_their_turn: false,
    reminders_per_day: Some(1),
    signers_may_reassign: true,
    envelope_life: Some(60 * DAY),
};

/// Documents come in the body.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Tokens and limits of the one account.
#[derive(Default)]
pub(crate) struct Office {
    meter: Meter,
    tokens: HashMap<String, Token>,
    grants: Grants,
}

impl Office {
    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }
}

/// What an OAuth token is good for, and how long.
#[derive(Clone)]
struct Token {
    scope: String,
    until: Timestamp,
}

/// With what a call was let in.
enum Admission {
    /// The key, or the token that may do everything.
    Full,
    Scopes(String),
}

/// A call that has been let in.
struct Call<'a> {
    world: &'a World,
    query: Query,
    headers: &'a HeaderMap,
    body: Bytes,
}

/// Status and body of a success.
enum Done {
    Empty,
    Json(StatusCode, Value),
}

type Answer = Result<Done, ApiError>;

pub(crate) async fn handle(world: World, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return ApiError::plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large.").into_response();
    };
    let segments: Vec<String> =
        parts.uri.path().split('/').skip(1).map(|segment| decode(segment).to_ascii_lowercase()).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (region, route) = match segments.as_slice() {
        ["regions", region, "v1", route @ ..] => (*region, route),
        ["v1", route @ ..] => ("us", route),
        ["connect", rest @ ..] => return oauth::handle(&world, &parts, rest, &body),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Some(admission) = admitted(&world, region, &parts.headers) else {
        return ApiError::plain(StatusCode::UNAUTHORIZED, "Unauthorized").into_response();
    };
    let limit = world.settings().boldsign_hourly_limit;
    let now = world.now();
    let reading = lock(&world.shared.boldsign).meter.count(now, limit, u32::MAX);
    let call = Call { world: &world, query: Query::parse(parts.uri.query()), headers: &parts.headers, body };
    let answer = match reading.verdict {
        Verdict::Fine if !admission.covers(parts.method.as_str(), route) => {
            Err(ApiError::forbidden("The token's scopes do not cover this call."))
        }
        Verdict::Fine => dispatch(&call, parts.method.as_str(), route).await,
        _ => Err(ApiError::plain(
            StatusCode::TOO_MANY_REQUESTS,
            format!("API calls quota exceeded! maximum admitted {limit} per Hour."),
        )),
    };
    let mut response = match answer {
        Ok(Done::Empty) => StatusCode::NO_CONTENT.into_response(),
        Ok(Done::Json(status, body)) => (status, axum::Json(body)).into_response(),
        Err(error) => error.into_response(),
    };
    for (name, value) in [
        ("x-ratelimit-limit", i64::from(reading.limit)),
        ("x-ratelimit-remaining", i64::from(reading.remaining)),
        ("x-ratelimit-reset", reading.reset),
    ] {
        response.headers_mut().insert(name, HeaderValue::from(value));
    }
    response
}

/// The key of the account's own region, or a token. Both are worthless in any other region.
fn admitted(world: &World, region: &str, headers: &HeaderMap) -> Option<Admission> {
    if region != "us" {
        return None;
    }
    let access = &world.shared.access.boldsign;
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if header("x-api-key") == Some(access.api_key.expose()) {
        return Some(Admission::Full);
    }
    let (scheme, token) = header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    if token.trim() == access.bearer_token.expose() {
        return Some(Admission::Full);
    }
    let now = world.now();
    let office = lock(&world.shared.boldsign);
    let token = office.tokens.get(token.trim()).filter(|token| now < token.until)?;
    Some(Admission::Scopes(token.scope.clone()))
}

impl Admission {
    /// Scopes are judged loosely: by the first word of the route, and by reading or writing.
    fn covers(&self, method: &str, route: &[&str]) -> bool {
        let Self::Scopes(scopes) = self else { return true };
        let area = match route.first() {
            Some(&"document") => "BoldSign.Documents",
            Some(&"brand") => "BoldSign.Brands",
            _ => return true,
        };
        let does: &[&str] = match (method, route) {
            ("GET", _) => &["All", "Read"],
            (_, [_, "send"]) => &["All", "Create"],
            _ => &["All", "Write"],
        };
        scopes
            .split_whitespace()
            .any(|scope| scope.rsplit_once('.').is_some_and(|(of, may)| of == area && does.contains(&may)))
    }
}

/// Route names are matched without regard to case (inferred: all spellings are in use).
async fn dispatch(call: &Call<'_>, method: &str, route: &[&str]) -> Answer {
    match (method, route) {
        ("POST", ["document", "send"]) => send::send(call).await,
        ("GET", ["document", "properties"]) => properties::get(call),
        ("GET", ["document", "list"]) => documents::list(call),
        ("POST", ["document", "revoke"]) => documents::revoke(call),
        ("GET", ["document", "getembeddedsignlink"]) => link::get(call),
        ("POST", ["document", "remind"]) => remind::remind(call),
        ("PATCH", ["document", "changeaccesscode"]) => access_code::change(call),
        ("PATCH", ["document", "addauthentication"]) => authentication::add(call),
        ("PATCH", ["document", "removeauthentication"]) => authentication::remove(call),
        ("GET", ["brand", "list"]) => Ok(Done::Json(StatusCode::OK, serde_json::json!({"result": []}))),
        _ => Err(ApiError::plain(StatusCode::NOT_FOUND, "Not Found")),
    }
}

/// Where the browser goes after signing or declining: the document's id is added with a question mark, even
/// if there is one already (seen by integrators). After anything else the page stays.
pub(crate) fn return_url(url: &str, document: &str, ending: Ending) -> Option<String> {
    matches!(ending, Ending::Signed | Ending::OnlyViewed | Ending::Declined)
        .then(|| format!("{url}?documentId={document}"))
}

/// The vendor's word for the framing page, if it has one for this (page about embedding a sign link in an iframe).
pub(crate) fn frame_message(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::Signed | Ending::OnlyViewed => Some("onDocumentSigned"),
        Ending::Declined => Some("onDocumentDeclined"),
        Ending::Reassigned => Some("onDocumentReassigned"),
        Ending::FinishedLater
        | Ending::LinkUsedUp
        | Ending::SessionTimeout
        | Ending::CodeFailed
        | Ending::IdCheckFailed
        | Ending::Exception
        | Ending::FaxPending => None,
    }
}

/// The same for what did not work.
pub(crate) fn frame_failure(attempt: Attempt) -> &'static str {
    match attempt {
        Attempt::Sign => "onDocumentSigningFailed",
        Attempt::Decline => "onDocumentDecliningFailed",
        Attempt::Reassign => "onDocumentReassigningFailed",
    }
}

/// The identity on whose behalf a document was sent must be named again by calls that change it.
fn check_behalf(env: &crate::world::Envelope, body: &Object) -> Result<(), ApiError> {
    let wanted = env.extra.get("onBehalfOf").and_then(Value::as_str);
    let given = super::fields::filled(body, "onBehalfOf");
    match wanted {
        Some(wanted) if given.as_deref().is_none_or(|given| !given.eq_ignore_ascii_case(wanted)) => {
            Err(ApiError::forbidden("Forbidden"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_id_is_added_with_a_second_question_mark() {
        let back = |ending| return_url("https://app.example/?a=1", "d", ending);
        assert_eq!(back(Ending::Signed).as_deref(), Some("https://app.example/?a=1?documentId=d"));
        assert_eq!(back(Ending::FinishedLater), None);
    }
}
