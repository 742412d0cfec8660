//! Whom a reminder goes to, and what it does for them. Pure.

use std::error::Error as _;

use countersign_core::{
    Error, ErrorKind, MailExpectation, NoMail, Operation, Phase, Recipient, RecipientStatus, Recipients,
    ResentTo, Result, Role, TransportError, Unlocking,
};

use crate::error::RULES;
use crate::guard::{self, is_marked};
use crate::map::Address;

/// A reminder that is to be sent.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) to: Vec<Address>,
    pub(crate) reply: Vec<ResentTo>,
}

/// To one recipient of whom the list says everything.
pub(crate) fn plan_known(recipient: &Recipient, address: Address) -> Plan {
    Plan { to: vec![address], reply: vec![told(recipient)] }
}

/// To one recipient, with everybody whom it reaches as well.
///
/// A reminder is addressed by e-mail: it goes to every part that the person has on the document. And BoldSign does not
/// say whether a reminder that names phone numbers only leaves the e-mail signers alone, since naming no e-mail
/// address means everybody.
pub(crate) fn plan_one(list: &Recipients, recipient: &Recipient) -> Result<Plan> {
    let address = guard::remind(recipient)?;
    let mut plan = plan_known(recipient, address);
    for other in list.recipients.iter().filter(|other| other.id != recipient.id) {
        let Ok(theirs) = guard::remind(other) else { continue };
        match (plan.to.first(), &theirs) {
            (Some(Address::Email(named)), Address::Email(theirs)) if named.eq_ignore_ascii_case(theirs) => {
                plan.reply.push(told(other));
            }
            (Some(Address::Phone(_)), Address::Email(_)) => {
                let unlocking = unlocking(other);
                plan.reply.push(ResentTo::new(other.id.clone(), MailExpectation::Unknown, unlocking));
            }
            _ => {}
        }
    }
    Ok(plan)
}

/// To everybody who is due, each named: whose turn it is and who is not done.
pub(crate) fn plan_everyone(list: &Recipients) -> Result<Plan> {
    let mut plan = Plan { to: Vec::new(), reply: Vec::new() };
    for recipient in &list.recipients {
        let Ok(address) = guard::remind(recipient) else { continue };
        if !plan.to.contains(&address) {
            plan.to.push(address);
        }
        plan.reply.push(told(recipient));
    }
    if plan.to.is_empty() {
        return Err(Error::new(ErrorKind::RecipientDone, "nobody on the document is due")
            .with_hint("list the recipients to see who is done and who has to wait"));
    }
    Ok(plan)
}

fn told(recipient: &Recipient) -> ResentTo {
    ResentTo::new(recipient.id.clone(), expectation(recipient), unlocking(recipient))
}

/// Whether a message is to be expected, if BoldSign accepts the reminder.
pub(crate) fn expectation(recipient: &Recipient) -> MailExpectation {
    if recipient.status == RecipientStatus::DeliveryFailed || is_marked(recipient, "isDeliveryFailed") {
        return MailExpectation::NotExpected(NoMail::DeliveryFailed);
    }
    // What a state means that was not known when this was written, nobody can say.
    if matches!(recipient.status, RecipientStatus::Other(_)) {
        return MailExpectation::Unknown;
    }
    // Whether a signer's own setting silences manual reminders, and whether an in-person signer gets any or the host
    // does, is not public.
    let reminders = recipient.vendor.extra.get("recipientNotificationSettings.reminders");
    if reminders.is_some_and(|flag| flag == "false") || recipient.role == Role::InPersonSigner {
        return MailExpectation::Unknown;
    }
    MailExpectation::Expected
}

/// A reminder unlocks nobody.
fn unlocking(recipient: &Recipient) -> Unlocking {
    if recipient.is_locked() || recipient.failed_check().is_some() {
        Unlocking::StillLocked
    } else {
        Unlocking::NotNeeded
    }
}

/// What a failed reminder means for a change of the access code that had succeeded before it.
pub(crate) fn after_failure(error: &Error) -> MailExpectation {
    let never_sent = error
        .source()
        .and_then(|source| source.downcast_ref::<TransportError>())
        .is_some_and(|fault| fault.phase() == Phase::BeforeSending);
    let refused = error.status().is_some_and(|status| (300..500).contains(&status) && status != 408);
    if !never_sent && !refused {
        return MailExpectation::Unknown;
    }
    // The rows were searched for the operation that was asked for, a change; this step was a reminder.
    let row = error
        .problem()
        .and_then(|problem| RULES.iter().find(|row| row.applies(Operation::ResendRecipient, problem)));
    MailExpectation::NotExpected(NoMail::Refused(row.map_or(error.kind(), |row| row.kind)))
}
