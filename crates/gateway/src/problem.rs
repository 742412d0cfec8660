//! Problems (RFC 9457): the whole error of the library, with a status that no proxy misreads.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use countersign::ledger::KeyConflict;
use countersign::redact::escape_control;
use countersign::{Error, ErrorKind, Outcome, Retry};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not done. Members may be added.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `urn:countersign:problem:` and the kind.
    #[serde(rename = "type")]
    #[schema(example = "urn:countersign:problem:recipient_not_found")]
    pub(crate) problem_type: String,
    /// A short label of the kind.
    pub(crate) title: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What happened, for a person.
    pub(crate) detail: String,
    /// The kind of failure, the same for every vendor.
    #[schema(example = "recipient_not_found")]
    pub(crate) kind: String,
    /// The next step.
    pub(crate) hint: String,
    /// Whether it took effect: `no_effect`, `refused`, or `unknown`.
    #[schema(example = "no_effect")]
    pub(crate) outcome: String,
    /// Whether the same request may be repeated. This decides, not the status.
    pub(crate) retry: bool,
    /// When it may be repeated, if that is known.
    pub(crate) retry_after_seconds: Option<u64>,
    /// The vendor.
    pub(crate) vendor: Option<String>,
    /// The operation.
    pub(crate) operation: Option<String>,
    /// How many requests were sent to the vendor for the failed step.
    pub(crate) attempts: u32,
    /// The vendor's HTTP status.
    pub(crate) vendor_status: Option<u16>,
    /// The vendor's code.
    pub(crate) vendor_code: Option<String>,
    /// The vendor's message.
    pub(crate) vendor_message: Option<String>,
    /// The vendor's request id, for its support.
    pub(crate) vendor_request_id: Option<String>,
    /// The differences between the request and the envelope.
    pub(crate) details: Vec<ProblemDetail>,
    /// The call under the `Idempotency-Key`, as a path.
    #[schema(example = "/v1/calls/call_0193a5c0b1f27d3e8a4b6c5d7e8f9a0b")]
    pub(crate) call: Option<String>,
    /// The value of `Countersign-Request-Id`.
    pub(crate) request_id: Option<String>,
}

/// One difference between the request and the envelope.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProblemDetail {
    /// What differs.
    pub(crate) field: String,
    /// What was sent.
    pub(crate) sent: Option<String>,
    /// What is in the envelope.
    pub(crate) present: Option<String>,
}

impl Problem {
    /// A problem of the gateway itself: nothing was sent, and the same request does not help.
    pub(crate) fn new(
        status: StatusCode,
        kind: &str,
        detail: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            problem_type: format!("urn:countersign:problem:{kind}"),
            title: kind.replace('_', " "),
            status: status.as_u16(),
            detail: detail.into(),
            kind: kind.to_owned(),
            hint: hint.into(),
            outcome: "no_effect".to_owned(),
            retry: false,
            retry_after_seconds: None,
            vendor: None,
            operation: None,
            attempts: 0,
            vendor_status: None,
            vendor_code: None,
            vendor_message: None,
            vendor_request_id: None,
            details: Vec::new(),
            call: None,
            request_id: None,
        }
    }

    /// Nothing of this kind and id belongs to the tenant, whether or not another tenant has it.
    pub(crate) fn not_found(what: &str, hint: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            &format!("{what}_not_found"),
            format!("there is no such {what}"),
            hint,
        )
    }

    pub(crate) fn repeat_after(mut self, seconds: u64) -> Self {
        (self.retry, self.retry_after_seconds) = (true, Some(seconds));
        self
    }

    pub(crate) fn with_call(mut self, path: String) -> Self {
        self.call = Some(path);
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status.as_u16();
        self
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let conflict = KeyConflict::of(&error);
        let kind = match conflict {
            Some(KeyConflict::Running) => "call_running",
            Some(KeyConflict::Unknown) => "outcome_unknown",
            Some(KeyConflict::OtherRequest) => "key_used_for_another_request",
            Some(KeyConflict::Done) => "call_resolved",
            _ => error.kind().as_str(),
        };
        let title = if conflict.is_some() { kind.replace('_', " ") } else { error.kind().short().to_owned() };
        let (retry, wait) = match error.retry() {
            Retry::Never => (false, None),
            Retry::After(wait) => (true, wait.map(|wait| wait.as_secs().max(1))),
        };
        let problem = error.problem();
        let detail = |detail: &countersign::Detail| {
            let shown = |text: &Option<String>| text.as_deref().map(|text| escape_control(text).into_owned());
            ProblemDetail {
                field: detail.field.clone().into_owned(),
                sent: shown(&detail.sent),
                present: shown(&detail.present),
            }
        };
        let hint = match error.hint() {
            _ if conflict == Some(KeyConflict::Unknown) => {
                "check at the vendor whether it took effect, then record it with PUT /v1/calls/{call}/resolution"
                    .to_owned()
            }
            hint => over_http(hint),
        };
        Self {
            title,
            // This request sent nothing, but the running one may have.
            outcome: match conflict {
                Some(KeyConflict::Running) => outcome(Outcome::Unknown).to_owned(),
                _ => outcome(error.outcome()).to_owned(),
            },
            retry,
            retry_after_seconds: wait.or((conflict == Some(KeyConflict::Running)).then_some(1)),
            vendor: error.vendor().map(str::to_owned),
            operation: error.operation().map(|operation| operation.as_str().to_owned()),
            attempts: error.attempts(),
            vendor_status: error.status(),
            vendor_code: error.provider_code().map(str::to_owned),
            vendor_message: problem.and_then(|said| said.message.clone()),
            vendor_request_id: error.request_id().map(str::to_owned),
            details: error.details().iter().map(detail).collect(),
            ..Self::new(status(&error, conflict), kind, error.message(), hint)
        }
    }
}

