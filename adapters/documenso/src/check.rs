//! What is rejected before anything is sent. Documenso answers most of it with a success that does nothing.

use countersign_core::{
    EnvelopeStatus, Error, ErrorKind, Recipient, RecipientStatus, Recipients, Result, Role,
};

use crate::map::{MUTED, PLACE};

/// The envelope was sent and has not ended.
pub(crate) fn open(list: &Recipients) -> Result<()> {
    match &list.envelope_status {
        Some(EnvelopeStatus::Draft) => {
            Err(Error::new(ErrorKind::EnvelopeNotReady, "the envelope is a draft and was not sent")
                .with_hint("distribute the draft first"))
        }
        Some(status) if status.is_final() => {
            Err(Error::new(ErrorKind::EnvelopeClosed, format!("the envelope is {status}")))
        }
        _ if all_signed(list) => Err(Error::new(
            ErrorKind::EnvelopeClosed,
            "every recipient has signed; Documenso is sealing the documents",
        )),
        _ => Ok(()),
    }
}

fn all_signed(list: &Recipients) -> bool {
    let mut signers = list.recipients.iter().filter(|person| person.role != Role::CarbonCopy).peekable();
    signers.peek().is_some() && signers.all(|person| person.status == RecipientStatus::Signed)
}

/// The recipient can be given the link. It would open for one who is not in turn, and only say so.
pub(crate) fn view(person: &Recipient) -> Result<()> {
    actor(person)?;
    if person.status == RecipientStatus::Expired {
        return Err(Error::new(ErrorKind::RecipientDone, "the recipient's time to sign has expired")
            .with_hint("resend to the recipient: the mail renews the time, and the same link works again"));
    }
    if person.in_turn == Some(false) {
        let message = "recipients with a lower order have not finished";
        return Err(Error::new(ErrorKind::RecipientNotInTurn, message));
    }
    Ok(())
}

/// The recipient has something to do. One whose time has expired has: a resend renews it. The turn does not matter
/// either: Documenso mails anyone who is named.
pub(crate) fn actor(person: &Recipient) -> Result<()> {
    if person.role == Role::CarbonCopy {
        let message = "the recipient only gets a copy, and has nothing to sign";
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint("choose a signer or approver"));
    }
    let message = match person.status {
        RecipientStatus::Signed => "the recipient has signed",
        RecipientStatus::Declined => "the recipient has rejected the documents",
        _ => return Ok(()),
    };
    Err(Error::new(ErrorKind::RecipientDone, message))
}

/// Those who are mailed when everyone is: in turn, and not finished. One whose time has expired keeps the place, though
/// it is no one's turn any more.
pub(crate) fn due(list: &Recipients) -> Result<Vec<&Recipient>> {
    // Places below 1 are no order that the list can show.
    let place = |person: &Recipient| {
        let below = person.vendor.extra.get(PLACE).and_then(|place| place.parse().ok());
        below.or(person.order.map(i64::from))
    };
    let waiting = list.recipients.iter().filter(|person| actor(person).is_ok());
    let below = waiting.filter(|person| person.vendor.extra.contains_key(PLACE)).filter_map(place).min();
    let lowest = below.or(list.current_order.map(i64::from));
    let has_turn = |person: &Recipient| match person.status {
        RecipientStatus::Expired => lowest.is_none_or(|lowest| place(person) == Some(lowest)),
        _ => person.in_turn != Some(false),
    };
    let is_due = |person: &&Recipient| actor(person).is_ok() && has_turn(person);
    let due: Vec<_> = list.recipients.iter().filter(is_due).collect();
    if due.is_empty() {
        return Err(Error::new(ErrorKind::RecipientDone, "it is no recipient's turn on the envelope")
            .with_hint("list the recipients to see who has finished and who has to wait"));
    }
    Ok(due)
}

/// Whether Documenso's mails are switched off for the envelope.
pub(crate) fn is_muted(person: &Recipient) -> bool {
    MUTED.iter().any(|name| person.vendor.extra.contains_key(name))
}

/// The number by which Documenso knows the recipient.
pub(crate) fn number(person: &Recipient) -> Result<u64> {
    person.id.as_str().parse().map_err(|_| {
        Error::new(
            ErrorKind::RecipientNotFound,
            "the recipient's id is not a number, so it is not Documenso's",
        )
        .with_hint("list the recipients and refer to one by its id")
    })
}

/// There are no access codes.
pub(crate) fn no_codes() -> Error {
    Error::new(ErrorKind::Unsupported, "Documenso has no access codes")
        .with_hint("require an account or a second factor for the recipient (accessAuth, actionAuth)")
}
