//! PandaDoc API v1, as far as sessions, reminders, passcodes and recipients need it: the whole life of a document.

mod account;
mod call;
mod create;
mod documents;
mod oauth;
mod recipients;
mod reminders;
mod show;
mod subscriptions;
mod verification;
mod webhook;

use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::{Query, decode};
use super::played::{Answering, Configuration, Played, SignIn, Targets, WRONG_KEY, with_client, with_key};
use crate::secret::Secret;
use crate::world::{DAY, Event, Live, News, SENDER_EMAIL, Vendor, after};
pub(crate) use account::Account;
use account::Key;
pub use account::{PandadocAccess, PandadocSettings};
use call::{Answer, ApiError, Call, Done, KNOWN};

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::PANDADOC
    }

    fn answer<'a>(
        &'a self,
        live: &'a Live,
        targets: &'a dyn Targets,
        parts: Parts,
        body: Bytes,
    ) -> Answering<'a> {
        Box::pin(async move { self.respond(live, targets, &parts, &body) })
    }

    fn too_large(&self) -> Response {
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "request_error", "The request is too large.")
            .into_response()
    }

    fn access(&self) -> Value {
        json!(self.access)
    }

    fn configuration(&self, sign_in: SignIn) -> Option<Configuration> {
        let access = self.access.clone();
        let mut rows = match sign_in {
            SignIn::Own => with_key("pandadoc", &access.base_url, access.api_key),
            SignIn::Other => with_key("pandadoc", &access.base_url, access.other_key),
            SignIn::Refused => with_key("pandadoc", &access.base_url, WRONG_KEY),
            SignIn::Person => {
                with_client("pandadoc", &access.base_url, "authorization_code", access.client_id)
            }
            _ => return None,
        };
        if sign_in == SignIn::Person {
            rows.push(("auth.client_secret", access.client_secret));
        }
        rows.insert(2, ("app_url", access.app_url.into()));
        Some(rows)
    }

    fn public_access(&self) -> Vec<(&'static str, String)> {
        vec![
            ("API", format!("{}/public/v1", self.access.base_url)),
            ("Sender", self.access.sender_email.clone()),
            ("OAuth client", self.access.client_id.clone()),
        ]
    }

    fn issue_token(&self, now: Timestamp) -> Secret {
        Secret::new(self.tokens().issue(after(now, 365 * DAY)))
    }

    fn revoke_tokens(&self) {
        self.tokens().revoke_all();
    }

    /// The events that the subscription asks for; all, if a target was set without one.
    fn event_names(&self, news: News) -> Vec<&'static str> {
        let subscription = self.subscription();
        let wants = |word: &&str| subscription.as_ref().is_none_or(|own| own.wants(word));
        let words = Vendor::PANDADOC.traits().webhooks.words(news);
        words.iter().map(String::as_str).filter(wants).collect()
    }

    fn message(&self, event: &Event, _: &str, _: Timestamp, _: bool) -> Value {
        let shows_passcodes = self.settings().shows_passcodes;
        webhook::message(event, &self.event_names(event.news), &self.access.base_url, shows_passcodes)
    }

    fn body(&self, message: &Value, _: usize, _: i32) -> String {
        webhook::body(message)
    }

    fn signed_url(&self, url: &str, secrets: &[Secret], body: &str) -> String {
        webhook::signed(url, secrets, body)
    }

    fn message_headers(&self, message: &Value) -> Vec<(String, String)> {
        vec![webhook::id_header(message)]
    }

    fn headers(&self, _: &str, _: &[Secret], _: Timestamp, _: &str) -> Vec<(String, String)> {
        Vec::new()
    }
}

