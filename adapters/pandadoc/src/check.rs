//! What is rejected before anything is sent, because the vendor would do it wrongly, or does not document what it does.

use countersign_core::{
    EnvelopeStatus, Error, ErrorKind, Recipient, RecipientStatus, Recipients, Result, Role,
};

use crate::map::EMAIL;

/// The longest text of a reminder.
const LONGEST_MESSAGE: usize = 5_000;

/// The document was sent and has not ended.
pub(crate) fn open(list: &Recipients) -> Result<()> {
    if list.envelope_status == Some(EnvelopeStatus::Draft) {
        return Err(Error::new(ErrorKind::EnvelopeNotReady, "the document was not sent")
            .with_hint("send the document first; one that waits for approval has to be approved before"));
    }
    not_ended(list)
}

pub(crate) fn not_ended(list: &Recipients) -> Result<()> {
    match &list.envelope_status {
        Some(status) if status.is_final() => {
            Err(Error::new(ErrorKind::EnvelopeClosed, format!("the document is {status}")))
        }
        _ => Ok(()),
    }
}

/// The recipient can be given a session. Sessions name a person by address alone, so it must be unique.
pub(crate) fn view<'r>(list: &Recipients, person: &'r Recipient) -> Result<&'r str> {
    actor(person)?;
    in_turn(person)?;
    let Some(email) = person.email.as_deref() else {
        let message = "the recipient has no e-mail address, and PandaDoc makes sessions for an address";
        let hint = match person.members {
            Some(_) => "remind the group (resend), or name the signer instead of the group",
            None => "give the recipient an address, or remind them (resend): they are contacted by phone",
        };
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint(hint));
    };
    let is_same =
        |other: Option<&str>| other.is_some_and(|other| other.trim().eq_ignore_ascii_case(email.trim()));
    let others = list.recipients.iter().filter(|other| other.id != person.id);
    let members = |other: &Recipient| other.members.iter().flatten().any(|one| is_same(one.email.as_deref()));
    if others.into_iter().any(|other| is_same(other.email.as_deref()) || members(other)) {
        let message = "the recipient's address occurs more than once on the document, and PandaDoc makes sessions \
                       by address alone";
        return Err(Error::new(ErrorKind::RecipientAmbiguous, message).with_hint(
            "resend to this recipient; for links, give each signer of a document an address of their own",
        ));
    }
    Ok(email)
}

/// The recipient can be reminded.
pub(crate) fn remind(person: &Recipient, message: Option<&str>) -> Result<()> {
    actor(person)?;
    in_turn(person)?;
    if message.is_some() && person.vendor.extra.get(EMAIL) == Some("false") {
        let message = "the recipient is contacted by SMS, which takes no text of yours";
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint("leave the text out (message)"));
    }
    text(message)
}

/// Those who are reminded when everyone is: in turn, and not finished.
pub(crate) fn due<'r>(list: &'r Recipients, message: Option<&str>) -> Result<Vec<&'r Recipient>> {
    text(message)?;
    let is_due = |person: &&Recipient| actor(person).is_ok() && in_turn(person).is_ok();
    let due: Vec<_> = list.recipients.iter().filter(is_due).collect();
    if due.is_empty() {
        return Err(Error::new(ErrorKind::RecipientDone, "it is no recipient's turn on the document")
            .with_hint("list the recipients to see who has finished and who has to wait"));
    }
    Ok(due)
}

/// A passcode can be set, and replaces no other kind of check.
pub(crate) fn change_access_code(person: &Recipient) -> Result<()> {
    actor(person)?;
    if person.members.is_some() {
        return Err(Error::new(ErrorKind::Unsupported, "PandaDoc sets no passcode for a group")
            .with_hint("name the signer instead of the group"));
    }
    match person.other_checks.first() {
        None => Ok(()),
        Some(check) => {
            let message =
                format!("the recipient has the check {}, which a passcode would replace", check.method);
            Err(Error::new(ErrorKind::Unsupported, message)
                .with_hint("PandaDoc has one check per recipient: remove this one first if a passcode shall take its place"))
        }
    }
}

fn actor(person: &Recipient) -> Result<()> {
    if person.role == Role::CarbonCopy {
        let message = "the recipient only gets a copy, and has nothing to sign";
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint("choose a signer or approver"));
    }
    match person.status {
        RecipientStatus::Signed => Err(Error::new(ErrorKind::RecipientDone, "the recipient has finished")),
        _ => Ok(()),
    }
}

fn in_turn(person: &Recipient) -> Result<()> {
    if person.in_turn == Some(false) {
        let message = "recipients with a lower order have not finished";
        return Err(Error::new(ErrorKind::RecipientNotInTurn, message));
    }
    Ok(())
}

fn text(message: Option<&str>) -> Result<()> {
    let length = message.map_or(0, |message| message.chars().count());
    if length > LONGEST_MESSAGE {
        let message = format!("the text of the reminder is {length} characters long");
        return Err(Error::new(ErrorKind::InvalidRequest, message)
            .with_hint(format!("give at most {LONGEST_MESSAGE} characters")));
    }
    Ok(())
}
