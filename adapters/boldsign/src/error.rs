//! From BoldSign's refusals to kinds. BoldSign has no error codes, only a status and an English text, and the same
//! status for different causes; the rows say which step they are for.

use std::collections::BTreeMap;

use bytes::Bytes;
use countersign_core::Operation::{ChangeAccessCode, CreateView, ListRecipients, ResendRecipient};
use countersign_core::{Error, ErrorKind, Problem, Result, Retry, Rule, VendorResponse};
use http::HeaderMap;
use serde::Deserialize;

const API_TESTS: &str = "boldsign/boldsign-python-sdk, -java-sdk and -php-sdk, integration tests";
const STATUS_PAGE: &str = "developers.boldsign.com/troubleshooting/possible-errors-and-solution";
const ACCESS_PAGE: &str = "developers.boldsign.com/troubleshooting/integration-errors";
const REMINDER_PAGE: &str =
    "support.boldsign.com/kb/article/23064 gives the limit; the status is as users' code reports it";

/// The four causes that hide behind BoldSign's 403 on a document.
const NOT_SHOWN: &str = "BoldSign does not show this document to this key: it is still being created, or its creation failed, or \
     the id is unknown in this account and environment, or the right to see it is lacking";

/// How to tell them apart.
const NOT_SHOWN_HINT: &str = "right after sending: repeat the call for some minutes; if it stays so, check the id, the key's \
     environment (live or sandbox) and account; a document whose creation failed is in no list and has to be sent anew \
     (the webhook event SendFailed has the reason)";

const REMINDED_HINT: &str = "try again the next day; until then give the signer a link of your own (create_view). If no reminder went out today, \
     check that the key's user may act for this document's sender";

/// BoldSign says that its sign-in follows OAuth 2 and OpenID Connect; these are the standard's words.
const OAUTH: &str = "RFC 6749, 5.2; developers.boldsign.com/authentication/oauth-2-0 names the standard";

