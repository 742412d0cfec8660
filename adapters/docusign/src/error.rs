//! Reading DocuSign's account of a refusal out of any answer, and what its codes ask for.

use std::time::Duration;

use bytes::Bytes;
use countersign_core::{Error, ErrorKind, Operation, Problem, Retry, Timestamp};
use http::HeaderMap;
use serde::Deserialize;

use crate::lenient::{Object, text};
use crate::rules::RULES;
use crate::wire::ErrorDetails;

/// The header under which DocuSign's support finds a call.
const TRACE: &str = "x-docusign-tracetoken";

/// The shape of refusals of the OAuth host.
#[derive(Default, Deserialize)]
#[serde(default)]
struct OauthError {
    #[serde(deserialize_with = "text")]
    error: Option<String>,
    #[serde(deserialize_with = "text")]
    error_description: Option<String>,
    #[serde(deserialize_with = "text")]
    reference_id: Option<String>,
}

/// Reads DocuSign's account of a refusal; what cannot be read stays empty.
///
/// Two shapes: `{"errorCode","message"}` of the API and `{"error","error_description"}` of the OAuth host. Gateways
/// answer with HTML or nothing.
pub(crate) fn read_problem(status: u16, headers: &HeaderMap, body: &Bytes) -> Problem {
    let mut problem = Problem::new(status);
    problem.request_id = headers.get(TRACE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if let Ok(Object(api)) = serde_json::from_slice::<Object<ErrorDetails>>(body)
        && (api.error_code.is_some() || api.message.is_some())
    {
        return problem.with_code(api.error_code).with_message(api.message);
    }
    let Ok(Object(oauth)) = serde_json::from_slice::<Object<OauthError>>(body) else { return problem };
    let code = oauth_code(&oauth);
    problem.request_id = problem.request_id.or(oauth.reference_id);
    // A sentence is no code: `"error": "Not Found"` is what a gateway says.
    let sentence = oauth.error.filter(|_| code.is_none());
    problem.with_code(code).with_message(oauth.error_description.or(sentence))
}

/// The OAuth host's code. `invalid_grant` covers several mistakes, and only the description tells them apart: a
/// description that is one known word is joined to it.
fn oauth_code(oauth: &OauthError) -> Option<String> {
    let error = oauth.error.clone().filter(|error| !error.contains(char::is_whitespace))?;
    if let Some(word) = oauth.error_description.as_deref() {
        let joined = format!("{error}/{word}");
        let known = RULES.iter().any(|rule| rule.code.is_some_and(|code| code.eq_ignore_ascii_case(&joined)));
        if known {
            return Some(joined);
        }
    }
    if error.eq_ignore_ascii_case("internal_server_error") && oauth.reference_id.is_some() {
        return Some(format!("{error}+reference_id"));
    }
    Some(error)
}

/// Whether a refusal of userinfo with 401 may pass by itself. Its "internal server error" comes when a token has run out
/// (docusign-esign-java-client issue 84). That it also comes now and then for a token that was just made is known from
/// users' notes on the demo environment only.
pub(crate) fn may_pass(problem: &Problem) -> bool {
    problem.code.as_deref().is_some_and(|code| code.to_ascii_lowercase().starts_with("internal_server_error"))
}

/// Adds the wait that DocuSign documents for a limit where its headers named none: the burst window is 30 seconds,
/// hourly budgets are renewed at the top of the hour (developers.docusign.com, "Rules and limits" and "Resource
/// limits").
pub(crate) fn with_documented_wait(error: Error, now: Timestamp) -> Error {
    if error.kind() != ErrorKind::RateLimited || error.retry() != Retry::After(None) {
        return error;
    }
    let code = error.provider_code().unwrap_or_default().to_ascii_lowercase();
    let wait = if code.starts_with("burst_") {
        Duration::from_secs(30)
    } else if code.starts_with("hourly_") {
        let into_hour = now.as_second().rem_euclid(3600);
        Duration::from_secs(u64::try_from(3600 - into_hour).unwrap_or(3600))
    } else {
        return error;
    };
    let outcome = error.outcome();
    error.with_outcome(outcome, Retry::After(Some(wait)))
}

/// What a code inside a success means.
pub(crate) fn kind_of(operation: Operation, details: &ErrorDetails) -> ErrorKind {
    let problem =
        Problem::new(200).with_code(details.error_code.clone()).with_message(details.message.clone());
    RULES
        .iter()
        .find(|rule| rule.applies(operation, &problem))
        .map_or(ErrorKind::Unexpected, |rule| rule.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Problem {
        let mut headers = HeaderMap::new();
        headers.insert("X-DocuSign-TraceToken", "t-1".parse().unwrap());
        read_problem(status, &headers, &Bytes::copy_from_slice(body.as_bytes()))
    }

    #[test]
    fn both_shapes_are_read() {
        let api = read(400, r#"{"errorCode":"X_Y","message":"text"}"#);
        assert_eq!((api.code.as_deref(), api.message.as_deref()), (Some("X_Y"), Some("text")));
        assert_eq!(api.request_id.as_deref(), Some("t-1"));
        let oauth = read(400, r#"{"error":"invalid_grant","error_description":"issuer_not_found"}"#);
        assert_eq!(oauth.code.as_deref(), Some("invalid_grant/issuer_not_found"));
        assert_eq!(oauth.message.as_deref(), Some("issuer_not_found"));
    }

    #[test]
    fn a_description_that_is_prose_is_a_message_and_no_code() {
        let oauth = read(400, r#"{"error":"invalid_grant","error_description":"something else"}"#);
        assert_eq!(oauth.code.as_deref(), Some("invalid_grant"));
        assert_eq!(oauth.message.as_deref(), Some("something else"));
    }

    #[test]
    fn what_is_no_refusal_stays_empty() {
        for body in ["", "<html>", "[1,2]", "\"text\"", "{\"errorCode\":[1]}", "{\"errorCode\":\"\"}", "null"]
        {
            let problem = read(502, body);
            assert_eq!((problem.code, problem.message), (None, None), "{body}");
        }
    }
}
