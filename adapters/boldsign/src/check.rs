//! What is rejected before anything is sent, and whether to expect a mail.
//!
//! BoldSign does not document how it refuses these cases, and may not refuse all; its list is sufficient to decide.

use std::borrow::Cow;

use countersign_core::{
    AccessCodeState, EnvelopeStatus, Error, ErrorKind, MailExpectation, NoMail, Recipient, RecipientStatus,
    Recipients, ResentTo, Result, Role, Unlocking,
};

use crate::wire::PhoneNumber;

/// Each signer stores under this name that the document's mails are switched off.
pub(crate) const MUTED: &str = "disableEmails";

/// Our own flags in `vendor.extra`: other rows have the same address, so that the address alone does not identify
/// this one; or the same address and order, so that no call can distinguish them.
pub(crate) const REPEATED_ADDRESS: &str = "repeatedAddress";
const REPEATED_ORDER: &str = "repeatedOrder";

/// How a recipient is identified to BoldSign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address<'r> {
    Email(&'r str),
    Phone(PhoneNumber<'r>),
}

/// The remedy for an address that occurs twice.
pub(crate) const REPEATED_HINT: &str =
    "resend the mail to this recipient; for links, give each signer of a document an address of their own";

/// The document was sent and has not ended.
pub(crate) fn open(list: &Recipients) -> Result<()> {
    match &list.envelope_status {
        Some(EnvelopeStatus::Draft) => {
            Err(Error::new(ErrorKind::EnvelopeNotReady, "the document is a draft or not sent yet")
                .with_hint("send the draft, or wait until its scheduled time"))
        }
        Some(status) if status.is_final() => {
            Err(Error::new(ErrorKind::EnvelopeClosed, format!("the document is {status}")))
        }
        _ => Ok(()),
    }
}

/// The recipient can get a link.
///
/// It is not documented whether BoldSign itself refuses a link for a signer who is not in turn or is locked; its page
/// would not let them sign.
pub(crate) fn view(recipient: &Recipient) -> Result<()> {
    actor(recipient, "signing link")?;
    if is_marked(recipient, REPEATED_ADDRESS) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the recipient's address occurs more than once on the document, and BoldSign creates links by \
             address alone",
        )
        .with_hint(REPEATED_HINT));
    }
    in_turn(recipient)?;
    unlocked(recipient)
}

/// The recipient can be reminded. A reminder before the recipient's turn could use up the only one per day.
pub(crate) fn remind(recipient: &Recipient) -> Result<()> {
    actor(recipient, "reminder")?;
    in_turn(recipient)
}

/// The recipient can be reminded without reading the document: the reminder reaches no one else, and the caller
/// allows a mail even if the document's mails are switched off, which only the document shows.
pub(crate) fn remind_unread(recipient: &Recipient, allow_muted: bool) -> Result<()> {
    let alone =
        matches!(address(recipient), Some(Address::Email(_))) && !is_marked(recipient, REPEATED_ADDRESS);
    if alone && allow_muted { remind(recipient) } else { Err(unread()) }
}

/// The error if only the current document has the answer.
pub(crate) fn unread() -> Error {
    Error::new(ErrorKind::Unexpected, "the document has to be read first")
}

/// The recipient has an access code that can be changed.
pub(crate) fn change_access_code(recipient: &Recipient) -> Result<()> {
    actor(recipient, "access code")?;
    if is_marked(recipient, REPEATED_ORDER) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the document has several signers with this address and order, and BoldSign cannot distinguish them",
        )
        .with_hint("give one of them another address or order (in BoldSign: change recipient)"));
    }
    if recipient.access_code != AccessCodeState::NotRequired {
        return Ok(());
    }
    unlocked(recipient)?;
    Err(Error::new(
        ErrorKind::AccessCodeNotEnabled,
        "the signer has no access-code authentication, and BoldSign only changes existing codes",
    )
    .with_hint(
        "enable it first: BoldSign's route PATCH /v1/document/addAuthentication with authenticationType \
         AccessCode and the code, or the signer's authentication settings in the web application",
    ))
}