/// The rows; the first that fits wins.
pub(crate) static RULES: &[Rule] = &[
    Rule::code("invalid_client", ErrorKind::Unauthenticated, "BoldSign does not know the OAuth application, or its secret is wrong or has run out")
        .remedy("check `client_id`, `client_secret` and `region`; the secret of an application has an end that was chosen when it was made")
        .source(OAUTH),
    Rule::code("invalid_grant", ErrorKind::Unauthenticated, "BoldSign does not take the code or refresh token: used already, too old, or of another application")
        .remedy("sign in again")
        .source(OAUTH),
    Rule::code("unauthorized_client", ErrorKind::Unauthenticated, "the OAuth application may not sign in this way")
        .remedy("check which grants and redirect URIs the application has in BoldSign")
        .source(OAUTH),
    Rule::code("invalid_scope", ErrorKind::PermissionDenied, "the OAuth application may not ask for the scope BoldSign.Documents.All or offline_access")
        .remedy("give the application these scopes in BoldSign")
        .source(OAUTH),
    Rule::code("unsupported_grant_type", ErrorKind::Config, "what answers at oauth_url does not know this way to sign in")
        .remedy("check oauth_url and region")
        .source(OAUTH),
    Rule::code("invalid_request", ErrorKind::InvalidRequest, "the request for a token lacks something")
        .remedy("something on the way changed the request; check proxies and oauth_url")
        .source(OAUTH),
    Rule::status(401, ErrorKind::Unauthenticated, "BoldSign does not accept the API key or token here")
        .remedy("check that the key is whole and not revoked, and that it belongs to this region: every other region's host answers 401")
        .source(ACCESS_PAGE),
    Rule::status(402, ErrorKind::QuotaExceeded, "BoldSign asks for payment: the plan or its credits are used up")
        .remedy("enlarge the plan or buy credits")
        .source(STATUS_PAGE),
    Rule::status(417, ErrorKind::InvalidRequest, "BoldSign finds invalid data in the request").source(STATUS_PAGE),
    Rule::status(422, ErrorKind::InvalidRequest, "BoldSign cannot process the request").source(
        "BoldSign's OpenAPI document declares it for sending only; boldsign-java-sdk's tests allow it for links",
    ),
    Rule::status(429, ErrorKind::RateLimited, "the account's hourly allowance of API calls is used up")
        .remedy("wait as long as the error says, at most an hour; the allowance is shared by all keys and applications of the account")
        .source("developers.boldsign.com/api-overview/rate-limit; support.boldsign.com/kb/article/18976"),
    Rule::status(403, ErrorKind::EnvelopeNotReady, NOT_SHOWN)
        .saying("invalid document id")
        .remedy(NOT_SHOWN_HINT)
        .source(ACCESS_PAGE),
    Rule::status(403, ErrorKind::QuotaExceeded, "BoldSign refuses the reminder; most likely the document's one manual reminder of the day is used up")
        .during(ResendRecipient)
        .remedy(REMINDED_HINT)
        .source(REMINDER_PAGE),
    Rule::status(400, ErrorKind::QuotaExceeded, "the document's one manual reminder of the day is used up")
        .during(ResendRecipient)
        .saying("limit")
        .remedy(REMINDED_HINT)
        .source(REMINDER_PAGE),
    Rule::status(403, ErrorKind::PermissionDenied, "BoldSign refuses the new access code: only the sender or the sender's administrator may set it, and only for a signer and order that are on the document")
        .during(ChangeAccessCode)
        .remedy("use the sender's key, or name the sender identity (on_behalf_of); list the recipients again if the document was changed meanwhile")
        .source("boldsign-java-sdk, test testChangeAccessCodeNegativeWithInvalidZorder; developers.boldsign.com/how-to-guides/change-the-access-code-via-API"),
    Rule::status(403, ErrorKind::EnvelopeNotReady, NOT_SHOWN)
        .during(CreateView)
        .remedy(NOT_SHOWN_HINT)
        .source(ACCESS_PAGE),
    Rule::status(403, ErrorKind::EnvelopeNotReady, NOT_SHOWN)
        .during(ListRecipients)
        .remedy(NOT_SHOWN_HINT)
        .source(ACCESS_PAGE),
    Rule::status(404, ErrorKind::EnvelopeNotFound, "BoldSign knows no document with this id in this account and environment")
        .saying("document id")
        .source(API_TESTS),
    Rule::status(400, ErrorKind::EnvelopeNotFound, "BoldSign has no document with such an id")
        .saying("valid document id")
        .source(API_TESTS),
    Rule::status(400, ErrorKind::EnvelopeNotFound, "BoldSign has no document with such an id")
        .saying("field DocumentId is invalid")
        .source(API_TESTS),
    Rule::status(400, ErrorKind::InvalidRequest, "BoldSign misses the document id")
        .saying("documentId field is required")
        .source(API_TESTS),
    Rule::status(400, ErrorKind::AccessCodeRefused, "BoldSign does not take this access code")
        .during(ChangeAccessCode)
        .saying("AccessCode field")
        .source(API_TESTS),
    Rule::status(400, ErrorKind::InvalidRequest, "BoldSign does not accept a recipient's address")
        .during(ResendRecipient)
        .saying("receiverEmails")
        .source(API_TESTS),
    Rule::status(400, ErrorKind::InvalidRequest, "BoldSign does not accept the recipient's address or another value of the link")
        .during(CreateView)
        .source(API_TESTS),
];

/// What a 403 on reading the document means, whatever the operation is for which it was read.
///
/// `EnvelopeNotReady` and not `PermissionDenied`: right after sending, this is what every caller gets, and a call that
/// may be repeated for a while does no harm in the other cases.
pub(crate) fn not_shown(error: Error) -> Error {
    if error.status() != Some(403) {
        return error;
    }
    let outcome = error.outcome();
    error
        .reworded(ErrorKind::EnvelopeNotReady, NOT_SHOWN)
        .with_hint(NOT_SHOWN_HINT)
        .with_outcome(outcome, Retry::After(None))
}

/// A 403 that says "no such document" about one that was read just before: it is there, so waiting does not help.
pub(crate) fn shown_but_refused(error: Error) -> Error {
    if error.status() != Some(403) || error.kind() != ErrorKind::EnvelopeNotReady {
        return error;
    }
    let outcome = error.outcome();
    error
        .reworded(
            ErrorKind::PermissionDenied,
            "BoldSign shows the document and the recipient to this key, but refuses this step for them without a reason",
        )
        .with_hint(
            "check that the key's user may act for this document's sender; for links, that the document was sent with \
             enableEmbeddedSigning (whether BoldSign insists on it is not documented)",
        )
        .with_outcome(outcome, Retry::Never)
}

