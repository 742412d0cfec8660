//! Refusals: DocuSign's description of one in any answer, one inside a success, and the meaning of a refused sign-in.

use std::time::Duration;

use bytes::Bytes;
use countersign_core::json::{Object, Text};
use countersign_core::{
    BaseUrl, Error, ErrorKind, MailExpectation, Problem, RecipientId, Result, Retry, Timestamp,
    VendorResponse, WebUrl,
};
use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::DESCRIPTOR;

/// The header with the request id for DocuSign's support.
const TRACE: &str = "x-docusign-tracetoken";

/// The answer to `PUT …/recipients` and to `PUT …/envelopes/{id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct UpdateSummary {
    pub(crate) error_details: Option<Object<ErrorDetails>>,
    pub(crate) recipient_update_results: Option<Vec<Object<UpdateResult>>>,
}

/// The result for one recipient.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct UpdateResult {
    pub(crate) recipient_id: Text,
    pub(crate) error_details: Option<Object<ErrorDetails>>,
}

/// A refusal, as a whole answer or inside a success.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ErrorDetails {
    pub(crate) error_code: Text,
    pub(crate) message: Text,
}

impl ErrorDetails {
    /// Neither `SUCCESS` (stackoverflow.com/questions/48272647; connect.schema-v2.json) nor an empty object is an
    /// error.
    pub(crate) fn is_success(&self) -> bool {
        match &self.error_code.0 {
            Some(code) => code.trim().eq_ignore_ascii_case("SUCCESS"),
            None => self.message.0.is_none(),
        }
    }
}

impl UpdateSummary {
    /// The result for each recipient.
    pub(crate) fn results(&self) -> impl Iterator<Item = &UpdateResult> {
        self.recipient_update_results.iter().flatten().map(|Object(result)| result)
    }
}

impl UpdateResult {
    /// The refusal for this recipient, if there is one.
    fn refusal(&self) -> Option<&ErrorDetails> {
        refusal(self.error_details.as_ref())
    }

    /// The recipient and the refusal, if there is one.
    pub(crate) fn refusal_for(&self) -> Option<(Option<&str>, &ErrorDetails)> {
        Some((self.recipient_id.0.as_deref(), self.refusal()?))
    }
}

fn refusal(details: Option<&Object<ErrorDetails>>) -> Option<&ErrorDetails> {
    details.map(|Object(details)| details).filter(|details| !details.is_success())
}

/// The error for a refusal inside a success.
pub(crate) fn refused(answer: &VendorResponse, details: &ErrorDetails) -> Error {
    answer.refusal(details.error_code.0.clone(), details.message.0.clone())
}

/// The error for a refusal of the whole request. Beside a success for a recipient, it does not say what was done.
pub(crate) fn of_whole(answer: &VendorResponse, summary: &UpdateSummary) -> Option<Error> {
    let details = refusal(summary.error_details.as_ref())?;
    let is_done = summary.results().any(|one| one.refusal().is_none());
    Some(match is_done {
        true => answer.unreadable("the answer refuses the request, but reports a success for a recipient"),
        false => refused(answer, details),
    })
}

/// Reads the answer to a change of one recipient: DocuSign answers 200 whether or not it succeeded, and the result is
/// inside.
///
/// # Errors
/// The refusal inside, classified; `InvalidResponse` with an unknown outcome if the answer does not mention the
/// recipient: that is not a success, although the change may have been made.
pub(crate) fn updated(answer: &VendorResponse, id: &RecipientId) -> Result<()> {
    let Object(summary): Object<UpdateSummary> = answer.json()?;
    if let Some(error) = of_whole(answer, &summary) {
        return Err(error);
    }
    // A single result without an id can only belong to the one recipient that was sent.
    let all: Vec<&UpdateResult> = summary.results().collect();
    let ours: Vec<&UpdateResult> = match all.as_slice() {
        [only] if only.recipient_id.0.is_none() => vec![only],
        _ => all.into_iter().filter(|one| one.recipient_id.0.as_deref() == Some(id.as_str())).collect(),
    };
    match ours.iter().find_map(|one| one.refusal()) {
        Some(details) => Err(refused(answer, details)),
        None if ours.is_empty() => Err(answer.unreadable("the answer contains no result for the recipient")),
        None => Ok(()),
    }
}

/// The maximum duration of an edit (developers.docusign.com, concepts/envelopes/lock).
const LONGEST_EDIT: Duration = Duration::from_secs(30 * 60);

/// A lock that still exists after a few seconds is not left over from a signature, but belongs to an edit.
pub(crate) fn still_locked(error: Error) -> Error {
    let (outcome, attempts) = (error.outcome(), error.attempts());
    match error.retry() {
        Retry::After(_) if error.kind() == ErrorKind::EnvelopeBusy && attempts > 1 => {
            error.with_outcome(outcome, Retry::After(Some(LONGEST_EDIT)))
        }
        _ => error,
    }
}

