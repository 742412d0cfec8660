//! The expected mails and the sent mails.

use std::collections::BTreeMap;

use countersign::{MailExpectation, Recipients};
use countersign_sandbox::{Mail, MailKind};

use super::cast::{PEOPLE, Person, find};
use crate::render::table::counted;

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