/// Reads the answer to a reminder or a change. BoldSign says "done" with 204 and nothing else (its OpenAPI document).
///
/// # Errors
/// A body under a status of success is not BoldSign's (a page of HTML, as a gateway or a portal gives it), or not
/// whole: what became of the request is unknown then. JSON is let pass, unless it speaks of an error.
pub(crate) fn accepted(answer: &VendorResponse) -> Result<()> {
    if answer.body().trim_ascii().is_empty() {
        return Ok(());
    }
    answer.json::<serde::de::IgnoredAny>()?;
    let said: Said = serde_json::from_slice(answer.body()).unwrap_or_default();
    match said.message() {
        Some(message) => Err(answer.refusal(None, Some(message))),
        None => Ok(()),
    }
}

/// Reads what BoldSign says about a refusal: `{"error"}`, `{"errorType", "error"}`, a validation problem with texts
/// by field, or plain text. What cannot be read stays empty.
pub(crate) fn read_problem(status: u16, headers: &HeaderMap, body: &Bytes) -> Problem {
    let said: Said = serde_json::from_slice(body).unwrap_or_default();
    let mut problem = Problem::new(status);
    if let Some(word) = said.oauth_word() {
        problem.code = Some(word);
        problem.message = said.error_description.and_then(text);
        problem.request_id = header(headers);
        return problem;
    }
    problem.message = said.message().or_else(|| plain(headers, body));
    problem.request_id = said.trace_id.and_then(text).or_else(|| header(headers));
    problem
}

/// Every member as loose as JSON allows: one that has an unexpected form must not hide the others.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Said {
    error: Option<serde_json::Value>,
    error_type: Option<serde_json::Value>,
    errors: Option<serde_json::Value>,
    title: Option<serde_json::Value>,
    trace_id: Option<serde_json::Value>,
    #[serde(rename = "error_description")]
    error_description: Option<serde_json::Value>,
}

impl Said {
    /// The code of a refused sign-in. The API itself has none: its `error` is a sentence.
    fn oauth_word(&self) -> Option<String> {
        const WORDS: [&str; 6] = [
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope",
        ];
        let said = self.error.as_ref()?.as_str()?;
        WORDS.contains(&said).then(|| said.to_owned())
    }

    fn message(&self) -> Option<String> {
        let error = self.error.clone().and_then(text);
        let parts: Vec<String> = [
            self.error_type.clone().and_then(text).filter(|_| error.is_some()),
            error,
            self.title.clone().and_then(text),
            self.errors.as_ref().and_then(fields),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() { None } else { Some(parts.join(" ")) }
    }
}

/// `Field: text; text. Other: text.`, in the order of the names.
fn fields(errors: &serde_json::Value) -> Option<String> {
    let errors = errors.as_object()?;
    let sorted: BTreeMap<&String, Vec<String>> = errors
        .iter()
        .map(|(field, texts)| {
            let texts = match texts {
                serde_json::Value::Array(texts) => texts.iter().cloned().filter_map(text).collect(),
                one => text(one.clone()).into_iter().collect(),
            };
            (field, texts)
        })
        .collect();
    let lines: Vec<String> =
        sorted.into_iter().map(|(field, texts)| format!("{field}: {}", texts.join("; "))).collect();
    if lines.is_empty() { None } else { Some(lines.join(" ")) }
}

fn text(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    }
}

/// A short plain text, as some refusals may be; a page of HTML tells nothing and is left to the excerpt.
fn plain(headers: &HeaderMap, body: &Bytes) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let kind =
        headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let markup = kind.contains("html") || kind.contains("json") || text.starts_with(['<', '{', '[']);
    (!text.is_empty() && text.len() <= 500 && !markup).then(|| text.trim_matches('"').to_owned())
}

/// BoldSign declares no such header; these are the usual names.
fn header(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "request-id", "x-correlation-id"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok().map(str::to_owned))
}
