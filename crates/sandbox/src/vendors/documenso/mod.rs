//! Documenso API v2, as far as signing links, reminders and recipients need it: what a self-hosted server of version
//! 2.17.0 was measured to do.

mod account;
mod create;
mod routes;
mod show;

use axum::Json;
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::fields::{Query, decode};
use super::played::{Answering, Configuration, Played, SignIn, Targets, WRONG_KEY, with_key};
use crate::render::set;
use crate::secret::Secret;
use crate::world::{Event, Live, Vendor};
pub(crate) use account::Account;
use account::{Admission, Reading};
pub use account::{DocumensoAccess, DocumensoSettings};
use routes::{Answer, ApiError, Window};

impl Played for Account {
    fn vendor(&self) -> Vendor {
        Vendor::DOCUMENSO
    }

    fn answer<'a>(&'a self, live: &'a Live, _: &'a dyn Targets, parts: Parts, body: Bytes) -> Answering<'a> {
        Box::pin(async move { self.respond(live, &parts, &body).await })
    }

    fn too_large(&self) -> Response {
        ApiError::new(StatusCode::BAD_REQUEST, "PARSE_ERROR", "the body is not JSON", "envelope")
            .into_response()
    }

    fn access(&self) -> Value {
        json!(self.access)
    }

    fn configuration(&self, sign_in: SignIn) -> Option<Configuration> {
        let access = &self.access;
        let key = match sign_in {
            SignIn::Own => access.api_key.clone(),
            SignIn::Other => access.other_key.clone(),
            SignIn::Refused => WRONG_KEY.into(),
            _ => return None,
        };
        Some(with_key("documenso", &access.base_url, key))
    }

    fn public_access(&self) -> Vec<(&'static str, String)> {
        vec![
            ("API", format!("{}/api/v2", self.access.base_url)),
            ("Sender", self.access.sender_email.clone()),
        ]
    }

    /// There are no tokens but the key.
    fn issue_token(&self, _: Timestamp) -> Secret {
        self.access.api_key.clone()
    }

    fn revoke_tokens(&self) {}

    fn message(&self, event: &Event, name: &str, stamp: Timestamp, _: bool) -> Value {
        show::message(event, name, stamp)
    }

    fn headers(&self, _: &str, secrets: &[Secret], _: Timestamp, _: &str) -> Vec<(String, String)> {
        vec![show::secret(secrets)]
    }
}

impl Account {
    async fn respond(&self, live: &Live, parts: &Parts, body: &Bytes) -> Response {
        let now = live.now();
        let reading = self.count(now);
        let mut response = if reading.is_over {
            let wait = (reading.reset - now.as_second()).max(1).to_string();
            let body = json!({"error": "too many requests"});
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait)], Json(body)).into_response()
        } else {
            match self.called(live, parts, body).await {
                Ok(body) => Json(body).into_response(),
                Err(error) => error.into_response(),
            }
        };
        tell(&reading, now, &mut response);
        response
    }

    async fn called(&self, live: &Live, parts: &Parts, body: &Bytes) -> Answer {
        let segments: Vec<String> =
            parts.uri.path().trim_end_matches('/').split('/').skip(1).map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["api", "v2", "envelope", route @ ..] = segments.as_slice() else {
            return Err(ApiError::unknown_path());
        };
        let (is_get, is_post) = (parts.method == Method::GET, parts.method == Method::POST);
        let known = match route {
            [] | [_] | [_, "audit-log"] if is_get => true,
            ["create" | "distribute" | "redistribute" | "cancel" | "delete"] | ["recipient", _, "reject"]
                if is_post =>
            {
                true
            }
            _ => false,
        };
        if !known {
            return Err(ApiError::unknown_path());
        }
        let is_own = match self.admit(&parts.headers) {
            Admission::Own => true,
            Admission::OtherTeam => false,
            Admission::None => return Err(ApiError::no_key()),
            Admission::Expired => return Err(ApiError::expired_key()),
            Admission::Wrong => {
                let status = StatusCode::UNAUTHORIZED;
                return Err(ApiError::new(status, "UNAUTHORIZED", "wrong key", "envelope.get"));
            }
        };
        if route == ["create"] {
            let (payload, files) = create::form(parts, body).await?;
            return create::create(live, &payload, files);
        }
        let body: Value = match is_post {
            false => Value::Null,
            true => serde_json::from_slice(body).map_err(|_| {
                let text = "the body is not JSON";
                ApiError::new(StatusCode::BAD_REQUEST, "PARSE_ERROR", text, "envelope")
            })?,
        };
        let query = Query::parse(parts.uri.query());
        // Another team's key finds none.
        let found = |id: &str| if is_own { id.to_owned() } else { format!("{id}-of-another-team") };
        match route {
            [] if !is_own => {
                Ok(json!({"data": [], "count": 0, "currentPage": 1, "perPage": 10, "totalPages": 0}))
            }
            [] => routes::list(live, &query),
            [id, "audit-log"] => routes::log(live, &found(id), &query),
            ["redistribute"] if is_post => {
                let limits = self.settings().clone();
                routes::redistribute(live, &limits, &owned(body, found))
            }
            ["cancel"] if is_post => routes::cancel(live, &owned(body, found)),
            ["distribute"] if is_post => create::distribute(live, &owned(body, found)),
            ["delete"] if is_post => create::delete(live, &owned(body, found)),
            ["recipient", id, "reject"] => create::reject(live, id, &owned(body, found)),
            [id] => routes::get(live, &found(id)),
            _ => Err(ApiError::unknown_path()),
        }
    }
}

/// The body with the envelope that the key finds.
fn owned(mut body: Value, found: impl Fn(&str) -> String) -> Value {
    if let Some(id) = body.get("envelopeId").and_then(Value::as_str).map(found) {
        body["envelopeId"] = id.into();
    }
    body
}

/// Reports the limit after a call, and behind it the window of the organization that refused it.
fn tell(reading: &Reading, now: Timestamp, response: &mut Response) {
    let window = response.extensions().get::<Window>().copied();
    let both = |address: String, own: &dyn Fn(Window) -> String| match window {
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
