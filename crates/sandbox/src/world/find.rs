//! Finds recipients, and checks what they may do.

use super::envelope::{Envelope, Identity, Recipient};
use super::refused::{Reason, Refused};
use super::words::EnvelopeStatus;

impl Envelope {
    /// The recipient with this id, GUID, address (if it is unique), or `address#order`.
    pub(crate) fn position(&self, key: &str) -> Result<usize, Refused> {
        if let Some(at) = self.recipients.iter().position(|r| r.id == key || r.guid == key) {
            return Ok(at);
        }
        let (address, order) = match key.rsplit_once('#') {
            Some((address, order)) => (address, order.parse::<u32>().ok()),
            None => (key, None),
        };
        let mut found = self.recipients.iter().enumerate().filter(|(_, r)| {
            !r.email.is_empty()
                && r.email.eq_ignore_ascii_case(address)
                && order.is_none_or(|order| order == r.order)
        });
        let text = match (found.next(), found.next()) {
            (Some((at, _)), None) => return Ok(at),
            (Some(_), Some(_)) => "several recipients match",
            (None, _) => "there is no such recipient in this envelope",
        };
        Err(Refused::new(Reason::NoSuchRecipient, text))
    }

    pub(crate) fn recipient(&self, at: usize) -> Result<&Recipient, Refused> {
        self.recipients.get(at).ok_or_else(|| Refused::new(Reason::NoSuchRecipient, "no such recipient"))
    }

    pub(crate) fn recipient_mut(&mut self, at: usize) -> Result<&mut Recipient, Refused> {
        self.recipients.get_mut(at).ok_or_else(|| Refused::new(Reason::NoSuchRecipient, "no such recipient"))
    }

    /// Whether this recipient may act at all, checked in the same order as on a page.
    pub(crate) fn check_can_act(&self, at: usize) -> Result<&Recipient, Refused> {
        let recipient = self.recipient(at)?;
        let failed = matches!(recipient.identity, Identity::Failed(_));
        first_of([
            (self.status == EnvelopeStatus::Draft, Reason::NotSent, "the envelope has not been sent"),
            (recipient.finished(), Reason::RecipientDone, "this recipient has finished"),
            (!self.status.in_flight(), Reason::EnvelopeClosed, "the envelope has ended"),
            (!recipient.in_turn(), Reason::NotTheirTurn, "earlier recipients have to act first"),
            (recipient.locked, Reason::Locked, "too many wrong access codes"),
            (failed, Reason::IdCheckFailed, "the identity check has failed"),
        ])?;
        Ok(recipient)
    }

    /// Whether the sender may still change this recipient.
    pub(crate) fn check_open(&self, at: usize) -> Result<(), Refused> {
        first_of([
            (self.recipient(at)?.finished(), Reason::RecipientDone, "this recipient has finished"),
            (!self.status.in_flight(), Reason::EnvelopeClosed, "the envelope has ended"),
        ])
    }

    /// Whether the documents may be shown to this recipient.
    pub(crate) fn check_may_read(&self, at: usize) -> Result<&Recipient, Refused> {
        let recipient = self.check_can_act(at)?;
        let pending = recipient.identity == Identity::Pending;
        first_of([
            (recipient.code_pending(), Reason::CodeNeeded, "the access code must be entered first"),
            (pending, Reason::IdCheckNeeded, "the identity must be checked first"),
        ])?;
        Ok(recipient)
    }
}

/// The first reason that applies.
fn first_of<const N: usize>(reasons: [(bool, Reason, &str); N]) -> Result<(), Refused> {
    let first = reasons.into_iter().find(|(applies, ..)| *applies);
    first.map_or(Ok(()), |(_, reason, text)| Err(Refused::new(reason, text)))
}
