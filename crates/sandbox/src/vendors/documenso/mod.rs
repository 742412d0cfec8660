//! Documenso API v2, as far as signing links, reminders and recipients need it: what a self-hosted server of version
//! 2.17.0 was measured to do.

mod account;
mod create;
mod refusal;
mod routes;
mod show;

use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Call;
use super::meter::{Reading, Window};
use super::played::{Attempt, Played};
use crate::render::set;
use crate::secret::Secret;
use crate::webhooks::WebhookRequest;
use crate::world::{Event, Vendor};
pub(crate) use account::Account;
pub use account::{DocumensoAccess, DocumensoSettings};
use refusal::{Answer, ApiError, MailWindow};

const MINUTE: i64 = 60;

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::DOCUMENSO
    }

    fn answer(&self, call: &Call<'_>) -> Response {
        let now = call.live.now();
        let limits = [(Window::OfTheClock(MINUTE), self.settings().minute_limit)];
        let [reading] = self.count("calls", now, limits);
        let mut response = if reading.is_over {
            let wait = (reading.reset - now.as_second()).max(1).to_string();
            let body = json!({"error": "too many requests"});
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait)], Json(body)).into_response()
        } else {
            self.called(call).map(Json).into_response()
        };
        tell(&reading, now, &mut response);
        response
    }

    fn too_large(&self) -> Response {
        no_json().into_response()
    }

    /// There are no tokens but the key.
    fn issue_token(&self, _: Timestamp) -> Secret {
        self.access.api_key.clone()
    }

    fn message(&self, event: &Event, name: &str, stamp: Timestamp, _: bool) -> Value {
        show::message(event, name, stamp)
    }

    /// With the secret itself; an empty text without one.
    fn sign(&self, request: &mut WebhookRequest, attempt: &Attempt<'_>) {
        let secret = attempt.secrets.first().map(Secret::expose).unwrap_or_default();
        request.headers.push(("X-Documenso-Secret".to_owned(), secret.to_owned()));
    }
}

fn no_json() -> ApiError {
    ApiError::bad("PARSE_ERROR", "the body is not JSON").at("envelope")
}

impl Account {
    fn called(&self, call: &Call<'_>) -> Answer {
        let mut segments = call.segments();
        while segments.last() == Some(&"") {
            segments.pop();
        }
        let route = segments.strip_prefix(&["api", "v2", "envelope"]);
        // The name of the called function.
        let path = match (call.method(), route) {
            ("GET", Some([])) => "envelope.find",
            ("GET", Some([_])) => "envelope.get",
            ("GET", Some([_, "audit-log"])) => "envelope.auditLog.find",
            ("POST", Some(["create"])) => "envelope.create",
            ("POST", Some(["distribute"])) => "envelope.distribute",
            ("POST", Some(["redistribute"])) => "envelope.redistribute",
            ("POST", Some(["cancel"])) => "envelope.cancel",
            ("POST", Some(["delete"])) => "envelope.delete",
            ("POST", Some(["recipient", _, "reject"])) => "envelope.recipient.rejectOnBehalfOf",
            _ => return Err(ApiError::plain(StatusCode::NOT_FOUND, "NOT_FOUND", "Not found")),
        };
        let is_own = self.admit(call).map_err(|refused| refused.at("envelope.get"))?;
        let body = match path {
            _ if call.method() == "GET" => Value::Null,
            "envelope.create" => Value::Null,
            _ => serde_json::from_slice(&call.body).map_err(|_| no_json())?,
        };
        self.route(call, path, route.unwrap_or_default(), is_own, &body).map_err(|refused| refused.at(path))
    }

    fn route(&self, call: &Call<'_>, path: &str, route: &[&str], is_own: bool, body: &Value) -> Answer {
        let live = call.live;
        // Another team's key finds none.
        let found = |id: &str| if is_own { id.to_owned() } else { format!("{id}-of-another-team") };
        match (path, route) {
            ("envelope.create", _) => return create::create(call),
            ("envelope.find", _) if is_own => return routes::list(live, &call.query),
            ("envelope.find", _) => return Ok(routes::paged(&[], 0, 1, 10)),
            ("envelope.get", [id]) => return routes::get(live, &found(id)),
            ("envelope.auditLog.find", [id, _]) => return routes::log(live, &found(id), &call.query),
            _ => {}
        }
        let id = body["envelopeId"].as_str().ok_or_else(|| ApiError::issue("envelopeId", "Required"))?;
        let id = &found(id);
        match route {
            ["distribute"] => create::distribute(live, id, body),
            ["redistribute"] => {
                let limits = self.settings().clone();
                routes::redistribute(live, &limits, id, body)
            }
            ["cancel"] => routes::cancel(live, id, body),
            ["delete"] => create::delete(live, id),
            [_, recipient, ..] => create::reject(live, id, recipient, body),
            _ => Err(ApiError::not_found()),
        }
    }
}

/// Reports the limit after a call, and behind it the window of the organization that refused it.
fn tell(reading: &Reading, now: Timestamp, response: &mut Response) {
    let window = response.extensions().get::<MailWindow>().copied();
    let both = |address: String, own: &dyn Fn(MailWindow) -> String| match window {
        Some(window) => format!("{address}, {}", own(window)),
        None => address,
    };
    let mut values = vec![
        ("x-ratelimit-limit", both(reading.limit.to_string(), &|window| window.limit.to_string())),
        ("x-ratelimit-remaining", both(reading.remaining.to_string(), &|_| "0".to_owned())),
        ("x-ratelimit-reset", both(reading.reset.to_string(), &|window| window.reset.to_string())),
    ];
    values.extend(window.map(|window| ("retry-after", (window.reset - now.as_second()).max(1).to_string())));
    for (name, value) in values {
        set(response, HeaderName::from_static(name), &value);
    }
}