impl Account {
    fn respond(&self, live: &Live, targets: &dyn Targets, parts: &Parts, body: &Bytes) -> Response {
        let segments: Vec<String> = parts.uri.path().split('/').skip(1).map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (key, headers) = (Key::Production, &parts.headers);
        let mut call = Call { live, targets, account: self, key, headers, body };
        if let ["oauth2", rest @ ..] = segments.as_slice() {
            return oauth::handle(&call, &parts.method, rest, &Query::parse(parts.uri.query()));
        }
        let now = live.now();
        let answer = match self.admit(&parts.headers, now) {
            None => {
                let text = "Authentication credentials were not provided or are not valid.";
                Err(ApiError::new(StatusCode::UNAUTHORIZED, "authentication_error", text))
            }
            Some(key) => {
                call.key = key;
                self.dispatch(&call, parts.method.as_str(), &segments, now)
            }
        };
        match answer {
            Ok(Done::Empty) => StatusCode::NO_CONTENT.into_response(),
            Ok(Done::Json(status, body)) => (status, Json(body)).into_response(),
            Err(error) if segments.get(1) == Some(&"v2") => error.in_second_version(),
            Err(error) => error.into_response(),
        }
    }

    /// Finds the route, counts the call against its limit, and answers.
    fn dispatch(&self, call: &Call<'_>, method: &str, segments: &[&str], now: Timestamp) -> Answer {
        let ["public", "v1", route @ ..] = segments else { return unknown(method, segments) };
        // Counts the call against the route's limit of a minute first.
        let go = |name: &'static str, limit: u32, work: &dyn Fn() -> Answer| match self
            .count(call.key, name, limit, now)
        {
            None => work(),
            Some(wait) => {
                let text = format!("Request was throttled. Expected available in {wait} seconds.");
                Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "throttled", text))
            }
        };
        match (method, route) {
            (_, ["documents", "", ..]) => Err(ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "request_error",
                format!("Method \"{method}\" not allowed."),
            )),
            ("POST", ["documents"]) if create::is_from_template(call.body) => {
                go("create from template", 500, &|| create::create(call))
            }
            ("POST", ["documents"]) => go("create", 300, &|| create::create(call)),
            ("GET", ["documents", id]) => go("status", 100, &|| documents::short(call, id)),
            ("GET", ["documents", id, "details"]) => go("details", 600, &|| documents::details(call, id)),
            ("POST", ["documents", id, "send"]) => go("send", 400, &|| documents::send(call, id)),
            ("POST", ["documents", id, "session"]) => go("session", 100, &|| documents::session(call, id)),
            ("POST", ["documents", id, "send-reminder"]) => {
                go("send-reminder", 100, &|| reminders::send(call, id))
            }
            ("PATCH", ["documents", id, "recipients", "recipient", recipient]) => {
                go("edit recipient", 100, &|| recipients::edit(call, id, recipient))
            }
            ("PATCH", ["documents", id, "status"]) => {
                go("change status", 100, &|| documents::set_status(call, id))
            }
            ("POST", ["documents", id, "draft"]) => go("draft", 100, &|| documents::back_to_draft(call, id)),
            ("DELETE", ["documents", id]) => go("delete", 100, &|| documents::delete(call, id)),
            ("GET", ["members", "current"]) => {
                go("member", 100, &|| Ok(Done::Json(StatusCode::OK, member(now))))
            }
            ("POST", ["webhook-subscriptions"]) => go("subscribe", 100, &|| subscriptions::create(call)),
            ("GET", ["webhook-subscriptions"]) => go("subscriptions", 100, &|| subscriptions::list(call)),
            ("GET", ["webhook-subscriptions", id]) => {
                go("subscription", 100, &|| subscriptions::get(call, id))
            }
            ("DELETE", ["webhook-subscriptions", id]) => {
                go("unsubscribe", 100, &|| subscriptions::delete(call, id))
            }
            _ => unknown(method, segments),
        }
    }
}

fn unknown(method: &str, segments: &[&str]) -> Answer {
    match KNOWN.has_route(method, segments) {
        true => Err(ApiError::not_played("this route")),
        false => Err(ApiError::not_found()),
    }
}

fn member(now: Timestamp) -> Value {
    let mut body = show::member();
    let more = json!({
        "user_id": show::SENDER_ID,
        "membership_id": show::MEMBERSHIP_ID,
        "email": SENDER_EMAIL,
        "is_active": true,
        "workspace": "SandboxWorkspaceId0001",
        "workspace_name": "Sandbox",
        "emails_verified": true,
        "role": "Admin",
        "user_license": "Full",
        "date_created": show::time(Some(now)),
        "date_modified": show::time(Some(now)),
    });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.remove("id");
        body.remove("avatar");
        body.extend(more);
    }
    body
}
