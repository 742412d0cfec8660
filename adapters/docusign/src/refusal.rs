//! What a refused sign-in with a signed assertion means: consent, the clock, or the key.

use countersign_core::{BaseUrl, Error, ErrorKind, Timestamp, WebUrl};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::jwt::SCOPE;

/// What stands for itself in a query (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Seconds by which two clocks may differ before the clock is blamed. A message takes a moment, and the assertion
/// itself is made half a minute old.
const CLOCK_SLACK: i64 = 60;

/// Where a user allows the integration to act for them. Holds the integration key, which is no secret.
#[derive(Debug)]
pub(crate) struct Consent {
    /// The URL up to the redirect URI.
    start: String,
    redirect_uri: Option<WebUrl>,
}

impl Consent {
    pub(crate) fn new(oauth: &BaseUrl, integration_key: &str, redirect_uri: Option<WebUrl>) -> Self {
        let start = format!(
            "{}/oauth/auth?response_type=code&scope={}&client_id={}&redirect_uri=",
            oauth.as_str(),
            encoded(SCOPE),
            encoded(integration_key),
        );
        Self { start, redirect_uri }
    }

    /// Writes out the URL at which the user consents.
    pub(crate) fn explain(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::ConsentRequired {
            return error;
        }
        let start = &self.start;
        error.with_hint(match &self.redirect_uri {
            Some(uri) => format!(
                "open {start}{} once as the user to act for, then repeat the call; an administrator can also consent for all users",
                encoded(uri.as_str()),
            ),
            None => format!(
                "open {start}<a redirect URI registered for the integration key, percent-encoded> once as the user to act for, then repeat the call; set `redirect_uri` to have the URL written out",
            ),
        })
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// DocuSign answers a wrong key and a wrong clock with the same code (docusign-esign-csharp-client issue 323,
/// -python-client issue 57). Its answers tell its time, though: clocks that differ by more than a minute are the
/// likely cause, and clocks that agree leave the key.
pub(crate) fn with_cause(error: Error, now: Timestamp) -> Error {
    let code = error.provider_code().unwrap_or_default().to_ascii_lowercase();
    let ambiguous = code == "invalid_grant/no_valid_keys_or_signatures";
    if !ambiguous && code != "invalid_grant/expired_client_token" {
        return error;
    }
    let Some(theirs) = error.problem().and_then(|problem| problem.answered_at) else { return error };
    let ahead = now.as_second().saturating_sub(theirs.as_second());
    let kind = error.kind();
    if ahead.abs() > CLOCK_SLACK {
        let way = if ahead > 0 { "ahead of" } else { "behind" };
        let by = ahead.abs();
        return error
            .reworded(
                kind,
                format!("this machine's clock is {by} seconds {way} DocuSign's, which is the likely cause of the refusal"),
            )
            .with_hint(
                "set this machine's clock; if DocuSign refuses with a right clock as well, check that the private key \
                 belongs to the integration key",
            );
    }
    if ambiguous {
        return error
            .reworded(
                kind,
                "the signature does not fit a key of the integration; this machine's clock agrees with DocuSign's to the minute",
            )
            .with_hint(
                "check that the private key belongs to the integration key, was not deleted there, and that \
                 `environment` is the one it belongs to",
            );
    }
    error
}
