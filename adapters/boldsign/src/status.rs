//! How far a signer is, whose turn it is, and what stands in their way.

use countersign_core::{AccessCodeState, EnvelopeStatus, IdentityCheck, RecipientStatus};

use crate::row::{Row, filled};
use crate::stage;
use crate::wire::{Properties, Signer};

/// What the document as a whole tells of its signers; found out once for all of them.
pub(crate) struct Whole {
    pub(crate) status: Option<EnvelopeStatus>,
    ordered: Option<bool>,
    /// The lowest order that somebody has not finished.
    lowest_open: Option<i64>,
}

impl Whole {
    pub(crate) fn new(document: &Properties) -> Self {
        let open = document.signer_details.iter().flatten().filter(|signer| is_open(signer));
        Self {
            status: stage::of(document),
            ordered: document.enable_signing_order,
            lowest_open: open.map(|signer| signer.order.unwrap_or_default()).min(),
        }
    }

    /// Whether those before this signer have finished; `None` where BoldSign does not say whether the order counts.
    ///
    /// Somebody who handed over does not hold anybody up: the row of the person who took over does.
    pub(crate) fn turn(&self, signer: &Signer) -> Option<bool> {
        let mine = signer.order.unwrap_or_default();
        let held_up = self.ordered? && self.lowest_open.is_some_and(|lowest| lowest < mine);
        Some(!held_up)
    }

    /// Whether people can sign; under every word that we do not know they can.
    fn is_open(&self) -> bool {
        !self.is_draft() && !self.status.as_ref().is_some_and(EnvelopeStatus::is_final)
    }

    fn is_draft(&self) -> bool {
        self.status == Some(EnvelopeStatus::Draft)
    }

    pub(crate) fn current_order(&self) -> Option<u32> {
        let ordered = self.ordered == Some(true) && self.is_open();
        self.lowest_open.filter(|_| ordered).and_then(|order| u32::try_from(order).ok())
    }
}

fn is_open(signer: &Signer) -> bool {
    let finished = filled(&signer.status).is_some_and(|word| word.eq_ignore_ascii_case("Completed"));
    !finished && signer.is_reassigned != Some(true)
}

pub(crate) fn status(whole: &Whole, row: Row<'_>, turn: Option<bool>) -> RecipientStatus {
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
    } else if is("None") || turn == Some(false) || whole.is_draft() {
        RecipientStatus::Waiting
    } else {
        RecipientStatus::Notified
    }
}

pub(crate) fn in_turn(
    whole: &Whole,
    row: Row<'_>,
    turn: Option<bool>,
    status: &RecipientStatus,
) -> Option<bool> {
    let past = status.is_done() || !is_open(row.signer) || !whole.is_open();
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