/// The document's mails are not switched off, or the caller wants a mail anyway: a manual reminder is mailed in
/// spite of `disableEmails` (support.boldsign.com/kb/article/22136).
pub(crate) fn not_muted(list: &Recipients, allow_muted: bool) -> Result<()> {
    if is_muted(list) && !allow_muted {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            "the document was sent with BoldSign's mails switched off, but a reminder would still be mailed",
        )
        .with_hint("allow it (allow_muted, on the command line --allow-muted), or give the signer a link (create_view)"));
    }
    Ok(())
}

/// Whether BoldSign's mails are switched off for the document.
pub(crate) fn is_muted(list: &Recipients) -> bool {
    list.recipients.iter().any(|one| is_marked(one, MUTED))
}

/// How a recipient is addressed: by e-mail if there is one, otherwise by phone. `None` for rows that have neither.
fn address(recipient: &Recipient) -> Option<Address<'_>> {
    if let Some(email) = recipient.email.as_deref().filter(|email| !email.trim().is_empty()) {
        return Some(Address::Email(email));
    }
    recipient.phone.as_ref()?;
    let word = |name: &str| recipient.vendor.extra.get(name);
    Some(Address::Phone(PhoneNumber { country_code: word("countryCode"), number: word("phoneNumber") }))
}

/// How to address a recipient who can be addressed.
pub(crate) fn addressed(recipient: &Recipient) -> Result<Address<'_>> {
    let message = "the recipient has neither an e-mail address nor a phone number";
    let hint = "if it is a group, choose one of its members";
    address(recipient).ok_or_else(|| Error::new(ErrorKind::Unsupported, message).with_hint(hint))
}

/// A recipient who still has to act and can be addressed.
fn actor(recipient: &Recipient, what: &str) -> Result<()> {
    if recipient.role == Role::CarbonCopy {
        let message = format!("the recipient only gets a copy, and BoldSign has no {what} for copies");
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint("choose a signer or reviewer"));
    }
    if is_marked(recipient, "isReassigned") && !recipient.status.is_done() {
        let message = "the recipient handed the signing over to another signer";
        return Err(Error::new(ErrorKind::RecipientDone, message)
            .with_hint("list the recipients and choose the signer who took over"));
    }
    if recipient.status.is_done() {
        let message = match recipient.status {
            RecipientStatus::Signed => "the recipient has signed",
            RecipientStatus::Declined => "the recipient has declined",
            _ => "the recipient's time has expired",
        };
        return Err(Error::new(ErrorKind::RecipientDone, message));
    }
    addressed(recipient).map(drop)
}

fn in_turn(recipient: &Recipient) -> Result<()> {
    if recipient.in_turn == Some(false) {
        let message = "signers with a lower order have not finished";
        return Err(Error::new(ErrorKind::RecipientNotInTurn, message));
    }
    Ok(())
}

fn unlocked(recipient: &Recipient) -> Result<()> {
    if recipient.is_locked() {
        return Err(Error::new(ErrorKind::RecipientLocked, "the signer entered too many wrong access codes")
            .with_hint("change the access code: at BoldSign that unlocks the signer, a reminder does not"));
    }
    if let Some(check) = recipient.failed_check() {
        let message = format!("the signer failed the check {}", check.method);
        return Err(Error::new(ErrorKind::RecipientLocked, message).with_hint(
            "no API route unlocks such a signer: use `Resume signing` in BoldSign's web application, or remove \
             the signer's authentication and add it again",
        ));
    }
    Ok(())
}

/// Whether a flag of the list is set for this recipient.
pub(crate) fn is_marked(recipient: &Recipient, name: &str) -> bool {
    recipient.vendor.extra.get(name).is_some_and(|flag| flag == "true")
}

