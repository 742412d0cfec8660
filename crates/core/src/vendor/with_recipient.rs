//! Acts on one recipient: look up, check, send, and find the reason if the vendor refuses.

use std::future::Future;
use std::sync::OnceLock;

use crate::error::{Detail, Error, ErrorKind, Result, Retry};
use crate::model::{Recipient, RecipientRef, Recipients};

/// The lists that one call reads. Created empty by the caller, so that an attempt can borrow from them.
#[derive(Debug, Default)]
pub struct Lists([OnceLock<Recipients>; 2]);

/// The recipient of a request.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Found<'c> {
    /// The recipient, from an earlier list or the current one.
    pub person: &'c Recipient,
    /// The list that was read in this call; `None` if the caller already knew the recipient.
    pub list: Option<&'c Recipients>,
}

/// When an adapter doubts that the recipient is on the envelope with the sent values, and how it reacts.
#[derive(Debug, Clone, Copy)]
pub struct Doubt {
    /// Whether the list may explain this refusal. The refused step must certainly have had no effect.
    pub arises: fn(&Error) -> bool,
    /// Whether the vendor treats both as the same: all identifying values are equal.
    pub same: fn(&Recipient, &Recipient) -> bool,
    /// The meaning of the refusal for a recipient who is on the envelope with exactly the sent values.
    pub explain: fn(Error, &Recipient, &Recipients) -> Error,
    /// Whether to make a second attempt if the current values differ.
    pub again: bool,
}

/// Finds the recipient, checks them, and makes the attempt.
///
/// A recipient from an earlier list is used without reading if `check` accepts them. Their state may have changed
/// since, so only a fresh list may reject them. `check` gets the list if one was read; without a list, its error
/// means "read first".
///
/// After a refusal that a list can explain, the list is read, unless it was just read. There are three results: the
/// envelope has other values now (one more attempt, if the adapter wants it), the recipient can no longer be acted
/// on, or the refusal is final and explained. A failure of that read is ignored, unless it was refused like the
/// attempt.
///
/// # Errors
/// The errors of `read`, the lookup, `check` or `attempt`; refusals keep the vendor's own description.
pub async fn with_recipient<'c, T, R, A>(
    lists: &'c Lists,
    reference: &'c RecipientRef,
    doubt: &Doubt,
    read: impl Fn() -> R,
    check: impl Fn(&Recipient, Option<&Recipients>) -> Result<()>,
    attempt: impl Fn(Found<'c>) -> A,
) -> Result<T>
where
    R: Future<Output = Result<Recipients>>,
    A: Future<Output = Result<T>>,
{
    let [first, second] = &lists.0;
    let found = match reference {
        RecipientRef::Known(known) if check(known, None).is_ok() => Found { person: known, list: None },
        _ => {
            // A slot is filled once; no call reads a second list for it.
            let list = read().await?;
            let list = first.get_or_init(|| list);
            let person = reference.find(list)?;
            check(person, Some(list))?;
            Found { person, list: Some(list) }
        }
    };
    let refusal = match attempt(found).await {
        Err(refusal) if (doubt.arises)(&refusal) => refusal,
        result => return result,
    };
    if let Some(list) = found.list {
        return Err((doubt.explain)(refusal, found.person, list));
    }
    let list = match read().await {
        Ok(list) => second.get_or_init(|| list),
        // Reading was refused as well: that refusal describes the problem better.
        Err(unread) if (doubt.arises)(&unread) => return Err(unread),
        Err(_) => return Err(refusal),
    };
    // The envelope exists, so waiting does not help, whatever the refusal looked like.
    let outcome = refusal.outcome();
    let refusal = refusal.with_outcome(outcome, Retry::Never);
    let unknown =
        |refusal| explain_unknown_recipient((doubt.explain)(refusal, found.person, list), found.person, list);
    let Some(person) = list.get(&found.person.id) else {
        return Err(unknown(refusal));
    };
    if let Err(reason) = check(person, Some(list)) {
        let (kind, hint) = (reason.kind(), reason.hint().to_owned());
        let refusal = refusal.reworded(kind, reason.message().to_owned()).with_hint(hint);
        let details = match reason.details() {
            [] => differences(found.person, person),
            of_reason => of_reason.to_vec(),
        };
        return Err(refusal.with_details(details));
    }
    if (doubt.same)(person, found.person) {
        return Err((doubt.explain)(refusal, found.person, list));
    }
    if !doubt.again {
        return Err(unknown(refusal));
    }
    match attempt(Found { person, list: Some(list) }).await {
        Err(refusal) if (doubt.arises)(&refusal) => Err((doubt.explain)(refusal, person, list)),
        result => result,
    }
}

