//! From a vendor's refusal to a kind: a vendor's own rows first, then one table of HTTP statuses for all.

use bytes::Bytes;
use http::HeaderMap;

use crate::error::{ErrorKind, Problem};
use crate::model::Operation;

/// One row of a vendor's table. A row applies when everything it names fits; the first that applies wins.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Only in this operation.
    pub operation: Option<Operation>,
    /// Only under this HTTP status.
    pub status: Option<u16>,
    /// Only with this code of the vendor, compared without letter case.
    pub code: Option<&'static str>,
    /// Only when the vendor's text contains this, compared without letter case. For vendors without codes only.
    pub text: Option<&'static str>,
    /// What it means.
    pub kind: ErrorKind,
    /// What happened, in a sentence of ours.
    pub meaning: &'static str,
    /// The next step; empty where the kind's own remedy is as good.
    pub remedy: &'static str,
    /// Where the fact is from: a docs page or an issue.
    pub source: &'static str,
}

impl Rule {
    /// A row for a code, in any operation and under any status.
    #[must_use]
    pub const fn code(code: &'static str, kind: ErrorKind, meaning: &'static str) -> Self {
        Self {
            operation: None,
            status: None,
            code: Some(code),
            text: None,
            kind,
            meaning,
            remedy: "",
            source: "",
        }
    }

    /// A row for an HTTP status.
    #[must_use]
    pub const fn status(status: u16, kind: ErrorKind, meaning: &'static str) -> Self {
        Self {
            operation: None,
            status: Some(status),
            code: None,
            text: None,
            kind,
            meaning,
            remedy: "",
            source: "",
        }
    }

    /// Narrows the row to one operation.
    #[must_use]
    pub const fn during(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Narrows the row to texts that contain this.
    #[must_use]
    pub const fn saying(mut self, text: &'static str) -> Self {
        self.text = Some(text);
        self
    }

    /// Gives the next step.
    #[must_use]
    pub const fn remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = remedy;
        self
    }

    /// Gives the public source of the fact.
    #[must_use]
    pub const fn source(mut self, source: &'static str) -> Self {
        self.source = source;
        self
    }

    /// Whether the row fits a problem. That there is no such envelope has to be said by the vendor in words of its own:
    /// a bare status may come from a wrong base URL or from anything on the way.
    #[must_use]
    pub fn applies(&self, operation: Operation, problem: &Problem) -> bool {
        (self.kind != ErrorKind::EnvelopeNotFound || problem.code.is_some() || problem.message.is_some())
            && self.operation.is_none_or(|wanted| wanted == operation)
            && self.status.is_none_or(|wanted| wanted == problem.status)
            && self.code.is_none_or(|wanted| {
                problem.code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(wanted))
            })
            && self.text.is_none_or(|wanted| {
                problem.message.as_deref().is_some_and(|message| {
                    message.to_ascii_lowercase().contains(&wanted.to_ascii_lowercase())
                })
            })
    }
}

/// What the errors of a request need of a vendor: its name, and how its refusals are read.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Vocabulary {
    /// The vendor's short name.
    pub name: &'static str,
    /// From its refusals to kinds.
    pub rules: &'static [Rule],
    /// Reads its account of a refusal out of any answer; see `Descriptor::read_problem`.
    pub read_problem: fn(status: u16, headers: &HeaderMap, body: &Bytes) -> Problem,
}

impl Vocabulary {
    /// The row that fits, if any.
    pub(crate) fn find(&self, operation: Operation, problem: &Problem) -> Option<&'static Rule> {
        self.rules.iter().find(|rule| rule.applies(operation, problem))
    }
}

/// The kind of an HTTP status of which the vendor's table says nothing, and what it means.
#[must_use]
pub fn default_kind(status: u16) -> (ErrorKind, &'static str) {
    match status {
        200..=299 => (ErrorKind::Unexpected, "the vendor reported a failure inside a success"),
        300..=399 => (ErrorKind::Config, "the vendor answered with a redirect, which is never followed"),
        401 => (ErrorKind::Unauthenticated, "the vendor does not accept the credentials"),
        402 => (ErrorKind::QuotaExceeded, "the vendor asks for payment: plan or credits are used up"),
        403 => (ErrorKind::PermissionDenied, "the vendor denies access"),
        404 | 410 => (
            ErrorKind::Config,
            "nothing is known there under this address: `base_url`, region or environment is probably wrong",
        ),
        408 => (ErrorKind::Timeout, "the vendor gave up waiting for the request"),
        409 | 423 => (ErrorKind::EnvelopeBusy, "the vendor reports a conflict with another change"),
        429 => (ErrorKind::RateLimited, "the vendor allows no more calls for now"),
        400 | 405 | 406 | 411..=418 | 422 | 428 | 431 => {
            (ErrorKind::InvalidRequest, "the vendor does not accept the request")
        }
        500..=599 => (ErrorKind::Unavailable, "the vendor, or something on the way to it, is out of order"),
        _ => (ErrorKind::Unexpected, "the vendor answered with a status that has no known meaning here"),
    }
}
