//! The newest state of an envelope, whatever the order in which webhooks arrive.

use std::collections::BTreeMap;

use countersign_core::{EnvelopeId, EnvelopeStatus, Notification, RecipientId, RecipientStatus, Timestamp};
use serde::Serialize;

/// A status, and when the vendor reported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatedStatus<S> {
    /// The status.
    pub status: S,
    /// The vendor's time.
    pub at: Option<Timestamp>,
}

/// The newest state of one envelope and of each of its recipients.
///
/// Webhooks arrive late, twice, and out of order; [`EnvelopeState::apply`] accepts them in any order and always
/// ends in the same state. Of two statuses, this one is kept:
///
/// 1. the final one, if only one of them is final (completed, declined, voided, expired, failed, deleted; signed,
///    declined, expired, revoked): what has ended never goes back;
/// 2. the later one by the vendor's time; one without a time counts as older than any with one;
/// 3. at the same time, the more advanced one, in the order of [`EnvelopeStatus::NAMED`] and
///    [`RecipientStatus::NAMED`], with unknown words first;
/// 4. of two unknown words, the one that is later in the alphabet, so that the result is always the same.
///
/// An event that this library does not know changes nothing by itself; statuses in its message count by these
/// rules. Use one value per envelope: notifications about other envelopes are ignored. The default is for an envelope
/// without known state, whose id comes from the first notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EnvelopeState {
    /// The envelope.
    pub id: Option<EnvelopeId>,
    /// Its status, if known.
    pub envelope: Option<DatedStatus<EnvelopeStatus>>,
    /// All recipients with a known status.
    pub recipients: BTreeMap<RecipientId, DatedStatus<RecipientStatus>>,
}

/// The changes made by a notification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StateChanges {
    /// The envelope's status, if it has changed.
    pub envelope: Option<EnvelopeStatus>,
    /// The recipients whose status has changed.
    pub recipients: Vec<(RecipientId, RecipientStatus)>,
}

impl StateChanges {
    /// Whether nothing has changed: a repeated or outdated notification, or one without a status.
    pub fn is_empty(&self) -> bool {
        self.envelope.is_none() && self.recipients.is_empty()
    }
}

impl EnvelopeState {
    /// Applies a notification, and returns the changes.
    pub fn apply(&mut self, told: &Notification) -> StateChanges {
        let mut changes = StateChanges::default();
        let Some(id) = &told.envelope else { return changes };
        match &self.id {
            None => self.id = Some(id.clone()),
            Some(own) if own != id => return changes,
            Some(_) => {}
        }
        if let Some(status) = &told.envelope_status {
            let new = DatedStatus { status: status.clone(), at: told.at };
            let old = self.envelope.as_ref();
            if old.is_none_or(|old| envelope_key(&new) > envelope_key(old)) {
                changes.envelope = Some(status).filter(|_| is_other(old, &new)).cloned();
                self.envelope = Some(new);
            }
        }
        let concerned = told.recipient.iter().filter_map(|one| Some((&one.id, one.status.as_ref()?)));
        let recipients =
            told.recipients.iter().flat_map(|list| &list.recipients).map(|one| (&one.id, &one.status));
        // A message may contain two statuses of one recipient. Only the one to keep is applied; otherwise going
        // from one to the other would count as a change.
        let mut newest: BTreeMap<&RecipientId, DatedStatus<RecipientStatus>> = BTreeMap::new();
        for (id, status) in recipients.chain(concerned) {
            let new = DatedStatus { status: status.clone(), at: told.at };
            if newest.get(id).is_none_or(|known| recipient_key(&new) > recipient_key(known)) {
                newest.insert(id, new);
            }
        }
        for (id, new) in newest {
            let old = self.recipients.get(id);
            if old.is_some_and(|old| recipient_key(&new) <= recipient_key(old)) {
                continue;
            }
            if is_other(old, &new) {
                changes.recipients.push((id.clone(), new.status.clone()));
            }
            self.recipients.insert(id.clone(), new);
        }
        changes
    }
}

fn is_other<S: PartialEq>(old: Option<&DatedStatus<S>>, new: &DatedStatus<S>) -> bool {
    old.is_none_or(|old| old.status != new.status)
}

/// The larger one is kept.
type Key<'a> = (bool, Option<Timestamp>, usize, &'a str);

fn envelope_key(standing: &DatedStatus<EnvelopeStatus>) -> Key<'_> {
    let status = &standing.status;
    let rank = EnvelopeStatus::NAMED.iter().position(|named| named == status).map_or(0, |at| at + 1);
    (status.is_final(), standing.at, rank, status.as_str())
}

fn recipient_key(standing: &DatedStatus<RecipientStatus>) -> Key<'_> {
    let status = &standing.status;
    let rank = RecipientStatus::NAMED.iter().position(|named| named == status).map_or(0, |at| at + 1);
    (status.is_done(), standing.at, rank, status.as_str())
}
