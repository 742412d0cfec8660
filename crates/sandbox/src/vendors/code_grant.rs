//! The vendors' authorization code grant: a consent page, codes that work once, refresh tokens that change
//! with every use. Error bodies are the vendors' own.

use std::collections::HashMap;

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use crate::render::page;
use crate::secret::unguessable;
use crate::world::after;

/// Codes are valid for minutes at each vendor; the exact number is not documented.
const CODE_LIFE: i64 = 120;
/// Vendors that document it say 30 days.
const REFRESH_LIFE: i64 = 30 * 86_400;

/// The fields of a form.
pub(crate) type Form = [(String, String)];

/// The query of the browser's request.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) state: Option<String>,
    pub(crate) response_type: String,
    /// The S256 challenge and the name of its method.
    pub(crate) challenge: Option<String>,
    pub(crate) method: Option<String>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    title: &'static str,
    application: &'a str,
    person: &'static str,
    action: &'static str,
    back: &'a str,
    scopes: Vec<&'a str>,
    fields: Vec<(&'static str, &'a str)>,
}

#[derive(Template)]
#[template(path = "note.html")]
struct Note<'a> {
    title: &'a str,
    text: &'a str,
    back: Option<&'a str>,
}

impl Asked {
    pub(crate) fn read<'v>(field: impl Fn(&str) -> Option<&'v str>) -> Self {
        let text = |name: &str| field(name).unwrap_or_default().to_owned();
        let filled = |name: &str| field(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Self {
            client_id: text("client_id"),
            redirect_uri: text("redirect_uri"),
            scope: text("scope"),
            state: filled("state"),
            response_type: text("response_type"),
            challenge: filled("code_challenge"),
            method: filled("code_challenge_method"),
        }
    }

    /// The error that ends a sign-in; reported to the application if it is known.
    pub(crate) fn refused(
        &self,
        client_id: &str,
        registered: &str,
        needs_challenge: bool,
    ) -> Option<Response> {
        let mistake = || self.mistake(needs_challenge).map(|word| self.back("error", word));
        self.stranger(client_id, registered).or_else(mistake)
    }

    /// An error that cannot be reported to the application, because the application is unknown.
    fn stranger(&self, client_id: &str, registered: &str) -> Option<Response> {
        let text = if !self.client_id.eq_ignore_ascii_case(client_id) {
            "This application is not registered: the client_id is unknown."
        } else if self.redirect_uri != registered && !is_loopback(&self.redirect_uri) {
            "The redirect URI is not registered for the application."
        } else {
            return None;
        };
        let note = Note { title: "This sign-in cannot continue", text, back: None };
        Some(page(StatusCode::BAD_REQUEST, &note))
    }

    /// The error word for an invalid request of the application.
    fn mistake(&self, needs_challenge: bool) -> Option<&'static str> {
        if self.response_type != "code" {
            return Some("unsupported_response_type");
        }
        if self.scope.trim().is_empty() {
            return Some("invalid_scope");
        }
        let wrong_method = self.challenge.is_some() && self.method.as_deref() != Some("S256");
        (wrong_method || (needs_challenge && self.challenge.is_none())).then_some("invalid_request")
    }

    /// The page that asks the user. Its form returns all parameters.
    pub(crate) fn page(&self, vendor: &'static str, person: &'static str, action: &'static str) -> Response {
        let optional = [
            ("state", self.state.as_deref()),
            ("code_challenge", self.challenge.as_deref()),
            ("code_challenge_method", self.method.as_deref()),
        ];
        let mut fields = vec![
            ("response_type", self.response_type.as_str()),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
        ];
        fields.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
        let consent = Consent {
            title: vendor,
            application: &self.client_id,
            person,
            action,
            back: &self.redirect_uri,
            scopes: self.scope.split_whitespace().collect(),
            fields,
        };
        page(StatusCode::OK, &consent)
    }

    /// The answer to the page's buttons: a refusal of the request or by the user, or a code.
    pub(crate) fn answered(
        form: &Form,
        refuse: impl FnOnce(&Self) -> Option<Response>,
        code: impl FnOnce(&Self) -> String,
    ) -> Response {
        let asked = Self::read(|name| field(form, name));
        if let Some(refused) = refuse(&asked) {
            return refused;
        }
        if field(form, "action") != Some("allow") {
            return asked.back("error", "access_denied");
        }
        let code = code(&asked);
        asked.back("code", &code)
    }

    /// Sends the browser back with a code or an error.
    fn back(&self, name: &str, value: &str) -> Response {
        let Ok(mut url) = Url::parse(&self.redirect_uri) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        url.query_pairs_mut().append_pair(name, value);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        let no_store = [(header::CACHE_CONTROL, "no-store")];
        (no_store, Redirect::to(url.as_str())).into_response()
    }
}

