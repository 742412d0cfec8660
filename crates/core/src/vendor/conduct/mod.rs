//! How a vendor behaves, as data: what a link is good for, who gets a mail, what unlocks, which refusals can come. A
//! migration is judged from two of these tables; nothing here is asked while a call is made.

mod envelope;
mod errors;
mod limits;
mod list;
mod word;

use std::time::Duration;

use serde::Serialize;

use crate::model::Operation;
use crate::vendor::capability::Evidence;

pub use envelope::{EnvelopePart, EnvelopeStage};
pub use errors::Refusal;
pub use limits::{Burst, CallCount, Rate};
pub use list::{RecipientField, RefKind};

/// A statement about a vendor, with what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fact<T: 'static> {
    /// What is so.
    pub value: T,
    /// How sure it is.
    pub evidence: Evidence,
    /// Where it is from: a page, an issue, a test.
    pub source: &'static str,
    /// A remark for who depends on it: the condition, or the nearest way where it is not so. May be empty.
    pub note: &'static str,
}

impl<T> Fact<T> {
    /// The vendor's documentation or specification says so.
    #[must_use]
    pub const fn documented(value: T, source: &'static str) -> Self {
        Self { value, evidence: Evidence::Documented, source, note: "" }
    }

    /// Users or the vendor's own tests have seen it.
    #[must_use]
    pub const fn observed(value: T, source: &'static str) -> Self {
        Self { value, evidence: Evidence::Observed, source, note: "" }
    }

    /// An inference.
    #[must_use]
    pub const fn guessed(value: T, source: &'static str) -> Self {
        Self { value, evidence: Evidence::Guessed, source, note: "" }
    }
}

impl<T: Copy> Fact<T> {
    /// Adds a remark.
    #[must_use]
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

/// How something that both sides may have is said at one vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// It is there and means just this; the vendor's word for it.
    As(&'static str),
    /// It is there, but with a condition or a loss: the vendor's word, and what is different.
    Otherwise(&'static str, &'static str),
    /// It is not there; the nearest way.
    No(&'static str),
}

/// One row of a vocabulary: a thing, how the vendor says it, and what the row rests on.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Saying<W: 'static> {
    /// The thing, in a word of ours.
    pub what: W,
    /// How the vendor says it.
    pub said: Said,
    /// How sure the row is.
    pub evidence: Evidence,
    /// Where it is from.
    pub source: &'static str,
}

impl<W> Saying<W> {
    /// A row.
    #[must_use]
    pub const fn new(what: W, said: Said, evidence: Evidence, source: &'static str) -> Self {
        Self { what, said, evidence, source }
    }
}

/// How a vendor behaves.
#[derive(Debug, Serialize)]
pub struct Conduct {
    /// What a signing link is good for.
    pub link: LinkConduct,
    /// What a resend does.
    pub resend: ResendConduct,
    /// What a change of an access code does.
    pub access_code: AccessCodeConduct,
    /// How recipients can be named; one row for each of [`RefKind::ALL`].
    pub references: &'static [Saying<RefKind>],
    /// What a list tells; one row for each of [`RecipientField::ALL`].
    pub fields: &'static [Saying<RecipientField>],
    /// The statuses of recipients that can occur; one row for each of [`crate::RecipientStatus::NAMED`].
    pub statuses: &'static [Saying<crate::RecipientStatus>],
    /// What an envelope can be made of; one row for each of [`EnvelopePart::ALL`].
    pub envelope: &'static [Saying<EnvelopePart>],
    /// The states of envelopes; one row for each of [`EnvelopeStage::ALL`].
    pub envelope_stages: &'static [Saying<EnvelopeStage>],
    /// What can be refused in each operation, beside what every vendor can refuse ([`Refusal::EVERYWHERE`]).
    pub refusals: &'static [Refusal],
    /// How many HTTP calls each operation takes.
    pub calls: &'static [CallCount],
    /// How many calls an account has.
    pub rate: Rate,
}

/// What a signing link is good for.
#[derive(Debug, Serialize)]
pub struct LinkConduct {
    /// How long it lives.
    pub life: Fact<LinkLife>,
    /// Whether it opens once only; `None` where that is not known.
    pub single_use: Fact<Option<bool>>,
    /// Whether only recipients who were made embedded get one; else any signer.
    pub embedded_only: Fact<bool>,
    /// Whether a signer whose address occurs more than once on the envelope gets one.
    pub repeated_signer: Fact<bool>,
    /// Whether the return URL may have a query or a fragment.
    pub return_query: Fact<bool>,
}

/// How long a link lives, from its issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LinkLife {
    /// When nothing is asked.
    pub usual: Duration,
    /// The shortest that can be asked.
    pub shortest: Duration,
    /// The longest that can be asked.
    pub longest: Duration,
}

/// What a resend does.
#[derive(Debug, Serialize)]
pub struct ResendConduct {
    /// Whether it goes to one recipient; else to an address, with every part that it has on the envelope.
    pub one_recipient: Fact<bool>,
    /// How often an envelope may be resent in a day, where there is a limit.
    pub per_day: Fact<Option<u32>>,
    /// Whether people who sign within the application are mailed.
    pub mails_embedded: Fact<bool>,
    /// Whether it mails although the envelope's mails are switched off.
    pub mails_muted: Fact<bool>,
    /// Whether it is accepted for a recipient whose turn has not come.
    pub before_turn: Fact<bool>,
    /// Whether it gives a locked signer new attempts; `None` where that is not known.
    pub unlocks: Fact<Option<bool>>,
}

/// What a change of an access code does.
#[derive(Debug, Serialize)]
pub struct AccessCodeConduct {
    /// Whether a code can be set where there was none.
    pub first_code: Fact<bool>,
    /// Whether a new code alone gives a locked signer new attempts; `None` where that is not known.
    pub unlocks: Fact<Option<bool>>,
    /// Whether a new code with a notification does.
    pub unlocks_with_notify: Fact<Option<bool>>,
    /// Characters that a code must not have.
    pub forbidden: Fact<&'static str>,
    /// How long a code may be, where there is a limit.
    pub longest: Fact<Option<u32>>,
}

impl Conduct {
    /// The rows that the table lacks or has twice, as `table: word`. A whole table has none.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        let mut once = |table: &str, word: &str, rows: usize| {
            if rows != 1 {
                gaps.push(format!("{table}: {word} has {rows} rows"));
            }
        };
        for kind in RefKind::ALL {
            once("references", kind.as_str(), count(self.references, kind));
        }
        for field in RecipientField::ALL {
            once("fields", field.as_str(), count(self.fields, field));
        }
        for status in crate::RecipientStatus::NAMED {
            once("statuses", status.as_str(), count(self.statuses, &status));
        }
        for part in EnvelopePart::ALL {
            once("envelope", part.as_str(), count(self.envelope, part));
        }
        for stage in EnvelopeStage::ALL {
            once("envelope_stages", stage.as_str(), count(self.envelope_stages, stage));
        }
        for operation in Operation::ALL.into_iter().filter(|operation| *operation != Operation::SignIn) {
            let plain = self.calls.iter().filter(|row| row.operation == operation && row.option.is_none());
            once("calls", operation.as_str(), plain.count());
        }
        gaps
    }
}

fn count<W: PartialEq>(rows: &[Saying<W>], what: &W) -> usize {
    rows.iter().filter(|row| row.what == *what).count()
}