/// What the refusal for one recipient of several means for their mail.
pub(crate) fn mail_after(details: &ErrorDetails) -> MailExpectation {
    let (code, message) = (details.error_code.0.clone(), details.message.0.clone());
    let problem = Problem::new(200).with_code(code).with_message(message);
    DESCRIPTOR.facts.refusals.mail_refused(&problem, ErrorKind::Unexpected)
}

/// The form of the OAuth host's refusals.
#[derive(Default, Deserialize)]
#[serde(default)]
struct OauthError {
    error: Text,
    error_description: Text,
    reference_id: Text,
}

/// Reads DocuSign's description of a refusal; unreadable parts stay empty.
///
/// There are two forms: `{"errorCode","message"}` of the API and `{"error","error_description"}` of the OAuth host.
/// Gateways answer with HTML or nothing.
pub(crate) fn read_problem(status: u16, headers: &HeaderMap, body: &Bytes) -> Problem {
    let mut problem = Problem::new(status).with_request_id_of(headers, &[TRACE]);
    if let Ok(Object(api)) = serde_json::from_slice::<Object<ErrorDetails>>(body)
        && (api.error_code.0.is_some() || api.message.0.is_some())
    {
        return problem.with_code(api.error_code.0).with_message(api.message.0);
    }
    let Ok(Object(oauth)) = serde_json::from_slice::<Object<OauthError>>(body) else { return problem };
    let code = oauth_code(&oauth);
    problem.request_id = problem.request_id.or(oauth.reference_id.0);
    // A sentence is not a code: gateways answer `"error": "Not Found"`.
    let sentence = oauth.error.0.filter(|_| code.is_none());
    problem.with_code(code).with_message(oauth.error_description.0.or(sentence))
}

/// The OAuth host's code. `invalid_grant` covers several mistakes, and only the description distinguishes them: a
/// description that is one known word is appended to the code.
fn oauth_code(oauth: &OauthError) -> Option<String> {
    let error = oauth.error.0.clone().filter(|error| !error.contains(char::is_whitespace))?;
    if let Some(word) = &oauth.error_description.0 {
        let joined = format!("{error}/{word}");
        if DESCRIPTOR.facts.refusals.knows(&joined) {
            return Some(joined);
        }
    }
    if error.eq_ignore_ascii_case("internal_server_error") && oauth.reference_id.0.is_some() {
        return Some(format!("{error}+reference_id"));
    }
    Some(error)
}

/// Whether a 401 refusal by userinfo may be temporary. Its "internal server error" occurs when a token has expired
/// (docusign-esign-java-client issue 84). Only users' notes on the demo environment report that it sometimes also
/// occurs for a new token.
pub(crate) fn may_pass(problem: &Problem) -> bool {
    problem.code.as_deref().is_some_and(|code| code.to_ascii_lowercase().starts_with("internal_server_error"))
}

/// The unreserved characters of a query (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The page on which a user allows the integration to act for them. Contains the integration key, which is not secret.
pub(crate) struct Consent {
    /// The URL up to the redirect URI.
    start: String,
    redirect_uri: Option<WebUrl>,
}

impl Consent {
    pub(crate) fn new(
        oauth: &BaseUrl,
        scope: &str,
        integration_key: &str,
        redirect_uri: Option<WebUrl>,
    ) -> Self {
        let start = format!(
            "{}/oauth/auth?response_type=code&scope={}&client_id={}&redirect_uri=",
            oauth.as_str(),
            encoded(scope),
            encoded(integration_key),
        );
        Self { start, redirect_uri }
    }

    /// Adds the known cause to a refused sign-in with a signed assertion: consent, the clock, or the key.
    pub(crate) fn explain(&self, error: Error, now: Timestamp) -> Error {
        if error.kind() != ErrorKind::ConsentRequired {
            return with_cause(error, now);
        }
        let start = &self.start;
        error.with_hint(match &self.redirect_uri {
            Some(uri) => format!(
                "open {start}{} once, signed in as that user, then repeat the call; an administrator can also \
                 consent for all users",
                encoded(uri.as_str()),
            ),
            None => format!(
                "open {start}<a redirect URI registered for the integration key, percent-encoded> once, signed \
                 in as that user, then repeat the call; set `redirect_uri` to get the full URL here",
            ),
        })
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// By how many seconds two clocks may differ before the clock counts as the cause. A message takes a moment, and
/// the assertion itself is dated half a minute back.
const CLOCK_SLACK: i64 = 60;

/// DocuSign answers a wrong key and a wrong clock with the same code (docusign-esign-csharp-client issue 323,
/// -python-client issue 57). But its answers contain its time: clocks that differ by more than a minute are the
/// likely cause; otherwise it is the key.
fn with_cause(error: Error, now: Timestamp) -> Error {
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
                "set this machine's clock; if DocuSign still refuses, check that the private key belongs to the \
                 integration key",
            );
    }
    if ambiguous {
        return error
            .reworded(
                kind,
                "the signature does not match a key of the integration; this machine's clock agrees with \
                 DocuSign's to the minute",
            )
            .with_hint(
                "check that the private key belongs to the integration key, was not deleted there, and that \
                 `environment` is the right one",
            );
    }
    error
}
