//! DocuSign eSignature REST API v2.1 as far as signing views, resends, access codes and recipients need it.

mod create;
mod envelopes;
mod error;
mod framing;
mod oauth;
mod person;
mod recipients;
mod redirect;
mod time;
mod update;
mod views;

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::code_grant::Grants;
use super::{Query, decode};
use crate::meter::{Meter, Reading, Verdict};
use crate::secret::Secret;
use crate::world::{LinkLife, Policy, World, lock, unguessable};
pub(crate) use envelopes::summary;
use error::ApiError;
pub(crate) use redirect::return_url;
pub(crate) use time::time;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// DocuSign's rules; `rules.rs` has the evidence for each.
pub(crate) const POLICY: Policy = Policy {
    attempts: 3,
    code_ignores_case: true,
    new_code_unlocks: false,
    resend_unlocks: true,
    order_always_enforced: true,
    view_link: LinkLife { seconds: 5 * MINUTE, openings: Some(1) },
    mail_link: LinkLife { seconds: 48 * HOUR, openings: Some(5) },
    resend_kills_mail_links: true,
    session_idle: 20 * MINUTE,
    copies_wait_their_turn: true,
    reminders_per_day: None,
    signers_may_reassign: false,
    envelope_life: None,
};

/// Documents come in the body as base64.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Tokens and limits of the one account.
pub(crate) struct Office {
    tokens: HashMap<String, Timestamp>,
    grants: Grants,
    meter: Meter,
    seed: u64,
    answered: u64,
}

impl Office {
    pub(crate) fn new(seed: u64) -> Self {
        Self { tokens: HashMap::new(), grants: Grants::default(), meter: Meter::default(), seed, answered: 0 }
    }

    pub(crate) fn admit(&mut self, token: &str, until: Timestamp) {
        self.tokens.insert(token.to_owned(), until);
    }

    pub(crate) fn issue(&mut self, until: Timestamp) -> Secret {
        let token = unguessable();
        self.admit(&token, until);
        Secret::new(token)
    }

    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }

    fn admits(&self, token: &str, now: Timestamp) -> bool {
        self.tokens.get(token).is_some_and(|until| now < *until)
    }

    /// Numbers the answers, in the form of the vendor's trace tokens.
    fn trace_token(&mut self) -> String {
        self.answered += 1;
        let seed = self.seed;
        format!("{:08x}-{:04x}-4000-8000-{:012x}", seed >> 32, seed & 0xffff, self.answered)
    }
}

/// A call that has been let in.
struct Call<'a> {
    world: &'a World,
    query: Query,
    headers: &'a HeaderMap,
    body: &'a Bytes,
}

impl Call<'_> {
    /// The body, which must be a JSON object sent as JSON.
    fn object(&self) -> Result<serde_json::Map<String, Value>, ApiError> {
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(|text| {
            text.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        if self.body.is_empty() {
            return Err(ApiError::invalid_body("The request body is missing or improperly formatted."));
        }
        if !is_json {
            return Err(ApiError::bad("INVALID_CONTENT_TYPE", "Content Type specified is not supported."));
        }
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(ApiError::invalid_body(
                "The request body is missing or improperly formatted. Expected an object.",
            )),
            Err(error) => Err(ApiError::invalid_body(format!(
                "The request body is missing or improperly formatted. Not JSON at line {}, column {}.",
                error.line(),
                error.column()
            ))),
        }
    }
}

type Answer = Result<(StatusCode, Value), ApiError>;

pub(crate) async fn handle(world: World, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        return ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "INVALID_REQUEST_BODY",
            "The request is too large.",
        )
        .into_response();
    };
    let path = parts.uri.path();
    let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let mut response = match segments.as_slice() {
        ["oauth", "token"] if parts.method == Method::POST => oauth::token(&world, &parts.headers, &body),
        ["oauth", "userinfo"] if parts.method == Method::GET => oauth::userinfo(&world, &parts.headers),
        ["oauth", "auth"] if parts.method == Method::GET => {
            person::ask(&world, &Query::parse(parts.uri.query()))
        }
        ["oauth", "auth"] if parts.method == Method::POST => person::answer(&world, &body),
        ["oauth", ..] => StatusCode::NOT_FOUND.into_response(),
        [_, rest @ ..] => {
            let query = Query::parse(parts.uri.query());
            let call = Call { world: &world, query, headers: &parts.headers, body: &body };
            api(&call, &parts.method, rest)
        }
        [] => StatusCode::NOT_FOUND.into_response(),
    };
    let token = lock(&world.shared.docusign).trace_token();
    set(&mut response, "x-docusign-tracetoken", &token);
    response
}

