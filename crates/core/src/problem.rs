//! What a vendor said when it refused.

use std::fmt;

use secrecy::SecretString;
use serde::{Serialize, Serializer};

use crate::secret::{escape_control, redact_members, scrub};

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
        let tidy = |text: String| {
            let text = escape_control(&scrub(&text, secrets)).into_owned();
            clip(&text, 500)
        };
        self.code = self.code.map(tidy);
        self.message = self.message.map(tidy);
        self.request_id = self.request_id.map(tidy);
        self
    }
}

/// The beginning of a body, safe to show: secret members hidden, secrets that we sent taken out, control characters
/// made visible, at most 400 characters.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Excerpt(String);

impl Excerpt {
    /// The longest excerpt, in characters.
    pub const MAX: usize = 400;

    /// Cuts an excerpt out of a body.
    #[must_use]
    pub fn of(body: &[u8], secrets: &[SecretString]) -> Self {
        let text = match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(mut value) => {
                redact_members(&mut value);
                value.to_string()
            }
            // More than is shown is decoded, so that a secret that straddles the cut is still found.
            Err(_) => String::from_utf8_lossy(body.get(..8192).unwrap_or(body)).into_owned(),
        };
        Self(clip(&escape_control(&scrub(&text, secrets)), Self::MAX))
    }

    /// The excerpt as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
    fn an_excerpt_holds_no_secret_and_no_escape() {
        let secrets = [SecretString::from("topsecret")];
        let shown = Excerpt::of(b"<b>\x1b[2Jtopsecret</b>", &secrets);
        assert_eq!(shown.as_str(), "<b>\\u{1b}[2J[redacted]</b>");
        let json = Excerpt::of(br#"{"message":"topsecret is bad","accessCode":"99"}"#, &secrets);
        assert_eq!(json.as_str(), r#"{"accessCode":"[redacted]","message":"[redacted] is bad"}"#);
    }
}
