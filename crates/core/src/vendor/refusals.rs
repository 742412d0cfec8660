//! Maps a vendor's refusals to kinds: the rows of `[[refusal]]`.

use std::collections::HashMap;
use std::error::Error as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Problem};
use crate::http::{Phase, TransportError};
use crate::model::{MailExpectation, NoMail, Operation};

/// One row. It applies if all of its conditions match; the first row that applies wins.
#[derive(Debug, Clone, Serialize)]
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
    pub remedy: String,
    /// The source: a public page or issue.
    pub source: String,
    /// Whether the request took effect, if the HTTP status suggests otherwise.
    pub effect: Option<RefusalEffect>,
    /// How long to wait, if no header says it and the wait does not last until the vendor's window ends
    /// ([`Rate::full_hour`](crate::vendor::Rate)).
    pub wait: Option<Duration>,
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
    #[must_use]
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

/// The rows in order, with an index by code.
#[derive(Debug, Default)]
pub struct Refusals {
    rules: Vec<Rule>,
    /// By lower-case code: the positions of its rows.
    by_code: HashMap<String, Vec<usize>>,
    /// The positions of rows without a code.
    uncoded: Vec<usize>,
}

impl Refusals {
    pub(super) fn new(rules: Vec<Rule>) -> Self {
        let (mut by_code, mut uncoded) = (HashMap::<String, Vec<usize>>::new(), Vec::new());
        for (place, rule) in rules.iter().enumerate() {
            match &rule.code {
                Some(code) => by_code.entry(code.to_ascii_lowercase()).or_default().push(place),
                None => uncoded.push(place),
            }
        }
        Self { rules, by_code, uncoded }
    }

    /// The rows, in the order of the file.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether a code has a row.
    #[must_use]
    pub fn knows(&self, code: &str) -> bool {
        self.by_code.contains_key(&code.to_ascii_lowercase())
    }

    /// The first row that applies.
    #[must_use]
    pub fn find(&self, operation: Operation, problem: &Problem) -> Option<&Rule> {
        let coded = problem.code.as_ref().and_then(|code| self.by_code.get(&code.to_ascii_lowercase()));
        let first = |places: &[usize]| {
            let applies =
                |place: &&usize| self.rules.get(**place).is_some_and(|rule| rule.applies(operation, problem));
            places.iter().find(applies).copied()
        };
        let place =
            [coded.and_then(|places| first(places)), first(&self.uncoded)].into_iter().flatten().min()?;
        self.rules.get(place)
    }
}

impl Refusals {
    /// What a failed reminder means for the change that succeeded before it in the same call: whether to expect its
    /// message.
    #[must_use]
    pub fn mail_after(&self, error: &Error) -> MailExpectation {
        let fault = error.source().and_then(|source| source.downcast_ref::<TransportError>());
        let never_sent = fault.is_some_and(|fault| fault.phase() == Phase::BeforeSending);
        let refused = error.status().is_some_and(|status| status < 500 && status != 408);
        if !never_sent && (!refused || error.kind() == ErrorKind::InvalidResponse) {
            return MailExpectation::Unknown;
        }
        // The rows were searched for the requested operation, a change; this step was a reminder.
        let find = |problem| self.find(Operation::ResendRecipient, problem);
        let row = error.problem().and_then(find);
        if row.is_some_and(|row| row.effect == Some(RefusalEffect::Unknown)) {
            return MailExpectation::Unknown;
        }
        MailExpectation::NotExpected(NoMail::Refused(row.map_or(error.kind(), |row| row.kind)))
    }
}