/// Lets a call in or not, routes it, and adds the limits' headers.
fn api(call: &Call<'_>, method: &Method, segments: &[&str]) -> Response {
    if let Err(refused) = oauth::check(call.world, call.headers) {
        return refused.into_response();
    }
    let reading = count(call.world);
    let answer = match reading.verdict {
        Verdict::Fine => route(call, method, segments),
        Verdict::HourUsedUp => Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "HOURLY_APIINVOCATION_LIMIT_EXCEEDED",
            "The maximum number of hourly API invocations has been exceeded.",
        )),
        Verdict::BurstUsedUp => Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "BURST_APIINVOCATION_LIMIT_EXCEEDED",
            "The maximum number of burst API invocations has been exceeded.",
        )),
    };
    let mut response = match answer {
        Ok((status, body)) => (status, axum::Json(body)).into_response(),
        Err(error) => error.into_response(),
    };
    for (name, value) in [
        ("x-ratelimit-limit", i64::from(reading.limit)),
        ("x-ratelimit-remaining", i64::from(reading.remaining)),
        ("x-ratelimit-reset", reading.reset),
        ("x-burstlimit-limit", i64::from(reading.burst_limit)),
        ("x-burstlimit-remaining", i64::from(reading.burst_remaining)),
    ] {
        set(&mut response, name, &value.to_string());
    }
    response
}

fn count(world: &World) -> Reading {
    let settings = world.settings();
    let now = world.now();
    lock(&world.shared.docusign).meter.count(
        now,
        settings.docusign_hourly_limit,
        settings.docusign_burst_limit,
    )
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn route(call: &Call<'_>, method: &Method, segments: &[&str]) -> Answer {
    let ["v2.1", "accounts", account, rest @ ..] = segments else { return Err(ApiError::no_such_route()) };
    check_account(call.world, account)?;
    match (method.as_str(), rest) {
        ("POST", ["envelopes"] | ["envelopes", ""]) => create::create(call),
        ("GET", ["envelopes"] | ["envelopes", ""]) if call.query.get("from_date").is_some() => {
            Ok(envelopes::list(call))
        }
        // A blank id turns the path into the list of envelopes (docusign-esign-csharp-client issue 89).
        (_, ["envelopes"] | ["envelopes", "", ..]) => Err(ApiError::bad(
            "INVALID_REQUEST_PARAMETER",
            "The request contained at least one invalid parameter. Query parameter 'from_date' must be set to \
             a valid DateTime, or 'envelope_ids' or 'transaction_ids' must be specified.",
        )),
        ("GET", ["envelopes", id]) => envelopes::get(call, id),
        ("PUT", ["envelopes", id]) => envelopes::put(call, id),
        ("GET", ["envelopes", id, "recipients"]) => recipients::get(call, id),
        ("PUT", ["envelopes", id, "recipients"]) => update::put(call, id),
        ("POST", ["envelopes", id, "views", "recipient"]) => views::recipient(call, id),
        _ => Err(ApiError::no_such_route()),
    }
}

fn check_account(world: &World, account: &str) -> Result<(), ApiError> {
    let own = &world.shared.access.docusign.account_id;
    if account.eq_ignore_ascii_case(own) || account == oauth::ACCOUNT_NUMBER {
        return Ok(());
    }
    let looks_real = account.len() == 36 || account.chars().all(|c| c.is_ascii_digit());
    Err(match looks_real && !account.is_empty() {
        true => ApiError::bad(
            "USER_LACKS_MEMBERSHIP",
            "The UserID does not have a valid membership in this Account.",
        ),
        false => {
            ApiError::bad("ACCOUNT_DOES_NOT_EXIST_IN_SYSTEM", "The account could not be found in the system.")
        }
    })
}
