//! Maps a vendor's refusals to kinds: the rows of `[[refusal]]`.

use std::error::Error as _;

use serde::{Deserialize, Serialize};

use super::value::Period;
use crate::error::{Error, ErrorKind, Problem, may_have_acted};
use crate::http::{Phase, TransportError};
use crate::model::{Effect, MailExpectation, NoMail, Operation};

/// One row. It applies if all of its conditions match; the first row that applies wins.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Rule {
    /// Only in this operation.
    pub operation: Option<Operation>,
    /// Only under this HTTP status.
    pub status: Option<u16>,
    /// Only with this vendor code, compared without letter case.
    pub code: Option<String>,
    /// Only if the vendor's text contains this, compared without letter case. For vendors without codes only.
    pub text: Option<String>,
    /// The kind.
    pub kind: ErrorKind,
    /// What happened, in our words.
    pub meaning: String,
    /// The next step; empty if the kind's own remedy is sufficient.
    #[serde(default)]
    pub remedy: String,
    /// The source: a public page or issue.
    pub source: String,
    /// Whether the request took effect, if the HTTP status suggests otherwise.
    pub effect: Option<RefusalEffect>,
    /// How long to wait, if no header says it and the wait does not last until the vendor's window ends
    /// ([`Rate::full_hour`](crate::vendor::Rate)).
    pub wait: Option<Period>,
}

/// Whether a refused request took effect, whatever the HTTP status suggests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalEffect {
    /// It had no effect, even with a 5xx status.
    None,
    /// It may have taken effect, even with a 4xx status.
    Unknown,
}

impl Rule {
    /// Whether the row matches a problem. "Envelope not found" requires the vendor's own words: a bare status may
    /// come from a wrong base URL or from a proxy.
    pub fn applies(&self, operation: Operation, problem: &Problem) -> bool {
        (self.kind != ErrorKind::EnvelopeNotFound || problem.code.is_some() || problem.message.is_some())
            && self.operation.is_none_or(|wanted| wanted == operation)
            && self.status.is_none_or(|wanted| wanted == problem.status)
            && self.code.as_ref().is_none_or(|wanted| {
                problem.code.as_ref().is_some_and(|code| code.eq_ignore_ascii_case(wanted))
            })
            && self.text.as_ref().is_none_or(|wanted| {
                problem.message.as_ref().is_some_and(|message| {
                    message.to_ascii_lowercase().contains(&wanted.to_ascii_lowercase())
                })
            })
    }
}

/// The rows, in the order of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Refusals(pub(super) Vec<Rule>);

impl Refusals {
    /// The rows, in the order of the file.
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// Whether a code has a row.
    pub fn knows(&self, code: &str) -> bool {
        let is_it = |known: &String| known.eq_ignore_ascii_case(code);
        self.0.iter().any(|rule| rule.code.as_ref().is_some_and(is_it))
    }

    /// The first row that applies.
    pub fn find(&self, operation: Operation, problem: &Problem) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.applies(operation, problem))
    }

    /// What a failed reminder means for the change that succeeded before it in the same call: whether to expect its
    /// message.
    pub fn mail_after(&self, error: &Error) -> MailExpectation {
        let fault = error.source().and_then(|source| source.downcast_ref::<TransportError>());
        let never_sent = fault.is_some_and(|fault| fault.phase == Phase::BeforeSending);
        let refused = error.status().is_some_and(|status| !may_have_acted(status, Effect::Notifies));
        if !never_sent && (!refused || error.kind() == ErrorKind::InvalidResponse) {
            return MailExpectation::Unknown;
        }
        match error.problem() {
            // The rows were searched for the requested operation, a change; this step was a reminder.
            Some(problem) => self.mail_refused(problem, error.kind()),
            None => MailExpectation::NotExpected(NoMail::Refused(error.kind())),
        }
    }

    /// What a refusal to send means for the message, of this kind unless a row applies.
    #[must_use]
    pub fn mail_refused(&self, problem: &Problem, kind: ErrorKind) -> MailExpectation {
        match self.find(Operation::ResendRecipient, problem) {
            Some(row) if row.effect == Some(RefusalEffect::Unknown) => MailExpectation::Unknown,
            row => MailExpectation::NotExpected(NoMail::Refused(row.map_or(kind, |row| row.kind))),
        }
    }
}
