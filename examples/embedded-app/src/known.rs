//! What is known of a contract: from the vendor, asked or told by it, and from browsers that came back.

use countersign::returns::{Confirmed, ReturnOutcome, Verdict};
use countersign::webhook::{EnvelopeState, Notification, WebhookEvent};
use countersign::{Recipient, RecipientStatus, Timestamp};

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
    /// A webhook said so.
    Told,
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
    /// What webhooks said, in whatever order they came.
    latest: EnvelopeState,
    /// When the newest of them was sent.
    told_at: Option<Timestamp>,
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
        self.correct_visit();
    }

    /// Once the vendor has told the end, the last visit came to that, whatever its browser said.
    fn correct_visit(&mut self) {
        let (Some(ended), Some(visit)) = (self.ended(), &mut self.visit) else { return };
        let claimed = match &visit.outcome {
            Some(ReturnOutcome::Viewed) => Some(&ReturnOutcome::Signed),
            Some(end @ (ReturnOutcome::Signed | ReturnOutcome::Declined)) => Some(end),
            _ => None,
        };
        match claimed {
            Some(claimed) if *claimed == ended => {}
            claimed => {
                visit.contradicted |= claimed.is_some();
                visit.outcome = Some(ended);
            }
        }
    }

    /// A webhook came: what is final stays, and one that comes late changes nothing.
    pub(crate) fn hear(&mut self, told: &Notification, now: Timestamp) {
        let changed = self.latest.apply(told).recipients.pop();
        let late = told.at < self.told_at;
        self.told_at = self.told_at.max(told.at);
        if self.is_final() {
            return;
        }
        let before = self.fact.as_ref().map(|fact| (fact.status.clone(), fact.locked));
        let (status, locked) = before.unwrap_or((RecipientStatus::Notified, false));
        let status = changed.map_or(status, |(_, status)| status);
        let locked = (locked || (told.event == WebhookEvent::RecipientAuthenticationFailed && !late))
            && !status.is_done();
        self.fact = Some(Fact { status, locked, at: now, source: Source::Told });
        self.correct_visit();
    }

    /// A browser came back, and the vendor was asked or had been.
    pub(crate) fn visited(&mut self, now: Timestamp, hint: Option<&ReturnOutcome>, confirmed: &Confirmed) {
        self.learn(&confirmed.recipient, confirmed.asked_at);
        let contradicted = confirmed.verdict == Verdict::Contradicts;
        let said = hint.filter(|_| !contradicted).cloned();
        self.visit = Some(Visit {
            outcome: self.ended().or(confirmed.established()).or(said),
            at: now,
            ask_again_at: Some(confirmed.ask_again_at),
            contradicted,
        });
    }

    /// A browser came back, and the vendor was not asked: it has said already how this ended, or it cannot be asked.
    pub(crate) fn visited_unasked(&mut self, now: Timestamp, hint: Option<&ReturnOutcome>) {
        let ended = self.ended();
        let claims_an_end =
            matches!(hint, Some(ReturnOutcome::Signed | ReturnOutcome::Viewed | ReturnOutcome::Declined));
        let contradicted = ended.is_some() && claims_an_end && !self.is_proven(hint);
        let outcome = ended.or_else(|| hint.cloned());
        self.visit = Some(Visit { outcome, at: now, ask_again_at: None, contradicted });
    }

    /// The outcome that the vendor has told for good.
    fn ended(&self) -> Option<ReturnOutcome> {
        match self.fact.as_ref()?.status {
            RecipientStatus::Signed => Some(ReturnOutcome::Signed),
            RecipientStatus::Declined => Some(ReturnOutcome::Declined),
            _ => None,
        }
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
