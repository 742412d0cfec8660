//! The signers of the demo, their mails, and descriptions of the results, without secrets.

use std::collections::BTreeMap;

use countersign::{
    Email, InvalidValue, MailExpectation, Recipient, RecipientRef, Recipients, SigningView, Timestamp,
    Unlocking,
};
use countersign_sandbox::{ActOutcome, Mail, MailKind, NewEnvelope, NewRecipient, Vendor};

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

/// Mails by signer: requests, then all others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mails(BTreeMap<&'static str, (usize, usize)>);

impl Mails {
    /// The expected mails: one request to each recipient whom the vendor mails at all, plus those that the replies
    /// announced.
    pub(super) fn due(list: &Recipients, promised: &[(&'static Person, MailExpectation)]) -> Self {
        let mut due = Self::default();
        for person in PEOPLE {
            if find(list, person).is_none_or(|one| one.embedded != Some(true)) {
                due.of(person).0 += 1;
            }
        }
        for (person, _) in promised.iter().filter(|(_, mail)| mail.is_expected()) {
            due.of(person).1 += 1;
        }
        due
    }

    /// The sent mails, and how many went to other addresses.
    pub(super) fn sent(outbox: &[Mail]) -> (Self, usize) {
        let (mut sent, mut to_others) = (Self::default(), 0);
        for mail in outbox {
            match (PEOPLE.into_iter().find(|person| person.email == mail.to), mail.kind) {
                (None, _) => to_others += 1,
                (Some(person), MailKind::Request) => sent.of(person).0 += 1,
                (Some(person), _) => sent.of(person).1 += 1,
            }
        }
        (sent, to_others)
    }

    fn of(&mut self, person: &'static Person) -> &mut (usize, usize) {
        self.0.entry(person.name).or_default()
    }

    pub(super) fn words(&self) -> String {
        let count = |number: usize, what| (number > 0).then(|| counted(number, what));
        let each = self.0.iter().map(|(name, (requests, others))| {
            let parts = [count(*requests, "request"), count(*others, "reminder")];
            format!("{name} {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" and "))
        });
        let words: Vec<String> = each.collect();
        if words.is_empty() { "no mail".to_owned() } else { words.join(", ") }
    }
}
