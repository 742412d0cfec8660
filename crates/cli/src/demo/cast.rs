//! The signers of the demo, and descriptions of the results, without secrets.

use countersign::{
    Email, InvalidValue, Recipient, RecipientRef, Recipients, SigningView, Timestamp, Unlocking,
};
use countersign_sandbox::{ActOutcome, NewEnvelope, NewRecipient, Vendor};

use crate::render::table::counted;

pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    order: u32,
    pub(super) code: &'static str,
}

pub(super) const ANNA: Person =
    Person { name: "Anna", email: "anna@example.com", order: 1, code: "K7MP4XQ2" };
pub(super) const BEN: Person = Person { name: "Ben", email: "ben@example.com", order: 2, code: "T9WR3HGF" };

pub(super) const PEOPLE: [&Person; 2] = [&ANNA, &BEN];

/// Ben's second code. All codes here are useless outside the demo's own sandbox; they are not shown anyway.
pub(super) const NEW_CODE: &str = "Y4BN8ZDC";

impl Person {
    /// How the application refers to them: by address, which every vendor supports.
    pub(super) fn reference(&self) -> Result<RecipientRef, InvalidValue> {
        Email::new(self.email).map(RecipientRef::Email)
    }

    fn recipient(&self) -> NewRecipient {
        NewRecipient::new(format!("{} Demo", self.name), self.email)
            .with_order(self.order)
            .with_embedded(format!("demo-{}", self.order))
            .with_access_code(self.code)
    }
}

/// The envelope: both sign in order, each with an access code, embedded if the vendor supports it, with the
/// vendor's mails switched on.
pub(super) fn envelope(vendor: Vendor) -> NewEnvelope {
    NewEnvelope::new(vendor, "Demo contract").with_recipient(ANNA.recipient()).with_recipient(BEN.recipient())
}

pub(super) fn find<'l>(list: &'l Recipients, person: &Person) -> Option<&'l Recipient> {
    list.recipients.iter().find(|one| one.email.as_deref() == Some(person.email))
}

pub(super) fn states(list: &Recipients) -> String {
    let state = |one: &Recipient| {
        let name = PEOPLE.iter().find(|person| one.email.as_deref() == Some(person.email));
        format!("{} {}", name.map_or("another recipient", |person| person.name), one.status)
    };
    list.recipients.iter().map(state).collect::<Vec<_>>().join(", ")
}

pub(super) fn word(outcome: ActOutcome) -> &'static str {
    match outcome {
        ActOutcome::CodeAccepted => "code accepted",
        ActOutcome::CodeWrong => "wrong",
        ActOutcome::Locked => "locked",
        ActOutcome::LinkUsedUp => "link used up",
        _ => "done",
    }
}

pub(super) fn unlocking(unlocking: Unlocking) -> &'static str {
    match unlocking {
        Unlocking::NotNeeded => "was not locked",
        Unlocking::Unlocked => "has new attempts",
        Unlocking::StillLocked => "is still locked",
        _ => "may still be locked: not documented",
    }
}

pub(super) fn mails(count: usize) -> String {
    if count == 0 { "no mail".to_owned() } else { counted(count, "mail") }
}

/// How long a link works from now, in whole minutes or days.
pub(super) fn life(view: &SigningView) -> String {
    const DAY: i64 = 86_400;
    let seconds = view.expires_at.map(|at| at.as_second() - Timestamp::now().as_second());
    let life = match seconds {
        Some(seconds) if seconds < 2 * DAY => format!(" for {} minutes", (seconds + 59) / 60),
        Some(seconds) => format!(" for {} days", (seconds + DAY - 1) / DAY),
        None => String::new(),
    };
    let once = if view.single_use == Some(true) { ", once only" } else { "" };
    format!("{life}{once}")
}
