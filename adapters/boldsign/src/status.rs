//! How far a signer is, whose turn it is, and what stands in their way.

use countersign_core::{AccessCodeState, IdentityCheck, RecipientStatus};

use crate::row::{Row, filled};
use crate::stage::{Stage, stage};
use crate::wire::{Properties, Signer};

/// Whether those before this signer have finished; `None` where BoldSign does not say whether the order counts.
///
/// Somebody who handed over does not hold anybody up: the row of the person who took over does.
pub(crate) fn turn(document: &Properties, signer: &Signer) -> Option<bool> {
    let ordered = document.enable_signing_order?;
    let mine = signer.order.unwrap_or_default();
    let held_up = ordered
        && document
            .signer_details
            .iter()
            .flatten()
            .any(|other| other.order.unwrap_or_default() < mine && is_open(other));
    Some(!held_up)
}

fn is_open(signer: &Signer) -> bool {
    let finished = filled(&signer.status).is_some_and(|word| word.eq_ignore_ascii_case("Completed"));
    !finished && signer.is_reassigned != Some(true)
}

pub(crate) fn current_order(document: &Properties) -> Option<u32> {
    let ordered = document.enable_signing_order == Some(true) && stage(document) == Stage::Open;
    let orders = document.signer_details.iter().flatten().filter(|signer| is_open(signer));
    let lowest = orders.map(|signer| signer.order.unwrap_or_default()).min();
    lowest.filter(|_| ordered).and_then(|order| u32::try_from(order).ok())
}

pub(crate) fn status(document: &Properties, row: Row<'_>, turn: Option<bool>) -> RecipientStatus {
    let word = row.word().trim();
    let is = |known: &str| word.eq_ignore_ascii_case(known);
    if is("Completed") {
        return RecipientStatus::Signed;
    }
    if is("Declined") {
        return RecipientStatus::Declined;
    }
    if is("Revoked") {
        return RecipientStatus::Revoked;
    }
    if is("Expired") {
        return RecipientStatus::Expired;
    }
    let unfinished = word.is_empty() || is("NotCompleted") || is("None");
    if !unfinished {
        return RecipientStatus::Other(word.to_owned());
    }
    if row.signer.is_reassigned == Some(true) {
        return RecipientStatus::Other("Reassigned".to_owned());
    }
    if row.delivery_failed() == Some(true) {
        RecipientStatus::DeliveryFailed
    } else if row.viewed() == Some(true) {
        RecipientStatus::Viewed
    } else if is("None") || turn == Some(false) || stage(document) == Stage::NotSent {
        RecipientStatus::Waiting
    } else {
        RecipientStatus::Notified
    }
}

pub(crate) fn in_turn(
    document: &Properties,
    row: Row<'_>,
    turn: Option<bool>,
    status: &RecipientStatus,
) -> Option<bool> {
    let past = status.is_done() || !is_open(row.signer) || stage(document) != Stage::Open;
    if past { Some(false) } else { turn }
}

/// The access code, and the other hurdle that there may be instead. `false` means "on and not failed", which does not
/// say that anything was passed.
pub(crate) fn checks(row: Row<'_>) -> (AccessCodeState, Vec<IdentityCheck>) {
    let failed = row.authentication_failed() == Some(true);
    let told = filled(&row.signer.authentication_type).filter(|word| !word.eq_ignore_ascii_case("None"));
    let method = match told {
        Some(word) => word,
        None if row.signer.enable_access_code == Some(true) => "AccessCode",
        None if row.signer.enable_email_otp == Some(true) => "EmailOTP",
        None => return (AccessCodeState::NotRequired, Vec::new()),
    };
    if !method.eq_ignore_ascii_case("AccessCode") {
        return (AccessCodeState::NotRequired, vec![IdentityCheck::new(method, failed)]);
    }
    (if failed { AccessCodeState::Failed } else { AccessCodeState::Required }, Vec::new())
}