/// Turns a vendor's "unknown recipient" into the differences between the values that were `sent` and those that the
/// envelope has `now`.
///
/// The refusal itself (vendor, code, status, trace) is kept; kind, message and details become more precise. Names
/// and addresses are only in the details.
#[must_use]
pub fn explain_unknown_recipient(refusal: Error, sent: &Recipient, now: &Recipients) -> Error {
    let Some(present) = nearest(sent, now) else {
        return refusal
            .reworded(
                ErrorKind::RecipientNotFound,
                "no recipient of the envelope resembles the one that was sent",
            )
            .with_hint("list the recipients and refer to one by its id");
    };
    if present.embedded == Some(false) && sent.client_user_id.is_some() {
        return refusal
            .reworded(
                ErrorKind::RecipientNotEmbedded,
                "the recipient signs by mail: the envelope has no client user id for them",
            )
            .with_hint(ErrorKind::RecipientNotEmbedded.remedy())
            .with_details(vec![Detail::new("client user id", sent.client_user_id.clone(), None)]);
    }
    let details = differences(sent, present);
    if details.is_empty() {
        return refusal
            .reworded(
                ErrorKind::RecipientNotFound,
                "the vendor does not know the recipient, although name, e-mail, client user id and order are those of the envelope",
            )
            .with_hint("nothing in the request can be corrected; contact the vendor's support with the request \
                        id");
    }
    let names: Vec<&str> = details.iter().map(|detail| detail.field.as_ref()).collect();
    let message = format!("the sent values differ from the envelope's current ones in: {}", names.join(", "));
    refusal
        .reworded(ErrorKind::RecipientNotFound, message)
        .with_hint(
            "list the recipients again and use their current values; a signer may have corrected their name",
        )
        .with_details(details)
}

/// The identifying values that differ.
fn differences(sent: &Recipient, present: &Recipient) -> Vec<Detail> {
    let order = |recipient: &Recipient| recipient.order.map(|order| order.to_string());
    let fields = [
        ("name", sent.name.clone(), present.name.clone()),
        ("e-mail", sent.email.clone(), present.email.clone()),
        ("client user id", sent.client_user_id.clone(), present.client_user_id.clone()),
        ("order", order(sent), order(present)),
    ];
    let differ = fields.into_iter().filter(|(_, sent, present)| sent != present);
    differ.map(|(field, sent, present)| Detail::new(field, sent, present)).collect()
}

/// The recipient with the most in common, where the id counts most; `None` if none has anything in common.
fn nearest<'r>(sent: &Recipient, now: &'r Recipients) -> Option<&'r Recipient> {
    let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => a.trim().eq_ignore_ascii_case(b.trim()),
        _ => false,
    };
    let score = |recipient: &Recipient| -> u32 {
        8 * u32::from(recipient.id == sent.id)
            + 4 * u32::from(same(&recipient.email, &sent.email))
            + 2 * u32::from(same(&recipient.client_user_id, &sent.client_user_id))
            + u32::from(same(&recipient.name, &sent.name))
    };
    now.recipients
        .iter()
        .map(|recipient| (score(recipient), recipient))
        .filter(|(score, _)| *score > 0)
        .max_by_key(|(score, recipient)| (*score, std::cmp::Reverse(recipient.order.unwrap_or(u32::MAX))))
        .map(|(_, recipient)| recipient)
}
