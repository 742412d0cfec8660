//! What the audit trail tells of single recipients: when they looked, signed or declined, and why.
//!
//! `properties` has no such times in the recipients' rows. An entry names a person by e-mail only, so it is used
//! where that e-mail occurs once among the signers.

use countersign_core::{Recipient, RecipientStatus, Timestamp};

use crate::ids::REPEATED_ADDRESS;
use crate::wire::Properties;

const SIGNED: [&str; 4] = ["Signed", "EmbeddedSigned", "Reviewed", "EmbeddedReviewed"];
const DECLINED: [&str; 1] = ["Declined"];
const VIEWED: [&str; 1] = ["Viewed"];

/// Fills in the times and the reason of a refusal.
pub(crate) fn tell(document: &Properties, list: &mut [Recipient]) {
    let decliners = list.iter().filter(|person| person.status == RecipientStatus::Declined).count();
    let sender = document.sender_detail.as_ref().and_then(|sender| sender.email_address.as_deref());
    for person in list {
        // The document has one reason. With two who declined it would be a guess whose it is.
        if decliners == 1 && person.status == RecipientStatus::Declined {
            person.decline_reason = document.decline_message.clone().filter(|text| !text.trim().is_empty());
        }
        let Some(email) = person.email.as_deref() else { continue };
        if person.vendor.extra.contains_key(REPEATED_ADDRESS) {
            continue;
        }
        let times = |actions: &[&str]| times(document, actions, email);
        let (signed, declined, viewed) = (times(&SIGNED), times(&DECLINED), times(&VIEWED));
        if person.status == RecipientStatus::Signed {
            person.signed_at = signed.into_iter().max();
        }
        if person.status == RecipientStatus::Declined {
            person.declined_at = declined.into_iter().max();
        }
        // A sender who also signs looks at the document in both parts.
        if !sender.is_some_and(|sender| sender.eq_ignore_ascii_case(email)) {
            person.viewed_at = viewed.into_iter().min();
        }
    }
}

fn times(document: &Properties, actions: &[&str], email: &str) -> Vec<Timestamp> {
    let is_theirs =
        |text: &Option<String>| text.as_deref().is_some_and(|text| text.trim().eq_ignore_ascii_case(email));
    document
        .document_history
        .iter()
        .flatten()
        .filter(|event| is_theirs(&event.email))
        .filter(|event| {
            let action = event.action.as_deref().unwrap_or_default();
            actions.iter().any(|known| known.eq_ignore_ascii_case(action))
        })
        .filter_map(|event| Timestamp::from_second(event.timestamp?).ok())
        .collect()
}
