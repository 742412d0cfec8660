//! The expected mails and the sent mails.

use std::collections::BTreeMap;

use countersign::{MailExpectation, Recipients};
use countersign_sandbox::{Mail, MailKind};

use super::cast::Person;

/// Mails by signer: requests, then all others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mails(BTreeMap<&'static str, (usize, usize)>);

impl Mails {
    /// The expected mails: one request to each recipient whom the vendor mails at all, plus those that the replies
    /// announced.
    pub(super) fn due(
        people: &[&'static Person],
        list: &Recipients,
        promised: &[(&'static Person, MailExpectation)],
    ) -> Self {
        let mut due = Self::default();
        for person in people {
            let embedded = list
                .recipients
                .iter()
                .any(|one| one.email.as_deref() == Some(person.email) && one.embedded == Some(true));
            if !embedded {
                due.of(person).0 += 1;
            }
        }
        for (person, mail) in promised {
            if mail.is_expected() {
                due.of(person).1 += 1;
            }
        }
        due
    }

    /// The sent mails. A mail to another address is not counted here, but by [`strangers`].
    pub(super) fn sent(people: &[&'static Person], outbox: &[Mail]) -> Self {
        let mut sent = Self::default();
        for mail in outbox {
            let Some(person) = people.iter().find(|person| person.email == mail.to) else { continue };
            match mail.kind {
                MailKind::Request => sent.of(person).0 += 1,
                _ => sent.of(person).1 += 1,
            }
        }
        sent
    }

    fn of(&mut self, person: &'static Person) -> &mut (usize, usize) {
        self.0.entry(person.name).or_default()
    }

    /// The mails as text.
    pub(super) fn words(&self) -> String {
        let count = |number: usize, what: &str| match number {
            0 => None,
            1 => Some(format!("1 {what}")),
            _ => Some(format!("{number} {what}s")),
        };
        let each = self.0.iter().map(|(name, (requests, others))| {
            let parts = [count(*requests, "request"), count(*others, "reminder")];
            format!("{name} {}", parts.into_iter().flatten().collect::<Vec<_>>().join(" and "))
        });
        let words: Vec<String> = each.collect();
        if words.is_empty() { "no mail".to_owned() } else { words.join(", ") }
    }
}

/// How many mails went to other addresses.
pub(super) fn strangers(people: &[&'static Person], outbox: &[Mail]) -> usize {
    outbox.iter().filter(|mail| !people.iter().any(|person| person.email == mail.to)).count()
}
