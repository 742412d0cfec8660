//! The newest state of an envelope, whatever the order in which webhooks come.

use std::collections::BTreeMap;

use countersign_core::{EnvelopeId, EnvelopeStatus, Notification, RecipientId, RecipientStatus, Timestamp};
use serde::Serialize;

/// A status, and when the vendor said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DatedStatus<S> {
    /// The status.
    pub status: S,
    /// The time that the vendor gave with it.
    pub at: Option<Timestamp>,
}

impl<S> DatedStatus<S> {
    /// A status at a time.
    #[must_use]
    pub fn new(status: S, at: Option<Timestamp>) -> Self {
        Self { status, at }
    }
}

/// The newest state of one envelope and of each of its recipients.
///
/// Webhooks come late, twice, and out of order; [`EnvelopeState::apply`] takes them in any order and always ends in the
/// same state. Of two statuses, the one that stays is
///
/// 1. the final one, if only one of them is (completed, declined, voided, expired, failed, deleted; signed, declined, expired,
///    revoked): what is finished never goes back;
/// 2. the later one by the vendor's time; one without a time counts as older than any with one;
/// 3. at the same time, the one that is further on, in the order of [`EnvelopeStatus::NAMED`] and
///    [`RecipientStatus::NAMED`], an unknown word before all of them;
/// 4. of two unknown words, the one that comes later in the alphabet, so that it is always the same.
///
/// An event that this library does not know changes nothing by itself; what the vendor's message says of statuses
/// besides counts by these rules. Keep one per envelope: what is told of another envelope is passed over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EnvelopeState {
    id: Option<EnvelopeId>,
    envelope: Option<DatedStatus<EnvelopeStatus>>,
    recipients: BTreeMap<RecipientId, DatedStatus<RecipientStatus>>,
}

/// What a notification changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StateChanges {
    /// The envelope's status, if it is another one now.
    pub envelope: Option<EnvelopeStatus>,
    /// The recipients whose status is another one now.
    pub recipients: Vec<(RecipientId, RecipientStatus)>,
}

impl StateChanges {
    /// Whether nothing is different: told before, overtaken, or without a status.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.envelope.is_none() && self.recipients.is_empty()
    }
}

impl EnvelopeState {
    /// Of an envelope of which nothing is known; its id is taken from the first notification.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on from what was kept of the envelope.
    #[must_use]
    pub fn with_envelope(mut self, id: EnvelopeId, standing: DatedStatus<EnvelopeStatus>) -> Self {
        self.id = Some(id);
        self.envelope = Some(standing);
        self
    }

    /// Goes on from what was kept of a recipient.
    #[must_use]
    pub fn with_recipient(mut self, id: RecipientId, standing: DatedStatus<RecipientStatus>) -> Self {
        self.recipients.insert(id, standing);
        self
    }

    /// Where the envelope stands, if anything said so.
    #[must_use]
    pub fn envelope(&self) -> Option<&DatedStatus<EnvelopeStatus>> {
        self.envelope.as_ref()
    }

    /// How far a recipient is, if anything said so.
    #[must_use]
    pub fn recipient(&self, id: &RecipientId) -> Option<&DatedStatus<RecipientStatus>> {
        self.recipients.get(id)
    }

    /// Everybody of whom anything was said.
    pub fn recipients(&self) -> impl Iterator<Item = (&RecipientId, &DatedStatus<RecipientStatus>)> {
        self.recipients.iter()
    }

    /// Takes a notification, and tells what is different now.
    pub fn apply(&mut self, told: &Notification) -> StateChanges {
        let mut changes = StateChanges::default();
        let Some(id) = &told.envelope else { return changes };
        match &self.id {
            None => self.id = Some(id.clone()),
            Some(own) if own != id => return changes,
            Some(_) => {}
        }
        if let Some(status) = &told.envelope_status {
            let before = self.envelope.as_ref().map(|standing| standing.status.clone());
            let new = DatedStatus::new(status.clone(), told.at);
            if self.envelope.as_ref().is_none_or(|old| envelope_key(&new) > envelope_key(old)) {
                self.envelope = Some(new);
                changes.envelope = Some(status.clone()).filter(|status| before.as_ref() != Some(status));
            }
        }
        let concerned = told.recipient.iter().filter_map(|one| Some((&one.id, one.status.as_ref()?)));
        let everybody =
            told.recipients.iter().flat_map(|list| &list.recipients).map(|one| (&one.id, &one.status));
        // A message may tell two statuses of one person. Only the one that stays is taken, or it would count as a change
        // to come back from the other.
        let mut newest: BTreeMap<&RecipientId, DatedStatus<RecipientStatus>> = BTreeMap::new();
        for (id, status) in everybody.chain(concerned) {
            let new = DatedStatus::new(status.clone(), told.at);
            if newest.get(id).is_none_or(|known| recipient_key(&new) > recipient_key(known)) {
                newest.insert(id, new);
            }
        }
        for (id, new) in newest {
            self.take(id, new, &mut changes);
        }
        changes
    }

    fn take(&mut self, id: &RecipientId, new: DatedStatus<RecipientStatus>, changes: &mut StateChanges) {
        let old = self.recipients.get(id);
        if old.is_some_and(|old| recipient_key(&new) <= recipient_key(old)) {
            return;
        }
        if old.is_none_or(|old| old.status != new.status) {
            changes.recipients.push((id.clone(), new.status.clone()));
        }
        self.recipients.insert(id.clone(), new);
    }
}

/// Larger is what stays.
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
