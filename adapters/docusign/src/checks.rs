//! What is refused before anything is sent, and what a call may be expected to do for a recipient.

use countersign_core::{
    Detail, Error, ErrorKind, MailExpectation, NoMail, Recipient, RecipientStatus, Recipients, Result, Role,
    Unlocking,
};

use crate::map::extra;

/// A check of a recipient, with the list they are from if one was read.
pub(crate) type Check = fn(&Recipient, Option<&Recipients>) -> Result<()>;

/// Whether a view can be asked for.
///
/// Without a client user id DocuSign would refuse, or answer with a link to a page on which nothing can be signed
/// (docusign-esign-csharp-client issue 398), so that is never sent.
pub(crate) fn can_view(person: &Recipient, list: Option<&Recipients>) -> Result<()> {
    is_person(person)?;
    not_done(person)?;
    if person.client_user_id.is_none() {
        return Err(Error::new(
            ErrorKind::RecipientNotEmbedded,
            "the recipient signs by mail: the envelope has no client user id for them",
        ));
    }
    if person.is_locked() {
        return Err(Error::new(ErrorKind::RecipientLocked, "the signer typed wrong access codes").with_hint(
            "change the access code with notify, or resend: either gives the signer new attempts; the envelope need not be voided",
        ));
    }
    if person.in_turn == Some(false) {
        return Err(not_in_turn(person, list));
    }
    Ok(())
}

/// Whether a resend makes sense: DocuSign refuses it only for those who are done.
pub(crate) fn can_resend(person: &Recipient, _list: Option<&Recipients>) -> Result<()> {
    is_person(person)?;
    not_done(person)
}

/// Whether an access code can be changed.
pub(crate) fn can_change_code(person: &Recipient, _list: Option<&Recipients>) -> Result<()> {
    is_person(person)?;
    not_done(person)
}

fn is_person(person: &Recipient) -> Result<()> {
    if person.role == Role::Seal {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the recipient is an electronic seal: nobody signs, gets mail or types an access code",
        )
        .with_hint("name a recipient who is a person"));
    }
    Ok(())
}

fn not_done(person: &Recipient) -> Result<()> {
    if !person.status.is_done() {
        return Ok(());
    }
    let message = format!("the status is {}", person.status);
    Err(Error::new(ErrorKind::RecipientDone, message))
}

fn not_in_turn(person: &Recipient, list: Option<&Recipients>) -> Error {
    let nobody_asked =
        list.is_some_and(|list| list.recipients.iter().all(|one| one.status == RecipientStatus::Waiting));
    if nobody_asked {
        // `created` everywhere is how a draft looks; the list itself does not tell the envelope's state.
        return Error::new(
            ErrorKind::EnvelopeNotReady,
            "nobody on the envelope was asked to sign yet: it looks like a draft, or is to be sent later",
        )
        .with_hint("send the envelope first");
    }
    let current = list.and_then(|list| list.current_order);
    let message = match (person.order, current) {
        (Some(order), Some(current)) if order != current => {
            format!("the recipient has order {order}, and the list names order {current} as the current one")
        }
        _ => "others in the routing order have to act first".to_owned(),
    };
    let text = |order: Option<u32>| order.map(|order| order.to_string());
    Error::new(ErrorKind::RecipientNotInTurn, message).with_details(vec![Detail::new(
        "order",
        text(person.order),
        text(current),
    )])
}

/// Whether a message is to be expected from a resend, judged by the recipient's state before it: DocuSign's answer
/// does not say whom it mailed.
///
/// No mail for embedded recipients without a start URL is by design, but not confirmed for resends
/// (stackoverflow.com/questions/47539595); with one, DocuSign mails them like everybody else.
pub(crate) fn mail(person: &Recipient) -> MailExpectation {
    let none = MailExpectation::NotExpected;
    if person.role == Role::Seal {
        return none(NoMail::NoAddress);
    }
    if person.status.is_done() {
        return none(NoMail::Done);
    }
    if person.client_user_id.is_some() && extra(person, "embeddedRecipientStartURL").is_none() {
        return none(NoMail::Embedded);
    }
    if extra(person, "suppressEmails") == Some("true") {
        return none(NoMail::Muted);
    }
    if person.status == RecipientStatus::DeliveryFailed {
        return none(NoMail::DeliveryFailed);
    }
    if person.in_turn == Some(false) {
        return none(NoMail::NotInTurn);
    }
    let reachable = person.email.is_some()
        || person.phone.is_some()
        || ["hostEmail", "signingGroupId", "signingGroupName", "phoneNumber"]
            .iter()
            .any(|member| extra(person, member).is_some());
    if !reachable {
        return none(NoMail::NoAddress);
    }
    let asked = matches!(person.status, RecipientStatus::Notified | RecipientStatus::Viewed);
    let method = extra(person, "deliveryMethod").unwrap_or("email");
    let by_message = ["email", "sms", "whatsapp"].iter().any(|known| known.eq_ignore_ascii_case(method));
    if asked && by_message { MailExpectation::Expected } else { MailExpectation::Unknown }
}

/// What sending once more does for a locked signer: new attempts after wrong access codes, as users report
/// (stackoverflow.com/questions/48272647); for other failed checks that is not public.
pub(crate) fn unlocking(person: &Recipient) -> Unlocking {
    if person.is_locked() {
        Unlocking::Unlocked
    } else if person.failed_check().is_some() {
        Unlocking::Unverified
    } else {
        Unlocking::NotNeeded
    }
}
