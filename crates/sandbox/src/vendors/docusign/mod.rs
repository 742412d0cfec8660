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

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::{Query, decode, name_the_charset};
use super::meter::Verdict;
use super::played::{Answering, Configuration, Played, SignIn, Targets, WRONG_KEY};
use crate::render::set;
use crate::secret::Secret;
use crate::world::{Event, Live, Vendor, after};
pub(crate) use account::Account;
pub use account::{DocusignAccess, DocusignSettings};
use call::{Answer, ApiError, Call, KNOWN};

const HOUR: i64 = 3_600;

/// The answering node, in the vendor's format.
const NODE: &str = "SB1DFE1";

/// A GUID that is no account's.
const OTHER_ACCOUNT: &str = "5d0c0009-7b5e-4b62-9f7e-000000000009";

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::DOCUSIGN
    }

    fn answer<'a>(&'a self, live: &'a Live, _: &'a dyn Targets, parts: Parts, body: Bytes) -> Answering<'a> {
        Box::pin(async move { self.respond(live, &parts, &body) })
    }

    fn too_large(&self) -> Response {
        let error = ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST_BODY");
        ApiError { message: "The request is too large.".to_owned(), ..error }.into_response()
    }

    fn access(&self) -> Value {
        json!(self.access)
    }

    fn configuration(&self, sign_in: SignIn) -> Option<Configuration> {
        let access = self.access.clone();
        let account = if sign_in == SignIn::Other { OTHER_ACCOUNT } else { &access.account_id };
        let key = if sign_in == SignIn::Refused { WRONG_KEY } else { &access.integration_key };
        let kind = match sign_in {
            SignIn::Own | SignIn::Other | SignIn::Refused => "jwt",
            SignIn::Token => "token",
            SignIn::Person | SignIn::PersonWithoutSecret => "authorization_code",
            SignIn::Application => return None,
        };
        let mut rows: Configuration = vec![
            ("vendor", "docusign".into()),
            ("account_id", account.into()),
            ("base_url", access.base_url.into()),
            ("oauth_url", access.oauth_url.into()),
            ("auth.kind", kind.into()),
        ];
        if sign_in == SignIn::Token {
            rows.push(("auth.token", access.access_token));
            return Some(rows);
        }
        rows.push(("auth.integration_key", key.into()));
        match sign_in {
            SignIn::Person => rows.push(("auth.client_secret", access.client_secret)),
            SignIn::PersonWithoutSecret => {}
            _ => rows.extend([
                ("auth.user_id", access.user_id.into()),
                ("auth.private_key", access.private_key_pem),
            ]),
        }
        Some(rows)
    }

    fn public_access(&self) -> Vec<(&'static str, String)> {
        vec![
            ("API", format!("{}/restapi", self.access.base_url)),
            ("Account", self.access.account_id.clone()),
            ("User", self.access.user_id.clone()),
            ("Integration key", self.access.integration_key.clone()),
        ]
    }

    fn issue_token(&self, now: Timestamp) -> Secret {
        self.tokens().issue(after(now, 8 * HOUR))
    }

    fn revoke_tokens(&self) {
        self.tokens().revoke_all();
    }

    fn message(&self, event: &Event, name: &str, stamp: Timestamp, with_data: bool) -> Value {
        webhook::message(event, name, stamp, &self.access, with_data)
    }

    fn body(&self, message: &Value, failures: usize, shift: i32) -> String {
        webhook::body(message, failures, shift)
    }

    fn headers(&self, _: &str, secrets: &[Secret], _: Timestamp, body: &str) -> Vec<(String, String)> {
        webhook::signatures(secrets, body.as_bytes())
    }
}

impl Account {
    fn respond(&self, live: &Live, parts: &Parts, body: &Bytes) -> Response {
        let segments: Vec<String> = parts.uri.path().split('/').skip(1).map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let query = Query::parse(parts.uri.query());
        let call = Call { live, account: self, query, headers: &parts.headers, body };
        let mut response = match (parts.method.as_str(), segments.as_slice()) {
            ("POST", ["oauth", "token"]) => oauth::token(&call),
            ("GET", ["oauth", "userinfo"]) => oauth::userinfo(&call),
            ("GET", ["oauth", "auth"]) => oauth::ask(&call),
            ("POST", ["oauth", "auth"]) => oauth::answer(&call),
            (_, ["oauth", ..] | []) => StatusCode::NOT_FOUND.into_response(),
            (_, [_, rest @ ..]) => api(&call, &parts.method, rest),
        };
        let token = self.tokens().trace_token();
        set(&mut response, HeaderName::from_static("x-docusign-tracetoken"), &token);
        set(&mut response, HeaderName::from_static("x-docusign-node"), NODE);
        name_the_charset(&mut response);
        response
    }
}

/// Authorizes a call, routes it, and adds the rate-limit headers.
fn api(call: &Call<'_>, method: &Method, segments: &[&str]) -> Response {
    if let Err(refused) = oauth::check(call) {
        return refused.into_response();
    }
    let reading = call.account.count(call.live.now());
    let answer = match reading.verdict {
        Verdict::Fine => route(call, method, segments),
        Verdict::HourUsedUp => {
            Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "HOURLY_APIINVOCATION_LIMIT_EXCEEDED"))
        }
        Verdict::BurstUsedUp => {
            Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "BURST_APIINVOCATION_LIMIT_EXCEEDED"))
        }
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
        set(&mut response, HeaderName::from_static(name), &value.to_string());
    }
    response
}

fn route(call: &Call<'_>, method: &Method, segments: &[&str]) -> Answer {
    let missing = || match KNOWN.has_route(method.as_str(), segments) {
        true => ApiError::not_played("this route"),
        false => ApiError::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"),
    };
    let ["v2.1", "accounts", account, rest @ ..] = segments else { return Err(missing()) };
    check_account(call.account, account)?;
    match (method.as_str(), rest) {
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
