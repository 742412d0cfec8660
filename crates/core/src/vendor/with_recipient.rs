//! Explaining why a vendor does not know a recipient that it was told.

use crate::error::{Detail, Error, ErrorKind};
use crate::model::{Recipient, Recipients};

/// Turns a vendor's "unknown recipient" into what differs between what was `sent` and what the envelope has `now`.
///
/// The refusal itself (vendor, code, status, trace) is kept; kind, message and details are made better. Names and
/// addresses go into the details only.
#[must_use]
pub fn explain_unknown_recipient(refusal: Error, sent: &Recipient, now: &Recipients) -> Error {
    let Some(present) = nearest(sent, now) else {
        return refusal
            .reworded(
                ErrorKind::RecipientNotFound,
                "nobody on the envelope comes near the recipient that was sent",
            )
            .with_hint("list the recipients and name one by its id");
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
    let order = |recipient: &Recipient| recipient.order.map(|order| order.to_string());
    let fields = [
        ("name", sent.name.clone(), present.name.clone()),
        ("e-mail", sent.email.clone(), present.email.clone()),
        ("client user id", sent.client_user_id.clone(), present.client_user_id.clone()),
        ("order", order(sent), order(present)),
    ];
    let details: Vec<Detail> = fields
        .into_iter()
        .filter(|(_, sent, present)| sent != present)
        .map(|(field, sent, present)| Detail::new(field, sent, present))
        .collect();
    if details.is_empty() {
        return refusal
            .reworded(
                ErrorKind::RecipientNotFound,
                "the vendor does not know the recipient, although name, e-mail, client user id and order are those of the envelope",
            )
            .with_hint("nothing in the request can be corrected; ask the vendor's support with the request id");
    }
    let names: Vec<&str> = details.iter().map(|detail| detail.field.as_ref()).collect();
    let message =
        format!("what was sent differs from the envelope's present values in: {}", names.join(", "));
    refusal
        .reworded(ErrorKind::RecipientNotFound, message)
        .with_hint(
            "list the recipients again and use their present values; a signer may have corrected their name",
        )
        .with_details(details)
}

/// The recipient with the most in common, the id counting most; `None` when nobody has anything in common.
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
