//! What is rejected before anything is sent, and what to expect from a call for a recipient.
//!
//! A check of a recipient gets the list, if one was read in this call.

use countersign_core::json::Object;
use countersign_core::{
    AccountId, BaseUrl, Detail, Error, ErrorKind, MailExpectation, NoMail, Recipient, RecipientStatus,
    Recipients, ResentTo, Result, Role, Unlocking,
};

use crate::DESCRIPTOR;
use crate::map::extra;
use crate::wire::{UserAccount, UserInfo};

/// Whether a view can be requested.
///
/// Without a client user id DocuSign would refuse, or answer with a link to a page on which nothing can be signed
/// (docusign-esign-csharp-client issue 398), so that is never sent. For an in-person signer the host requests the
/// view and needs no client user id (docusign/code-examples-node, lib/eSignature/examples/signingInPerson.js).
pub(crate) fn can_view(person: &Recipient, list: Option<&Recipients>) -> Result<()> {
    can_act(person)?;
    if person.client_user_id.is_none() && person.role != Role::InPersonSigner {
        return Err(Error::new(
            ErrorKind::RecipientNotEmbedded,
            "the recipient signs by mail: the envelope has no client user id for them",
        ));
    }
    if person.is_locked() {
        return Err(name_failed_check(Error::new(ErrorKind::RecipientLocked, ""), person));
    }
    if person.in_turn == Some(false) {
        return Err(list.and_then(not_sent).unwrap_or_else(|| not_in_turn(person, list)));
    }
    Ok(())
}

/// Whether a message can be resent.
pub(crate) fn can_resend(person: &Recipient, list: Option<&Recipients>) -> Result<()> {
    can_change(person, list)?;
    list.map_or(Ok(()), no_draft)
}

/// Whether a recipient can be changed. Every change writes the name: one from an earlier list would undo a correction.
pub(crate) fn can_change(person: &Recipient, list: Option<&Recipients>) -> Result<()> {
    list.ok_or_else(unread).and_then(|_| can_act(person))
}

/// Whether the recipient has something to do: DocuSign refuses calls for recipients who have finished.
fn can_act(person: &Recipient) -> Result<()> {
    if person.vendor.kind.is_empty() {
        return Err(unread());
    }
    if person.role == Role::Seal {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "the recipient is an electronic seal: no person signs, gets mail or enters an access code",
        )
        .with_hint("choose a recipient who is a person"));
    }
    if is_gone(person) {
        return Err(Error::new(ErrorKind::RecipientDone, "the recipient was deleted from the envelope")
            .with_hint("list the recipients and choose one who is still on the envelope"));
    }
    if person.status.is_done() {
        let message = format!("the status is {}", person.status);
        return Err(Error::new(ErrorKind::RecipientDone, message));
    }
    Ok(())
}

/// The error if only the current list has the answer.
fn unread() -> Error {
    Error::new(ErrorKind::Unexpected, "the recipients have to be read first")
}

/// Whether the recipient was deleted: DocuSign returns such rows, which have neither name nor address (recorded in
/// NangoHQ/integration-templates, integrations/docusign/tests).
pub(crate) fn is_gone(person: &Recipient) -> bool {
    person.vendor.status.eq_ignore_ascii_case("deleted")
}

/// Names the check that a locked recipient failed, and the remedy.
pub(crate) fn name_failed_check(refusal: Error, person: &Recipient) -> Error {
    let (kind, failed) = (refusal.kind(), person.failed_check());
    if kind != ErrorKind::RecipientLocked {
        return refusal;
    }
    if person.is_locked() {
        return refusal.reworded(kind, "the signer entered wrong access codes").with_hint(
            "change the access code with notify, or resend: either unlocks the signer; the envelope need not be \
             voided",
        );
    }
    match failed {
        Some(check) => refusal
            .reworded(kind, format!("the signer failed the check {}", check.method))
            .with_hint("resend: this unlocks the signer; the envelope need not be voided"),
        None => refusal,
    }
}

/// Fails for a draft. Its list has no current order (recorded in NangoHQ/integration-templates,
/// integrations/docusign/tests); a sent envelope's list does.
pub(crate) fn no_draft(list: &Recipients) -> Result<()> {
    match not_sent(list) {
        Some(error) if list.current_order.is_none() => Err(error),
        _ => Ok(()),
    }
}

