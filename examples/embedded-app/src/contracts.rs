//! The contracts, and what is known of each: from the vendor, and from browsers that came back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign::{Confirmed, EnvelopeId, Recipient, RecipientStatus, ReturnOutcome, Timestamp, Verdict};

/// Something to be signed by one person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contract {
    /// The account's name in the configuration.
    pub account: String,
    /// The envelope at the vendor.
    pub envelope: EnvelopeId,
    /// What it is.
    pub title: String,
    /// Who is to sign.
    pub signer_name: String,
    /// Their address.
    pub signer_email: String,
    /// The access code that they were told at the start, for the sake of this demonstration.
    pub access_code: Option<String>,
}

impl Contract {
    /// The path of its page.
    #[must_use]
    pub fn path(&self) -> String {
        let encode = |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        // Both vendors' ids are letters, digits and hyphens.
        let envelope = encode(self.envelope.as_str()).to_string().replace("%2D", "-");
        format!("/contracts/{}/{envelope}", encode(&self.account))
    }
}

/// How far a contract is, as far as the vendor has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) status: RecipientStatus,
    pub(crate) locked: bool,
    pub(crate) at: Timestamp,
    /// How we know.
    pub(crate) source: Source,
}

/// Where a fact is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// We asked.
    Asked,
    /// We changed it ourselves.
    Done,
}

/// The last return of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    /// What the browser said, or what the vendor says where the browser said nothing.
    pub(crate) outcome: Option<ReturnOutcome>,
    pub(crate) at: Timestamp,
    /// From when on the vendor may be asked about it.
    pub(crate) ask_again_at: Option<Timestamp>,
    /// Whether the vendor said what cannot be true beside it.
    pub(crate) contradicted: bool,
}

/// What is known of a contract.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) fact: Option<Fact>,
    pub(crate) visit: Option<Visit>,
    /// Whether the access code is another one by now.
    pub(crate) has_new_code: bool,
    /// What happened, oldest first.
    pub(crate) history: Vec<(Timestamp, String)>,
}

/// The longest history that is kept.
const HISTORY: usize = 50;

impl Known {
    pub(crate) fn note(&mut self, at: Timestamp, what: impl Into<String>) {
        if self.history.len() == HISTORY {
            self.history.remove(0);
        }
        self.history.push((at, what.into()));
    }

    /// Whether nothing more can happen, as the vendor says.
    pub(crate) fn is_final(&self) -> bool {
        self.fact.as_ref().is_some_and(|fact| fact.status.is_done())
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.fact.as_ref().is_some_and(|fact| fact.locked)
    }

    /// What the vendor said of the signer at some time. What is final stays, and an older word changes nothing.
    pub(crate) fn learn(&mut self, signer: &Recipient, at: Timestamp) {
        let older = self.fact.as_ref().is_some_and(|fact| fact.at > at);
        if self.is_final() || older {
            return;
        }
        let locked = signer.is_locked();
        self.fact = Some(Fact { status: signer.status.clone(), locked, at, source: Source::Asked });
    }

    /// A browser came back, and the vendor was asked or had been.
    pub(crate) fn visited(&mut self, now: Timestamp, hint: Option<&ReturnOutcome>, confirmed: &Confirmed) {
        self.learn(&confirmed.recipient, confirmed.asked_at);
        let contradicted = confirmed.verdict == Verdict::Contradicts;
        let said = hint.filter(|_| !contradicted).cloned();
        self.visit = Some(Visit {
            outcome: confirmed.established().or(said),
            at: now,
            ask_again_at: Some(confirmed.ask_again_at),
            contradicted,
        });
    }

    /// A browser came back, and the vendor could not be asked.
    pub(crate) fn visited_unseen(&mut self, now: Timestamp, hint: Option<&ReturnOutcome>) {
        self.visit = Some(Visit { outcome: hint.cloned(), at: now, ask_again_at: None, contradicted: false });
    }

    /// Our support has given new attempts.
    pub(crate) fn unlocked(&mut self, now: Timestamp) {
        if let Some(fact) = &mut self.fact {
            *fact = Fact { locked: false, at: now, source: Source::Done, status: fact.status.clone() };
        }
    }

    /// Whether the vendor has said what the last visit is said to have come to.
    pub(crate) fn is_proven(&self, outcome: Option<&ReturnOutcome>) -> bool {
        let status = self.fact.as_ref().map(|fact| &fact.status);
        match outcome {
            Some(ReturnOutcome::Signed | ReturnOutcome::Viewed) => status == Some(&RecipientStatus::Signed),
            Some(ReturnOutcome::Declined) => status == Some(&RecipientStatus::Declined),
            Some(ReturnOutcome::AccessCodeFailed) => self.is_locked(),
            Some(
                ReturnOutcome::Cancelled
                | ReturnOutcome::SessionTimedOut
                | ReturnOutcome::LinkExpired
                | ReturnOutcome::Failed,
            ) => status.is_some() && !self.is_final(),
            _ => false,
        }
    }
}

/// All contracts. Clones show the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contracts(Arc<Mutex<Vec<(Contract, Known)>>>);

impl Contracts {
    fn lock(&self) -> MutexGuard<'_, Vec<(Contract, Known)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, contract: Contract) {
        self.lock().push((contract, Known::default()));
    }

    pub(crate) fn all(&self) -> Vec<(Contract, Known)> {
        self.lock().clone()
    }

    pub(crate) fn find(&self, account: &str, envelope: &str) -> Option<(Contract, Known)> {
        let all = self.lock();
        all.iter().find(|(contract, _)| is(contract, account, envelope)).cloned()
    }

    /// Changes what is known of a contract.
    pub(crate) fn update(&self, contract: &Contract, change: impl FnOnce(&mut Known)) {
        let mut all = self.lock();
        let found = all.iter_mut().find(|(one, _)| is(one, &contract.account, contract.envelope.as_str()));
        if let Some((_, known)) = found {
            change(known);
        }
    }
}

fn is(contract: &Contract, account: &str, envelope: &str) -> bool {
    contract.account == account && contract.envelope.as_str() == envelope
}
