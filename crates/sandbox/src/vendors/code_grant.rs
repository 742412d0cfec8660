//! The vendors' OAuth: a consent page, codes that work once, refresh tokens that change with every use, and access
//! tokens. The words of errors are the vendors' own.

use std::collections::HashMap;

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::call::Call;
use super::fields::Query;
use crate::render::page;
use crate::secret::unguessable;
use crate::world::{SENDER_NAME, Vendor, after};

/// Codes are valid for minutes at each vendor; the exact number is not documented.
const CODE_LIFE: i64 = 120;
/// Vendors that document it say 30 days.
pub(crate) const REFRESH_LIFE: i64 = 30 * 86_400;

/// What the browser's request may have, and the consent page's form returns.
const ASKED: [&str; 7] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    title: &'static str,
    person: &'static str,
    action: &'a str,
    asked: &'a Query,
    fields: [&'static str; 7],
}

#[derive(Template)]
#[template(path = "note.html")]
struct Note<'a> {
    title: &'a str,
    text: &'a str,
    back: Option<&'a str>,
}

/// An account's application.
pub(crate) struct Application<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) needs_challenge: bool,
}

impl Application<'_> {
    /// The page that asks the user, or, from its form, the answer to its buttons: a refusal by the user, or a code.
    /// Errors are reported to the application if it is known.
    pub(crate) fn authorize(&self, call: &Call<'_>, code: impl FnOnce(Query) -> String) -> Response {
        let is_form = call.method() == "POST";
        let asked = if is_form { Query::read(&call.body) } else { call.query.clone() };
        if let Some(text) = self.stranger(&asked) {
            let note = Note { title: "This sign-in cannot continue", text, back: None };
            return page(StatusCode::BAD_REQUEST, &note);
        }
        if let Some(word) = self.mistake(&asked) {
            return back(&asked, "error", word);
        }
        if !is_form {
            let (title, action) = (self.vendor.name(), call.head.uri.path());
            let consent = Consent { title, person: SENDER_NAME, action, asked: &asked, fields: ASKED };
            return page(StatusCode::OK, &consent);
        }
        match asked.get("action") {
            Some("allow") => back(&asked, "code", &code(asked.clone())),
            _ => back(&asked, "error", "access_denied"),
        }
    }

    /// An error that cannot be reported to the application, because the application is unknown.
    fn stranger(&self, asked: &Query) -> Option<&'static str> {
        let redirect_uri = asked.get("redirect_uri").unwrap_or_default();
        if !asked.get("client_id").is_some_and(|id| id.eq_ignore_ascii_case(self.client_id)) {
            Some("This application is not registered: the client_id is unknown.")
        } else if redirect_uri != self.redirect_uri && !is_loopback(redirect_uri) {
            Some("The redirect URI is not registered for the application.")
        } else {
            None
        }
    }

    /// The error word for an invalid request of the application.
    fn mistake(&self, asked: &Query) -> Option<&'static str> {
        if asked.get("response_type") != Some("code") {
            return Some("unsupported_response_type");
        }
        if asked.get("scope").is_none_or(|scope| scope.trim().is_empty()) {
            return Some("invalid_scope");
        }
        let fits = match asked.get("code_challenge") {
            Some(_) => asked.get("code_challenge_method") == Some("S256"),
            None => !self.needs_challenge,
        };
        (!fits).then_some("invalid_request")
    }
}

/// Sends the browser back with a code or an error.
fn back(asked: &Query, name: &str, value: &str) -> Response {
    let Ok(mut url) = Url::parse(asked.get("redirect_uri").unwrap_or_default()) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    url.query_pairs_mut().append_pair(name, value);
    if let Some(state) = asked.get("state") {
        url.query_pairs_mut().append_pair("state", state);
    }
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    (no_store, Redirect::to(url.as_str())).into_response()
}

/// Applications on the user's own machine may use any port.
fn is_loopback(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
    })
}

/// Issued codes and tokens, by their texts. All are of the account's one application: each vendor checks its id and
/// secret before a code or a token is looked up.
#[derive(Default)]
pub(crate) struct Grants {
    /// What the browser asked for, and until when the code is valid.
    codes: HashMap<String, (Query, Timestamp)>,
    refresh: HashMap<String, Granted>,
    tokens: HashMap<String, Granted>,
}

/// Scopes, and until when they are granted.
pub(crate) struct Granted {
    pub(crate) scope: String,
    pub(crate) until: Timestamp,
}