/// The error if every recipient is `created`: the list itself does not include the envelope's status.
fn not_sent(list: &Recipients) -> Option<Error> {
    let mut there = list.recipients.iter().filter(|one| !is_gone(one)).peekable();
    there.peek()?;
    let message = match list.current_order {
        None => "the envelope is a draft: it was never sent",
        Some(_) => {
            "no recipient was asked to sign yet: the envelope looks like a draft, or is scheduled for later"
        }
    };
    let waiting = there.all(|one| one.status == RecipientStatus::Waiting);
    waiting.then(|| Error::new(ErrorKind::EnvelopeNotReady, message).with_hint("send the envelope first"))
}

fn not_in_turn(person: &Recipient, list: Option<&Recipients>) -> Error {
    let current = list.and_then(|list| list.current_order);
    let message = match (person.order, current) {
        (Some(order), Some(current)) if order != current => {
            format!("the recipient has order {order}, and the list names order {current} as the current one")
        }
        _ => "earlier recipients in the routing order have to act first".to_owned(),
    };
    let text = |order: Option<u32>| order.map(|order| order.to_string());
    Error::new(ErrorKind::RecipientNotInTurn, message).with_details(vec![Detail::new(
        "order",
        text(person.order),
        text(current),
    )])
}

/// The effect on a recipient of a resend that DocuSign accepted.
pub(crate) fn resent_to(person: &Recipient) -> ResentTo {
    ResentTo::new(person.id.clone(), mail(person), unlocking(person)).with_code_in_mail(person.code_in_mail)
}

/// Whether to expect a message from a resend, judged by the recipient's state before it: DocuSign's answer does not
/// report whom it mailed.
///
/// Embedded recipients without a start URL get no mail by design, but this is not confirmed for resends
/// (stackoverflow.com/questions/47539595); with one, DocuSign mails them like others.
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

/// The effect of a resend on a locked signer: new attempts, as users report after wrong access codes
/// (stackoverflow.com/questions/48272647), and as the specification says in general ("resend to give recipient
/// another chance").
pub(crate) fn unlocking(person: &Recipient) -> Unlocking {
    let locked = person.is_locked() || person.failed_check().is_some();
    if locked { Unlocking::Unlocked } else { Unlocking::NotNeeded }
}

/// The configured account among those of the user. The short number does not occur in userinfo; with it the user's
/// only or default account is used.
pub(crate) fn own_account<'i>(info: &'i UserInfo, wanted: &AccountId) -> Result<&'i UserAccount> {
    let accounts = info.accounts.iter().map(|Object(account)| account);
    let named = |account: &&UserAccount| {
        account.account_id.0.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(wanted.as_str()))
    };
    if let Some(account) = accounts.clone().find(named) {
        return Ok(account);
    }
    if wanted.as_str().bytes().all(|byte| byte.is_ascii_digit()) {
        let default = accounts.clone().find(|account| account.is_default.0 == Some(true));
        match (default, info.accounts.as_slice()) {
            (Some(account), _) | (None, [Object(account)]) => return Ok(account),
            _ => {}
        }
    }
    let theirs =
        accounts.map(|account| Detail::new("account of this user", None, account.account_id.0.clone()));
    Err(Error::new(
        ErrorKind::Config,
        "the user who signs in has no account with the configured `account_id`",
    )
    .with_hint("check `account_id` and `environment`, or sign in as a user of that account")
    .with_details(theirs.collect()))
}

/// The account's host. A token is sent only to DocuSign's own hosts, whatever an answer says; or to this machine if
/// it was obtained there.
pub(crate) fn account_host(account: &UserAccount, local: bool) -> Result<BaseUrl> {
    let refused = |message: &'static str| {
        Error::new(ErrorKind::InvalidResponse, message)
            .with_hint("if that host is correct, configure it as base_url; no token was sent to it")
    };
    let Some(base) = account.base_uri.0.as_deref() else {
        return Err(refused("userinfo names no base URL for the account"));
    };
    let base = BaseUrl::new(base).map_err(|_| refused("userinfo names an invalid base URL"))?;
    let host = base.url().host_str().unwrap_or_default();
    let within = |domain: &String| {
        host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let docusign = DESCRIPTOR.facts.api_domains.iter().any(within);
    if (base.is_https() && docusign) || (local && base.is_loopback()) {
        Ok(base)
    } else {
        Err(refused("userinfo names a base URL outside https://….docusign.net"))
    }
}
