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
    // The document has one reason. With two who declined it would be a guess whose it is.
    let mut decliners = list.iter_mut().filter(|person| person.status == RecipientStatus::Declined);
    if let (Some(decliner), None) = (decliners.next(), decliners.next()) {
        decliner.decline_reason = document.decline_message.clone().filter(|text| !text.trim().is_empty());
    }
    let sender = document.sender_detail.as_ref().and_then(|sender| sender.email_address.as_deref());
    for event in document.document_history.iter().flatten() {
        let action = event.action.as_deref().unwrap_or_default();
        let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(action));
        let (signed, declined, viewed) = (is(&SIGNED), is(&DECLINED), is(&VIEWED));
        if !signed && !declined && !viewed {
            continue;
        }
        let Some(at) = event.timestamp.and_then(|seconds| Timestamp::from_second(seconds).ok()) else {
            continue;
        };
        let Some(email) = event.email.as_deref().map(str::trim) else { continue };
        for person in list.iter_mut() {
            let theirs = person.email.as_deref().is_some_and(|theirs| theirs.eq_ignore_ascii_case(email));
            if !theirs || person.vendor.extra.contains_key(REPEATED_ADDRESS) {
                continue;
            }
            if signed && person.status == RecipientStatus::Signed {
                person.signed_at = person.signed_at.max(Some(at));
            }
            if declined && person.status == RecipientStatus::Declined {
                person.declined_at = person.declined_at.max(Some(at));
            }
            // A sender who also signs looks at the document in both parts.
            if viewed && !sender.is_some_and(|sender| sender.eq_ignore_ascii_case(email)) {
                person.viewed_at = Some(person.viewed_at.map_or(at, |known| known.min(at)));
            }
        }
    }
}