/// Flags recipients who share their address with others, ignoring letter case.
pub(crate) fn mark_repeated(list: &mut [Recipient]) {
    let mut places: Vec<(Cow<'_, str>, Option<u32>, usize)> = Vec::new();
    for (place, person) in list.iter().enumerate() {
        let Some(text) = person.email.as_deref().or(person.phone.as_deref()) else { continue };
        let small = text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let address = if small { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) };
        places.push((address, person.order, place));
    }
    places.sort_unstable();
    let mut marks = Vec::new();
    for same_address in places.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        for same_order in same_address.chunk_by(|a, b| a.1 == b.1) {
            marks.extend(same_order.iter().map(|(_, _, place)| (*place, same_order.len() > 1)));
        }
    }
    for (place, same_order) in marks {
        let Some(person) = list.get_mut(place) else { continue };
        person.vendor.extra.insert(REPEATED_ADDRESS, "true");
        if same_order {
            person.vendor.extra.insert(REPEATED_ORDER, "true");
        }
    }
}

/// A reminder to send.
#[derive(Debug)]
pub(crate) struct Plan<'r> {
    pub(crate) to: Vec<Address<'r>>,
    pub(crate) reply: Vec<ResentTo>,
}

impl<'r> Plan<'r> {
    /// To one recipient about whom the list has all information.
    pub(crate) fn known(recipient: &'r Recipient) -> Result<Self> {
        Ok(Self { to: vec![addressed(recipient)?], reply: vec![told(recipient)] })
    }

    /// To one recipient, with every other row that it reaches.
    ///
    /// A reminder is addressed by e-mail: it goes to every role of that address on the document. BoldSign does not
    /// document whether a reminder with only phone numbers skips the e-mail signers, because one without e-mail
    /// addresses means everyone.
    pub(crate) fn one(list: &'r Recipients, recipient: &'r Recipient) -> Result<Self> {
        remind(recipient)?;
        let mut plan = Self::known(recipient)?;
        for other in list.recipients.iter().filter(|other| other.id != recipient.id) {
            let mail = match (plan.to.first(), address(other)) {
                (Some(Address::Email(named)), Some(Address::Email(theirs)))
                    if named.eq_ignore_ascii_case(theirs) =>
                {
                    expectation(other)
                }
                (Some(Address::Phone(_)), Some(Address::Email(_))) => MailExpectation::Unknown,
                _ => continue,
            };
            if remind(other).is_ok() {
                plan.reply.push(ResentTo::new(other.id.clone(), mail, unlocking(other)));
            }
        }
        Ok(plan)
    }

    /// To every recipient whose turn it is and who has not finished, each named.
    pub(crate) fn everyone(list: &'r Recipients) -> Result<Self> {
        let mut plan = Self { to: Vec::new(), reply: Vec::new() };
        for recipient in list.recipients.iter().filter(|recipient| remind(recipient).is_ok()) {
            plan.to.extend(address(recipient).filter(|address| !plan.to.contains(address)));
            plan.reply.push(told(recipient));
        }
        if plan.to.is_empty() {
            return Err(Error::new(ErrorKind::RecipientDone, "it is no recipient's turn on the document")
                .with_hint("list the recipients to see who has finished and who has to wait"));
        }
        Ok(plan)
    }
}

fn told(recipient: &Recipient) -> ResentTo {
    ResentTo::new(recipient.id.clone(), expectation(recipient), unlocking(recipient))
}

/// Whether to expect a message if BoldSign accepts the reminder.
pub(crate) fn expectation(recipient: &Recipient) -> MailExpectation {
    if recipient.status == RecipientStatus::DeliveryFailed || is_marked(recipient, "isDeliveryFailed") {
        return MailExpectation::NotExpected(NoMail::DeliveryFailed);
    }
    // The meaning of an unknown status cannot be known.
    if matches!(recipient.status, RecipientStatus::Other(_)) {
        return MailExpectation::Unknown;
    }
    // It is not documented whether a signer's own setting suppresses manual reminders, and whether an in-person
    // signer gets any or the host does.
    let reminders = recipient.vendor.extra.get("recipientNotificationSettings.reminders");
    if reminders.is_some_and(|flag| flag == "false") || recipient.role == Role::InPersonSigner {
        return MailExpectation::Unknown;
    }
    MailExpectation::Expected
}

/// A reminder unlocks no signer.
fn unlocking(recipient: &Recipient) -> Unlocking {
    if recipient.is_locked() || recipient.failed_check().is_some() {
        Unlocking::StillLocked
    } else {
        Unlocking::NotNeeded
    }
}