/// A hint of the library, which does not know that its caller has no command line.
fn over_http(hint: &str) -> String {
    if hint.contains("countersign --account") {
        return "let the person sign in: see POST /v1/accounts/{account}/sign-ins".to_owned();
    }
    hint.replace("on the command line with `countersign unlock`", "by POST /v1/envelopes/{envelope}/unlocks")
        .replace("`countersign vendors`", "GET /v1/vendors")
}

pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NoEffect => "no_effect",
        Outcome::Refused => "refused",
        Outcome::Unknown => "unknown",
    }
}

/// The status of an error. 401 and 403 are about the caller's own key only. An unknown outcome is never 503, which
/// proxies and clients repeat by themselves.
fn status(error: &Error, conflict: Option<KeyConflict>) -> StatusCode {
    use ErrorKind as K;
    match conflict {
        Some(KeyConflict::OtherRequest) => return StatusCode::UNPROCESSABLE_ENTITY,
        Some(KeyConflict::Full) => return StatusCode::SERVICE_UNAVAILABLE,
        Some(_) => return StatusCode::CONFLICT,
        None => {}
    }
    match error.kind() {
        K::InvalidRequest | K::Unsupported => StatusCode::UNPROCESSABLE_ENTITY,
        K::Config | K::Unauthenticated | K::ConsentRequired | K::PermissionDenied => {
            StatusCode::FAILED_DEPENDENCY
        }
        K::EnvelopeNotFound | K::RecipientNotFound => StatusCode::NOT_FOUND,
        K::EnvelopeNotReady
        | K::EnvelopeClosed
        | K::EnvelopeBusy
        | K::RecipientAmbiguous
        | K::RecipientNotEmbedded
        | K::RecipientNotInTurn
        | K::RecipientLocked
        | K::RecipientDone
        | K::AccessCodeRefused
        | K::AccessCodeNotEnabled => StatusCode::CONFLICT,
        K::RateLimited | K::QuotaExceeded => StatusCode::TOO_MANY_REQUESTS,
        K::Unavailable if error.outcome() != Outcome::Unknown => StatusCode::SERVICE_UNAVAILABLE,
        K::Timeout => StatusCode::GATEWAY_TIMEOUT,
        K::Unavailable | K::InvalidResponse => StatusCode::BAD_GATEWAY,
        _ if error.vendor().is_some() => StatusCode::BAD_GATEWAY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Without its body: [`finished`] writes it, with the id of the request.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer with the problem's body, and the kind for the log. Answers of other kinds stay as they are.
pub(crate) fn finished(mut response: Response, request_id: &str) -> (Response, Option<String>) {
    let Some(mut problem) = response.extensions_mut().remove::<Problem>() else { return (response, None) };
    problem.request_id = Some(request_id.to_owned());
    let mut answer = (response.status(), Json(&problem)).into_response();
    let headers = answer.headers_mut();
    headers.extend(std::mem::take(response.headers_mut()).into_iter().filter_map(|(name, value)| {
        name.filter(|name| *name != header::CONTENT_LENGTH).map(|name| (name, value))
    }));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after_seconds.filter(|_| problem.retry) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if answer.status() == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    (answer, Some(problem.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_nothing_that_only_the_command_line_has() {
        for &kind in ErrorKind::ALL {
            let hint = Problem::from(Error::new(kind, "why")).hint;
            assert!(!hint.contains("`countersign ") && !hint.contains("command line"), "{kind}: {hint}");
        }
    }
}
