//! PandaDoc API v1, as far as sessions, reminders, passcodes and recipients need it: the whole life of a document.

mod account;
mod call;
mod create;
mod documents;
mod reminders;
mod show;
mod subscriptions;
mod verification;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::call::answer;
use super::played::{Attempt, Played};
use crate::secret::Secret;
use crate::vendors;
use crate::webhooks::WebhookRequest;
use crate::world::{DAY, Event, News, Vendor, after};
pub(crate) use account::Account;
pub use account::{PandadocAccess, PandadocSettings};
use call::{Answer, ApiError, Call, KNOWN};

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::PANDADOC
    }

    fn answer(&self, call: &vendors::Call<'_>) -> Response {
        let segments = call.segments();
        if let ["oauth2", rest @ ..] = segments.as_slice() {
            return account::oauth(self, call, rest);
        }
        let answer = match self.admit(call) {
            Some(key) => dispatch(&Call { account: self, key, call }, &segments),
            None => {
                let text = "Authentication credentials were not provided or are not valid.";
                Err(ApiError::new(StatusCode::UNAUTHORIZED, "authentication_error", text))
            }
        };
        match answer {
            Err(error) if segments.get(1) == Some(&"v2") => error.in_second_version().into_response(),
            answer => answer.into_response(),
        }
    }

    fn too_large(&self) -> Response {
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "request_error", "The request is too large.")
            .into_response()
    }

    fn issue_token(&self, now: Timestamp) -> Secret {
        self.tokens().token(account::SCOPE, after(now, 365 * DAY)).into()
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
        show::message(event, &self.event_names(event.news), &self.access.base_url, shows_passcodes)
    }

    fn body(&self, message: &Value, _: usize, _: i32) -> String {
        show::body(message)
    }

    fn sign(&self, request: &mut WebhookRequest, attempt: &Attempt<'_>) {
        show::sign(request, attempt);
    }
}

/// Finds the route, counts the call against its limit of a minute, and answers.
fn dispatch(call: &Call<'_>, segments: &[&str]) -> Answer {
    let method = call.method();
    let missing = || Err(KNOWN.missing(method, segments, ApiError::not_found()));
    let ["public", "v1", route @ ..] = segments else { return missing() };
    let now = call.live.now();
    let go = |name, limit, work: &dyn Fn() -> Answer| match call.account.wait(call.key, name, limit, now) {
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
        ("POST", ["documents"]) if create::is_from_template(&call.body) => {
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
            go("edit recipient", 100, &|| documents::edit_recipient(call, id, recipient))
        }
        ("PATCH", ["documents", id, "status"]) => {
            go("change status", 100, &|| documents::set_status(call, id))
        }
        ("POST", ["documents", id, "draft"]) => go("draft", 100, &|| documents::back_to_draft(call, id)),
        ("DELETE", ["documents", id]) => go("delete", 100, &|| documents::delete(call, id)),
        ("GET", ["members", "current"]) => go("member", 100, &|| answer(StatusCode::OK, show::member(now))),
        ("POST", ["webhook-subscriptions"]) => go("subscribe", 100, &|| subscriptions::create(call)),
        ("GET", ["webhook-subscriptions"]) => go("subscriptions", 100, &|| subscriptions::list(call)),
        ("GET", ["webhook-subscriptions", id]) => go("subscription", 100, &|| subscriptions::get(call, id)),
        ("DELETE", ["webhook-subscriptions", id]) => {
            go("unsubscribe", 100, &|| subscriptions::delete(call, id))
        }
        _ => missing(),
    }
}