impl Grants {
    pub(crate) fn code(&mut self, asked: Query, now: Timestamp) -> String {
        let code = unguessable();
        self.codes.insert(code.clone(), (asked, after(now, CODE_LIFE)));
        code
    }

    pub(crate) fn token(&mut self, scope: &str, until: Timestamp) -> String {
        issue(&mut self.tokens, scope, until)
    }

    pub(crate) fn refresh_token(&mut self, scope: &str, until: Timestamp) -> String {
        issue(&mut self.refresh, scope, until)
    }

    /// Issues a token, and a refresh token if there is a time until which it is valid: the answer's body.
    pub(crate) fn tokens(
        &mut self,
        scope: &str,
        now: Timestamp,
        life: i64,
        refresh: Option<Timestamp>,
    ) -> Value {
        let token = self.token(scope, after(now, life));
        let mut body =
            json!({"access_token": token, "token_type": "Bearer", "expires_in": life, "scope": scope});
        if let Some(until) = refresh {
            body["refresh_token"] = self.refresh_token(scope, until).into();
        }
        body
    }

    /// The scopes of an access token that is valid.
    pub(crate) fn scope(&self, token: &str, now: Timestamp) -> Option<&str> {
        self.tokens.get(token).filter(|granted| now < granted.until).map(|granted| granted.scope.as_str())
    }

    /// Revokes every access token.
    pub(crate) fn revoke(&mut self) {
        self.tokens.clear();
    }

    /// What a form's code or refresh token grants, and until when the refresh token that follows is valid, unless the
    /// vendor extends it. Both are used up by their first use, right or wrong.
    pub(crate) fn redeem(
        &mut self,
        form: &Query,
        with_secret: bool,
        now: Timestamp,
    ) -> Result<Granted, &'static str> {
        let given = |name| form.get(name).ok_or("invalid_request");
        let granted = match form.get("grant_type") {
            Some("authorization_code") => self.redeem_code(given("code")?, form, with_secret, now),
            Some("refresh_token") => {
                self.refresh.remove(given("refresh_token")?).filter(|granted| now < granted.until)
            }
            _ => return Err("unsupported_grant_type"),
        };
        granted.ok_or("invalid_grant")
    }

    fn redeem_code(
        &mut self,
        code: &str,
        form: &Query,
        with_secret: bool,
        now: Timestamp,
    ) -> Option<Granted> {
        let (asked, until) = self.codes.remove(code)?;
        let proven = match (asked.get("code_challenge"), form.get("code_verifier")) {
            (Some(challenge), Some(verifier)) => {
                URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge
            }
            (None, None) => with_secret,
            _ => false,
        };
        let redirect_uri = form.get("redirect_uri");
        let fits = now < until && redirect_uri.is_none_or(|uri| asked.get("redirect_uri") == Some(uri));
        let scope = asked.get("scope").unwrap_or_default().to_owned();
        (proven && fits).then(|| Granted { scope, until: after(now, REFRESH_LIFE) })
    }
}

fn issue(issued: &mut HashMap<String, Granted>, scope: &str, until: Timestamp) -> String {
    let token = unguessable();
    issued.insert(token.clone(), Granted { scope: scope.to_owned(), until });
    token
}

/// Why there is no token.
#[derive(Serialize)]
pub(crate) struct Denied {
    pub(crate) error: &'static str,
    #[serde(rename = "error_description", skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'static str>,
}

impl From<&'static str> for Denied {
    fn from(error: &'static str) -> Self {
        Self { error, description: None }
    }
}

/// The answer to a request for tokens.
pub(crate) fn granted(grant: Result<Value, Denied>) -> Response {
    match grant {
        Ok(body) => (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(denied) => (StatusCode::BAD_REQUEST, Json(denied)).into_response(),
    }
}

/// An application that requests a token: its id, and the secret if it sent one.
pub(crate) fn client(call: &Call<'_>, form: &Query) -> (String, Option<String>) {
    let basic = call
        .header(header::AUTHORIZATION)
        .and_then(|value| STANDARD.decode(value.strip_prefix("Basic ")?.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some((id, secret)) = basic.as_deref().and_then(|pair| pair.split_once(':')) {
        return (id.to_owned(), Some(secret.to_owned()));
    }
    let field = |name: &str| form.get(name).map(str::to_owned);
    (field("client_id").unwrap_or_default(), field("client_secret"))
}
