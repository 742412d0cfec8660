//! What is refused before anything is sent. How BoldSign refuses these cases is not public, and some it may not refuse
//! at all; its list tells enough to decide here.

use countersign_core::{
    AccessCodeState, EnvelopeStatus, Error, ErrorKind, Recipient, RecipientRef, RecipientStatus, Result, Role,
};

use crate::document::Document;
use crate::ids::{REPEATED_ADDRESS, REPEATED_ORDER};
use crate::map::{Address, address};

/// BoldSign has nothing like a client user id.
pub(crate) fn naming(wanted: &RecipientRef) -> Result<()> {
    match wanted {
        RecipientRef::ClientUserId(_) => {
            Err(Error::new(ErrorKind::Unsupported, "BoldSign keeps no client user ids of signers")
                .with_hint("name the recipient by id, by e-mail (and order) or by phone"))
        }
        _ => Ok(()),
    }
}

/// The document is out and not closed.
pub(crate) fn open(document: &Document) -> Result<()> {
    match &document.list.envelope_status {
        Some(EnvelopeStatus::Draft) => {
            Err(Error::new(ErrorKind::EnvelopeNotReady, "the document is a draft or not sent yet")
                .with_hint("send the draft, or wait until the time for which it is scheduled"))
        }
        Some(status) if status.is_final() => {
            Err(Error::new(ErrorKind::EnvelopeClosed, format!("the document is {status}")))
        }
        _ => Ok(()),
    }
}

/// The recipient can be given a link.
///
/// Whether BoldSign itself refuses a link for a signer who is not in turn or locked is not public; the page behind it
/// would let nobody sign.
pub(crate) fn view(recipient: &Recipient) -> Result<Address> {
    let address = actor(recipient, "signing link")?;
    if is_marked(recipient, REPEATED_ADDRESS) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the recipient's address occurs more than once on the document, and BoldSign makes links by address alone",
        )
        .with_hint(REPEATED_HINT));
    }
    in_turn(recipient)?;
    unlocked(recipient)?;
    Ok(address)
}

/// What to do about an address that occurs twice.
pub(crate) const REPEATED_HINT: &str =
    "resend the mail to this recipient; for links, give each signer of a document an address of their own";

/// The recipient can be reminded. Naming somebody whose turn has not come could use up the day's one reminder.
pub(crate) fn remind(recipient: &Recipient) -> Result<Address> {
    let address = actor(recipient, "reminder")?;
    in_turn(recipient)?;
    Ok(address)
}

/// The recipient has an access code that can be changed.
pub(crate) fn change_access_code(recipient: &Recipient) -> Result<Address> {
    let address = actor(recipient, "access code")?;
    if is_marked(recipient, REPEATED_ORDER) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the document has several signers with this address and order, and BoldSign cannot tell them apart",
        )
        .with_hint("give one of them another address or order (in BoldSign: change recipient)"));
    }
    if recipient.access_code != AccessCodeState::NotRequired {
        return Ok(address);
    }
    unlocked(recipient)?;
    Err(Error::new(
        ErrorKind::AccessCodeNotEnabled,
        "the signer has no access-code authentication, and BoldSign changes only a code that is there",
    )
    .with_hint(
        "switch it on first: BoldSign's route PATCH /v1/document/addAuthentication with authenticationType AccessCode and \
         the code, or the signer's authentication settings in the web application",
    ))
}

/// The document's mails are not switched off, or the caller knows and wants one all the same: a manual reminder is
/// mailed in spite of `disableEmails` (support.boldsign.com/kb/article/22136).
pub(crate) fn not_muted(document: &Document, allow_muted: bool) -> Result<()> {
    if document.muted && !allow_muted {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            "the document was sent with BoldSign's mails switched off, and a reminder would be mailed all the same",
        )
        .with_hint("allow it (allow_muted, on the command line --allow-muted), or give the signer a link (create_view)"));
    }
    Ok(())
}

/// Somebody who still has something to do, and can be addressed.
fn actor(recipient: &Recipient, what: &str) -> Result<Address> {
    if recipient.role == Role::CarbonCopy {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("the recipient only gets a copy, and BoldSign has no {what} for that"),
        )
        .with_hint("name a signer or reviewer"));
    }
    if is_marked(recipient, "isReassigned") && !recipient.status.is_done() {
        return Err(Error::new(
            ErrorKind::RecipientDone,
            "the recipient handed the signing over to somebody else",
        )
        .with_hint("list the recipients and name the one who took over"));
    }
    if recipient.status.is_done() {
        let message = match recipient.status {
            RecipientStatus::Signed => "the recipient has signed",
            RecipientStatus::Declined => "the recipient has declined",
            _ => "the recipient's time is over",
        };
        return Err(Error::new(ErrorKind::RecipientDone, message));
    }
    address(recipient).ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            "the recipient has neither e-mail nor phone number to address them by",
        )
        .with_hint("if it is a group, name one of its members")
    })
}

fn in_turn(recipient: &Recipient) -> Result<()> {
    if recipient.in_turn == Some(false) {
        return Err(Error::new(
            ErrorKind::RecipientNotInTurn,
            "signers with a lower order have not finished",
        ));
    }
    Ok(())
}

fn unlocked(recipient: &Recipient) -> Result<()> {
    if recipient.is_locked() {
        return Err(Error::new(ErrorKind::RecipientLocked, "the signer typed too many wrong access codes")
            .with_hint("change the access code: at BoldSign that unlocks the signer, a reminder does not"));
    }
    if let Some(check) = recipient.failed_check() {
        let message = format!("the signer failed the check {}", check.method);
        return Err(Error::new(ErrorKind::RecipientLocked, message).with_hint(
            "no API route unlocks such a signer: use `Resume signing` in BoldSign's web application, or remove the \
             signer's authentication and add it again",
        ));
    }
    Ok(())
}

/// Whether a flag of the list is set for this recipient.
pub(crate) fn is_marked(recipient: &Recipient, name: &str) -> bool {
    recipient.vendor.extra.get(name).is_some_and(|flag| flag == "true")
}
