//! What a vendor said when it refused.

use std::borrow::Cow;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use crate::model::Timestamp;
use crate::redact::{WIDEST, escape_control, redact, redact_fields, redact_looks, redact_members};

/// The vendor's own account of a refusal. Adapters read one out of any answer, whatever its form; reading cannot fail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The HTTP status; 200 where the refusal stood inside a success.
    pub status: u16,
    /// The vendor's code, as written; `None` where the vendor has none or it could not be read.
    pub code: Option<String>,
    /// The vendor's text, with secrets that we had sent taken out and control characters made visible.
    pub message: Option<String>,
    /// The id under which the vendor's support finds the call.
    pub request_id: Option<String>,
    /// When the vendor answered, by its own clock (the `Date` header).
    #[serde(skip)]
    pub answered_at: Option<Timestamp>,
    /// The beginning of the body of a refusal, cleaned like the message. Empty for answers that were no refusal,
    /// since those are full of personal data.
    pub body: Excerpt,
}

impl Problem {
    /// A problem with a status and nothing else.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// Gives the vendor's code.
    #[must_use]
    pub fn with_code(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }

    /// Gives the vendor's text.
    #[must_use]
    pub fn with_message(mut self, message: Option<String>) -> Self {
        self.message = message;
        self
    }

    /// Takes secrets and control characters out of all that the vendor wrote. The exchange does this for every
    /// problem, so no adapter has to.
    pub(crate) fn clean(mut self, secrets: &[SecretString]) -> Self {
        // Ids and codes are kept whole as far as may be; only what we sent is taken out of them.
        let word = |text: String| clip(&escape_control(&redact(&text, secrets)), 120);
        self.code = self.code.map(word);
        self.request_id = self.request_id.map(word);
        self.message = self.message.map(|text| tidy(&text, secrets, 500));
        self
    }
}

/// A text of the vendor's without secrets and control characters, cut to so many characters.
pub(crate) fn tidy(text: &str, secrets: &[SecretString], most: usize) -> String {
    clip(&escape_control(&redact_looks(&without_secrets(text, secrets))), most)
}

/// The beginning of a text without the secrets that we sent: far more than is ever shown.
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
    // A secret that is cut through at the end is not found; so the end is not shown.
    let clean = redact(text.get(..end).unwrap_or_default(), secrets);
    let mut end = clean.len().saturating_sub(longest);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(clean.get(..end).unwrap_or_default().to_owned())
}

/// The beginning of a body, safe to show: secret members hidden, secrets that we sent taken out, likewise what looks
/// like a link or a token; control characters made visible; at most 400 characters.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    /// The longest excerpt, in characters.
    pub const MAX: usize = 400;

    /// Cuts an excerpt out of a body.
    #[must_use]
    pub fn of(body: &[u8], secrets: &[SecretString]) -> Self {
        Self(clip(&redact_body(body, secrets), Self::MAX))
    }

    /// The excerpt as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A body, safe to be kept for a support ticket: as an [`Excerpt`], but all of it up to about 16 KiB. Names and
/// addresses stay in it.
#[must_use]
pub fn redact_body(body: &[u8], secrets: &[SecretString]) -> String {
    let text = match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(mut value) => {
            redact_members(&mut value);
            without_secrets(&value.to_string(), secrets).into_owned()
        }
        Err(_) => {
            let text = String::from_utf8_lossy(body.get(..64 * 1024).unwrap_or(body));
            redact_fields(&without_secrets(&text, secrets)).into_owned()
        }
    };
    escape_control(&redact_looks(&text)).into_owned()
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Serialize for Excerpt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(text)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_cut_between_characters() {
        let body = "ü".repeat(1000);
        assert_eq!(Excerpt::of(body.as_bytes(), &[]).as_str().chars().count(), Excerpt::MAX + 1);
    }

    #[test]
    fn a_secret_at_the_cut_is_not_shown_in_part() {
        let secret = "s3cret-".repeat(120);
        let secrets = [SecretString::from(secret.as_str())];
        for filler in 0..40 {
            let body = format!("{}{}", "x".repeat(filler), secret.repeat(60));
            assert!(!Excerpt::of(body.as_bytes(), &secrets).as_str().contains("s3cret"), "{filler}");
            assert!(!tidy(&body, &secrets, 500).contains("s3cret"), "{filler}");
        }
    }

    #[test]
    fn a_secret_with_quotes_is_found_in_json() {
        let secrets = [SecretString::from("a\"b\\c")];
        let body = serde_json::json!({"message": "code a\"b\\c is bad"}).to_string();
        assert_eq!(
            Excerpt::of(body.as_bytes(), &secrets).as_str(),
            r#"{"message":"code [redacted] is bad"}"#
        );
    }

    #[test]
    fn a_cut_document_shows_no_secret_of_the_vendors_making() {
        let shown = Excerpt::of(br#"{"signLink":"https://app.example/sign?t=1","accessCode":"12"#, &[]);
        assert_eq!(shown.as_str(), r#"{"signLink":"[redacted]","accessCode":"[redacted]"#);
    }

    #[test]
    fn an_excerpt_holds_no_secret_and_no_escape() {
        let secrets = [SecretString::from("topsecret")];
        let shown = Excerpt::of(b"<b>\x1b[2Jtopsecret</b>", &secrets);
        assert_eq!(shown.as_str(), "<b>\\u{1b}[2J[redacted]</b>");
        let json = Excerpt::of(br#"{"message":"topsecret is bad","accessCode":"99"}"#, &secrets);
        assert_eq!(json.as_str(), r#"{"accessCode":"[redacted]","message":"[redacted] is bad"}"#);
    }
}
