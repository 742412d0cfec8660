//! Finds recipients, and checks what they may do.

use super::envelope::{Envelope, Identity, Recipient};
use super::refused::{Reason, Refused};
use super::words::EnvelopeStatus;

impl Envelope {
    /// The recipient with this id, GUID, address (if it is unique), or `address#order`.
    pub(crate) fn position(&self, key: &str) -> Result<usize, Refused> {
        let unknown = || Refused::new(Reason::NoSuchRecipient, "there is no such recipient in this envelope");
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
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(at),
            (Some(_), Some(_)) => Err(Refused::new(Reason::NoSuchRecipient, "several recipients match")),
            (None, _) => Err(unknown()),
        }
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
        if self.status == EnvelopeStatus::Draft {
            return Err(Refused::new(Reason::NotSent, "the envelope has not been sent"));
        }
        if recipient.finished() {
            return Err(Refused::new(Reason::RecipientDone, "this recipient has finished"));
        }
        if !self.status.in_flight() {
            return Err(Refused::new(Reason::EnvelopeClosed, "the envelope has ended"));
        }
        if !recipient.in_turn() {
            return Err(Refused::new(Reason::NotTheirTurn, "earlier recipients have to act first"));
        }
        if recipient.locked {
            return Err(Refused::new(Reason::Locked, "too many wrong access codes"));
        }
        if matches!(recipient.identity, Identity::Failed(_)) {
            return Err(Refused::new(Reason::IdCheckFailed, "the identity check has failed"));
        }
        Ok(recipient)
    }

    /// Whether the sender may still change this recipient.
    pub(crate) fn check_open(&self, at: usize) -> Result<(), Refused> {
        if self.recipient(at)?.finished() {
            return Err(Refused::new(Reason::RecipientDone, "this recipient has finished"));
        }
        match self.status.in_flight() {
            true => Ok(()),
            false => Err(Refused::new(Reason::EnvelopeClosed, "the envelope has ended")),
        }
    }

    /// Whether the documents may be shown to this recipient.
    pub(crate) fn check_may_read(&self, at: usize) -> Result<&Recipient, Refused> {
        let recipient = self.check_can_act(at)?;
        if recipient.code_pending() {
            return Err(Refused::new(Reason::CodeNeeded, "the access code must be entered first"));
        }
        if recipient.identity == Identity::Pending {
            return Err(Refused::new(Reason::IdCheckNeeded, "the identity must be checked first"));
        }
        Ok(recipient)
    }
}