/// Applications on the user's own machine may use any port.
fn is_loopback(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
    })
}

/// Issued codes and refresh tokens.
#[derive(Default)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    refresh: HashMap<String, Refresh>,
}

struct Code {
    client_id: String,
    redirect_uri: String,
    scope: String,
    challenge: Option<String>,
    until: Timestamp,
}

#[derive(Clone)]
struct Refresh {
    client_id: String,
    scope: String,
    until: Timestamp,
}

/// The grant of a code or a refresh token.
pub(crate) struct Redeemed {
    pub(crate) scope: String,
    /// The expiry of the refresh token that was replaced, if there was one.
    pub(crate) until: Option<Timestamp>,
}

/// What accompanies a code.
pub(crate) struct Presented<'a> {
    pub(crate) code: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) verifier: Option<&'a str>,
    /// Whether the application has sent its secret.
    pub(crate) with_secret: bool,
}

impl Grants {
    pub(crate) fn code(&mut self, asked: &Asked, now: Timestamp) -> String {
        let code = unguessable();
        self.codes.insert(
            code.clone(),
            Code {
                client_id: asked.client_id.to_ascii_lowercase(),
                redirect_uri: asked.redirect_uri.clone(),
                scope: asked.scope.clone(),
                challenge: asked.challenge.clone(),
                until: after(now, CODE_LIFE),
            },
        );
        code
    }

    /// A code is used up by its first use, right or wrong.
    pub(crate) fn redeem_code(&mut self, shown: &Presented<'_>, now: Timestamp) -> Option<Redeemed> {
        let code = self.codes.remove(shown.code)?;
        let proven = match (&code.challenge, shown.verifier) {
            (Some(challenge), Some(verifier)) => {
                URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == *challenge
            }
            (None, None) => shown.with_secret,
            _ => false,
        };
        let fits = code.client_id.eq_ignore_ascii_case(shown.client_id)
            && shown.redirect_uri.is_none_or(|uri| uri == code.redirect_uri)
            && now < code.until;
        (proven && fits).then_some(Redeemed { scope: code.scope, until: None })
    }

    /// A refresh token with its own expiry, or with that of the previous one.
    pub(crate) fn refresh(
        &mut self,
        client_id: &str,
        scope: &str,
        now: Timestamp,
        until: Option<Timestamp>,
    ) -> String {
        let token = unguessable();
        let until = until.unwrap_or_else(|| after(now, REFRESH_LIFE));
        let client_id = client_id.to_ascii_lowercase();
        self.refresh.insert(token.clone(), Refresh { client_id, scope: scope.to_owned(), until });
        token
    }

    /// Accepts a refresh token, which works once.
    pub(crate) fn redeem_refresh(
        &mut self,
        token: &str,
        client_id: &str,
        now: Timestamp,
    ) -> Option<Redeemed> {
        let fits = self
            .refresh
            .get(token)
            .is_some_and(|refresh| refresh.client_id.eq_ignore_ascii_case(client_id) && now < refresh.until);
        let refresh = if fits { self.refresh.remove(token) } else { None }?;
        Some(Redeemed { scope: refresh.scope, until: Some(refresh.until) })
    }
}

/// The answer to a request for tokens: what is granted, or the word of the error.
pub(crate) fn granted(headers: &HeaderMap, grant: impl FnOnce() -> Result<Value, &'static str>) -> Response {
    match if is_form(headers) { grant() } else { Err("invalid_request") } {
        Ok(body) => (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(word) => (StatusCode::BAD_REQUEST, Json(json!({"error": word}))).into_response(),
    }
}

pub(crate) fn field<'f>(form: &'f Form, name: &str) -> Option<&'f str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// An application that requests a token: its id, and the secret if it sent one.
pub(crate) fn client(headers: &HeaderMap, form: &Form) -> (String, Option<String>) {
    let basic = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some((id, secret)) = basic.as_deref().and_then(|pair| pair.split_once(':')) {
        return (id.to_owned(), Some(secret.to_owned()));
    }
    let field = |name: &str| field(form, name).map(str::to_owned);
    (field("client_id").unwrap_or_default(), field("client_secret"))
}

pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    content_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}
