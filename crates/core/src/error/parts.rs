//! An error as values that can be stored and read back by another build.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Detail, Error, ErrorKind, Outcome, Problem, Retry};
use crate::model::Operation;

/// The parts of an error, without its source and without the vendor's body. Words that this build does not know
/// become the most cautious known ones.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ErrorParts<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    outcome: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    retry: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(default)]
    attempts: u32,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    vendor: Option<Cow<'a, str>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    operation: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    hint: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    details: Vec<DetailParts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    problem: Option<Cow<'a, Problem>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DetailParts {
    field: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    present: Option<String>,
}

impl<'a> ErrorParts<'a> {
    pub(crate) fn of(error: &'a Error) -> Self {
        let inner = &*error.0;
        let (retry, wait) = match inner.retry {
            Retry::Never => (false, None),
            Retry::After(wait) => (true, wait),
        };
        Self {
            kind: inner.kind.as_str().into(),
            outcome: inner.outcome.as_str().into(),
            retry,
            retry_after_ms: wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            attempts: inner.attempts,
            vendor: inner.vendor.as_deref().map(Cow::Borrowed),
            operation: inner.operation.map(|operation| operation.as_str().into()),
            message: Cow::Borrowed(&inner.message),
            hint: inner.hint.as_deref().map(Cow::Borrowed),
            details: inner.details.iter().map(DetailParts::of).collect(),
            problem: inner.problem.as_ref().map(Cow::Borrowed),
        }
    }

    pub(crate) fn into_error(self) -> Error {
        let known = |kind: &ErrorKind| kind.as_str() == self.kind;
        let kind = ErrorKind::ALL.iter().copied().find(known).unwrap_or(ErrorKind::Unexpected);
        let outcome = match &*self.outcome {
            "no_effect" => Outcome::NoEffect,
            "refused" => Outcome::Refused,
            _ => Outcome::Unknown,
        };
        let retry = match self.retry {
            true => Retry::After(self.retry_after_ms.map(Duration::from_millis)),
            false => Retry::Never,
        };
        let operation = self
            .operation
            .and_then(|word| Operation::ALL.iter().copied().find(|operation| operation.as_str() == word));
        let mut error = Error::new(kind, self.message.into_owned())
            .with_outcome(outcome, retry)
            .with_attempts(self.attempts)
            .with_details(self.details.into_iter().map(DetailParts::read).collect());
        error.0.vendor = self.vendor.map(|vendor| Cow::Owned(vendor.into_owned()));
        error.0.operation = operation;
        error.0.problem = self.problem.map(|problem| {
            let Problem { status, code, message, request_id, .. } = problem.into_owned();
            Problem { status, code, message, request_id, ..Problem::default() }
        });
        match self.hint {
            Some(hint) => error.with_hint(hint.into_owned()),
            None => error,
        }
    }
}

impl DetailParts {
    fn of(detail: &Detail) -> Self {
        Self { field: detail.field.to_string(), sent: detail.sent.clone(), present: detail.present.clone() }
    }

    fn read(self) -> Detail {
        Detail::new(self.field, self.sent, self.present)
    }
}
