//! The vendor's description of a refusal.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::model::Timestamp;
use crate::redact::{Names, WIDEST, clip, escape_control, redact, redact_members, redact_unknown};

/// The vendor's own description of a refusal. Adapters read it from any answer, whatever its form; reading cannot
/// fail. Its JSON is what a store keeps: without times, and without the body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The HTTP status; 200 if the refusal was inside a success.
    pub status: u16,
    /// The vendor's code, as written; `None` if the vendor has none or it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The vendor's text, with our secrets redacted and control characters made visible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The request id for the vendor's support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When the vendor answered, by its own clock (the `Date` header).
    #[serde(skip)]
    pub answered_at: Option<Timestamp>,
    /// When to try again, if the vendor says it in the answer's body.
    #[serde(skip)]
    pub retry_at: Option<Timestamp>,
    /// How long to wait, if the vendor says it in the answer's body.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
    /// The beginning of a refusal's body, cleaned like the message. Empty for answers that are not refusals,
    /// because those contain personal data.
    #[serde(skip)]
    pub body: Excerpt,
}

impl Problem {
    /// A problem with only a status.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Sets the vendor's code.
    #[must_use]
    pub fn with_code(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }

    /// Sets the vendor's text.
    #[must_use]
    pub fn with_message(mut self, message: Option<String>) -> Self {
        self.message = message;
        self
    }

    /// Sets the request id from the first of these headers that is present, if it is not known yet.
    #[must_use]
    pub fn with_request_id_of(mut self, headers: &HeaderMap, names: &[&str]) -> Self {
        let found = || names.iter().find_map(|name| headers.get(*name)?.to_str().ok().map(str::to_owned));
        self.request_id = self.request_id.or_else(found);
        self
    }

    /// Redacts secrets and control characters in all vendor texts. The exchange does this for every problem, so
    /// adapters do not have to.
    pub(crate) fn clean(mut self, secrets: &[SecretString], names: &Names) -> Self {
        // An id looks like a key, so that only our own secrets are redacted in it.
        let id = |text: String| clip(&escape_control(&redact(&text, secrets)), 120).into_owned();
        self.request_id = self.request_id.map(id);
        // Some vendors put a sentence where a code belongs.
        self.code = self.code.map(|text| tidy(&text, secrets, names, 120));
        self.message = self.message.map(|text| tidy(&text, secrets, names, 500));
        self
    }
}

/// A vendor's text without secrets and control characters, cut to this many characters.
pub(crate) fn tidy(text: &str, secrets: &[SecretString], names: &Names, most: usize) -> String {
    let clean = without_secrets(text, secrets);
    clip(&escape_control(&redact_unknown(&clean, names, true)), most).into_owned()
}

/// The beginning of a text without our secrets: longer than what is ever shown.
fn without_secrets<'t>(text: &'t str, secrets: &[SecretString]) -> Cow<'t, str> {
    const ENOUGH: usize = 16 * 1024;
    let longest = secrets.iter().map(|secret| secret.expose_secret().len() * WIDEST).max().unwrap_or(0);
    let mut end = ENOUGH + longest;
    if text.len() <= end {
        return redact(text, secrets);
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // A secret that is cut at the end is not found; so the end is not shown.
    let clean = redact(text.get(..end).unwrap_or_default(), secrets);
    let mut end = clean.len().saturating_sub(longest);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(clean.get(..end).unwrap_or_default().to_owned())
}

/// The beginning of a body, safe to show: secret members, our own secrets and everything that looks like a link or
/// token are redacted; control characters are made visible; at most 400 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    /// The longest excerpt, in characters.
    pub const MAX: usize = 400;

    /// Cuts an excerpt from a body. The names come from the vendor's facts.
    #[must_use]
    pub fn of(body: &[u8], secrets: &[SecretString], names: &Names) -> Self {
        Self(clip(&redact_body(body, secrets, names), Self::MAX).into_owned())
    }

    /// The excerpt as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A body, safe to keep for a support ticket: like an [`Excerpt`], but up to about 16 KiB. Names and addresses stay
/// in it.
#[must_use]
pub fn redact_body(body: &[u8], secrets: &[SecretString], names: &Names) -> String {
    let (text, is_json) = match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(mut value) => {
            redact_members(&mut value, names);
            (Cow::Owned(value.to_string()), true)
        }
        Err(_) => (String::from_utf8_lossy(body.get(..64 * 1024).unwrap_or(body)), false),
    };
    escape_control(&redact_unknown(&without_secrets(&text, secrets), names, is_json)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(body: &[u8], secrets: &[SecretString]) -> String {
        Excerpt::of(body, secrets, Names::generic()).as_str().to_owned()
    }

    #[test]
    fn an_excerpt_is_cut_between_characters() {
        assert_eq!(shown("ü".repeat(1000).as_bytes(), &[]).chars().count(), Excerpt::MAX + 1);
    }

    #[test]
    fn a_secret_at_the_cut_is_not_shown_in_part() {
        let secret = "s3cret-".repeat(120);
        let secrets = [SecretString::from(secret.as_str())];
        for filler in 0..40 {
            let body = format!("{}{}", "x".repeat(filler), secret.repeat(60));
            assert!(!shown(body.as_bytes(), &secrets).contains("s3cret"), "{filler}");
            assert!(!tidy(&body, &secrets, Names::generic(), 500).contains("s3cret"), "{filler}");
        }
    }

    #[test]
    fn a_secret_with_quotes_is_found_in_json() {
        let secrets = [SecretString::from("a\"b\\c")];
        let body = serde_json::json!({"message": "code a\"b\\c is bad"}).to_string();
        assert_eq!(shown(body.as_bytes(), &secrets), r#"{"message":"code [redacted] is bad"}"#);
    }

    #[test]
    fn a_cut_document_shows_no_secret_of_the_vendors_making() {
        let cut = br#"{"signLink":"https://app.example/sign?t=1","accessCode":"12"#;
        assert_eq!(shown(cut, &[]), r#"{"signLink":"[redacted]","accessCode":"[redacted]"#);
    }

    #[test]
    fn a_sentence_in_place_of_a_code_shows_no_secret_of_the_vendors_making() {
        let code = |text: &str| {
            let problem = Problem::new(400).with_code(Some(text.to_owned()));
            problem.clean(&[], Names::generic()).code.unwrap()
        };
        assert_eq!(
            code("no token for https://app.example/sign?t=1"),
            "no token for https://app.example[redacted]"
        );
        for plain in ["invalid_grant/no_valid_keys_or_signatures", "HOURLY_APIINVOCATION_LIMIT_EXCEEDED"] {
            assert_eq!(code(plain), plain);
        }
    }

    #[test]
    fn an_excerpt_holds_no_secret_and_no_escape() {
        let secrets = [SecretString::from("topsecret")];
        assert_eq!(shown(b"<b>\x1b[2Jtopsecret</b>", &secrets), "<b>\\u{1b}[2J[redacted]</b>");
        let json = shown(br#"{"message":"topsecret is bad","accessCode":"99"}"#, &secrets);
        assert_eq!(json, r#"{"accessCode":"[redacted]","message":"[redacted] is bad"}"#);
    }
}
