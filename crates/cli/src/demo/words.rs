//! What was seen, in words without secrets.

use countersign::{Recipient, Recipients, SigningView, Timestamp, Unlocking};
use countersign_sandbox::ActOutcome;

use super::cast::{PEOPLE, Person};

pub(super) fn find<'l>(list: &'l Recipients, person: &Person) -> Option<&'l Recipient> {
    list.recipients.iter().find(|one| one.email.as_deref() == Some(person.email))
}

pub(super) fn states(list: &Recipients) -> String {
    let state = |one: &Recipient| {
        let name = PEOPLE.iter().find(|person| one.email.as_deref() == Some(person.email));
        format!("{} {}", name.map_or("somebody else", |person| person.name), one.status)
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

pub(super) fn counted(mails: usize) -> String {
    match mails {
        0 => "no mail".to_owned(),
        1 => "1 mail".to_owned(),
        _ => format!("{mails} mails"),
    }
}

/// How long a link works from now on, in whole minutes or days.
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
