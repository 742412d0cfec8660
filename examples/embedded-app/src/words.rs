//! What users read, by outcome and by state.

use countersign::returns::ReturnOutcome;
use countersign::{RecipientStatus, Timestamp};

use crate::known::Known;

/// The page for returns of which nothing is known.
pub(crate) const UNSURE: &str = "unsure";

/// The last part of an outcome's path.
pub(crate) fn slug(outcome: Option<&ReturnOutcome>) -> &'static str {
    match outcome {
        Some(ReturnOutcome::Signed) => "signed",
        Some(ReturnOutcome::Viewed) => "viewed",
        Some(ReturnOutcome::Cancelled) => "cancelled",
        Some(ReturnOutcome::Declined) => "declined",
        Some(ReturnOutcome::AccessCodeFailed) => "access-code-failed",
        Some(ReturnOutcome::IdentityCheckFailed) => "identity-check-failed",
        Some(ReturnOutcome::SessionTimedOut) => "session-timed-out",
        Some(ReturnOutcome::LinkExpired) => "link-expired",
        Some(ReturnOutcome::Failed) => "failed",
        _ => UNSURE,
    }
}

/// How sure an outcome is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Confirmed,
    NotYet,
    Contradicted,
}

impl Proof {
    pub(crate) fn of(known: &Known) -> Self {
        let Some(visit) = &known.visit else { return Proof::NotYet };
        if visit.contradicted {
            return Proof::Contradicted;
        }
        if known.is_proven(visit.outcome.as_ref()) { Proof::Confirmed } else { Proof::NotYet }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Proof::Confirmed => "confirmed",
            Proof::NotYet => "not-yet",
            Proof::Contradicted => "contradicted",
        }
    }
}

/// Heading, sentence, and whether signing can go on.
pub(crate) struct Told {
    pub(crate) heading: String,
    pub(crate) text: &'static str,
    pub(crate) can_sign: bool,
}

/// What a page says of an outcome. An end is announced as one only when the vendor has confirmed it.
pub(crate) fn told(outcome: Option<&ReturnOutcome>, proof: Proof, vendor: &str) -> Told {
    let say = |heading: &str, text, can_sign| Told { heading: heading.to_owned(), text, can_sign };
    let ends =
        matches!(outcome, Some(ReturnOutcome::Signed | ReturnOutcome::Viewed | ReturnOutcome::Declined));
    if ends && proof == Proof::NotYet {
        let heading = format!("Waiting for {vendor}");
        let text = "Your browser says that you are done. We take it as done when the vendor says so too.";
        return Told { heading, text, can_sign: false };
    }
    match outcome {
        Some(ReturnOutcome::Signed) => say(
            "Signed, thank you",
            "There is nothing more to do. You will get a copy when all have signed.",
            false,
        ),
        Some(ReturnOutcome::Viewed) => say("Read, thank you", "There is nothing more to do.", false),
        Some(ReturnOutcome::Cancelled) => {
            say("Not finished yet", "Nothing is signed. Go on whenever it suits you.", true)
        }
        Some(ReturnOutcome::Declined) => {
            say("You have declined", "The sender will be told, with the reason that you gave.", false)
        }
        Some(ReturnOutcome::AccessCodeFailed) => say(
            "You are locked out",
            "The access code was wrong too often. Our support gives you a new one.",
            false,
        ),
        Some(ReturnOutcome::IdentityCheckFailed) => {
            say("The identity check failed", "Our support can tell you what to do.", false)
        }
        Some(ReturnOutcome::SessionTimedOut) => say(
            "The session has ended",
            "Nothing happened for too long. Nothing is lost; just start again.",
            true,
        ),
        Some(ReturnOutcome::LinkExpired) => say(
            "The link no longer works",
            "A signing link works once and not for long. A new one is one click away.",
            true,
        ),
        Some(ReturnOutcome::Failed) => {
            say("Something went wrong", "It was not your fault. Please try again.", true)
        }
        _ => say("Welcome back", "The result of your visit is not known yet.", true),
    }
}

/// How sure the outcome is, in a sentence.
pub(crate) fn proof(proof: Proof, known: &Known, vendor: &str) -> String {
    match proof {
        Proof::Confirmed => format!("{vendor} confirms this."),
        Proof::Contradicted => format!("{vendor} says otherwise than your browser did. We go by {vendor}."),
        Proof::NotYet => {
            let again = known.visit.as_ref().and_then(|visit| visit.ask_again_at);
            let when = again.map(|at| format!(" We may ask again from {}.", time(at))).unwrap_or_default();
            format!("{vendor} has not confirmed this yet.{when}")
        }
    }
}

/// The state of a contract: the text of its badge, and the style of it.
pub(crate) fn badge(known: &Known) -> (&'static str, &'static str) {
    if known.is_locked() {
        return ("Locked out", "bad");
    }
    match known.fact.as_ref().map(|fact| &fact.status) {
        Some(RecipientStatus::Signed) => return ("Signed", "good"),
        Some(RecipientStatus::Declined) => return ("Declined", "bad"),
        Some(RecipientStatus::Expired) => return ("Expired", "bad"),
        Some(RecipientStatus::Revoked) => return ("Withdrawn", "bad"),
        _ => {}
    }
    let said = known.visit.as_ref().and_then(|visit| visit.outcome.as_ref());
    match (said, known.fact.as_ref().map(|fact| &fact.status)) {
        (Some(ReturnOutcome::Signed | ReturnOutcome::Viewed), _) => ("Signed, not confirmed yet", "wait"),
        (Some(ReturnOutcome::Declined), _) => ("Declined, not confirmed yet", "wait"),
        (_, Some(RecipientStatus::Viewed)) => ("Opened", "open"),
        _ => ("Ready to sign", "open"),
    }
}

/// A time of day, in readable form.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%H:%M UTC").to_string()
}
