//! What befalls an envelope apart from its recipients: the sender's doings in the vendor's own application, mail that
//! comes back, time running out.

use super::envelope::EnvelopeStatus;
use super::handle::{World, lock};
use super::refused::{Reason, Refused};

impl World {
    /// The sender takes the envelope back.
    ///
    /// # Errors
    /// [`Reason::EnvelopeClosed`] when it is not in flight.
    pub fn void(&self, envelope: &str, reason: &str) -> Result<(), Refused> {
        self.end(envelope, EnvelopeStatus::Voided, Some(reason.to_owned()))
    }

    /// The envelope's time runs out now.
    ///
    /// # Errors
    /// [`Reason::EnvelopeClosed`] when it is not in flight.
    pub fn expire(&self, envelope: &str) -> Result<(), Refused> {
        self.end(envelope, EnvelopeStatus::Expired, None)
    }

    /// The last mail to a recipient comes back, named as for [`World::act`]. No further mail goes to that address until
    /// it is corrected.
    ///
    /// # Errors
    /// [`Reason::NoSuchRecipient`]; [`Reason::NotTheirTurn`] when none was sent to them.
    pub fn bounce(&self, envelope: &str, recipient: &str) -> Result<(), Refused> {
        self.lock().on(envelope, |env, _| {
            let at = env.position(recipient)?;
            let recipient = env.recipient_mut(at)?;
            if !recipient.in_turn() {
                return Err(Refused::new(Reason::NotTheirTurn, "no mail was sent to this recipient"));
            }
            recipient.bounced = true;
            Ok(())
        })
    }

    /// Somebody begins or ends editing the envelope in the vendor's application; until then others cannot change it.
    ///
    /// # Errors
    /// [`Reason::NoSuchEnvelope`].
    pub fn edit_elsewhere(&self, envelope: &str, edited: bool) -> Result<(), Refused> {
        self.lock().on(envelope, |env, _| {
            env.edited_elsewhere = edited;
            Ok(())
        })
    }

    /// Makes every BoldSign OAuth token issued so far worthless. The key and the fixed token stay good.
    pub fn revoke_boldsign_tokens(&self) {
        lock(&self.shared.boldsign).revoke_all();
    }

    fn end(&self, envelope: &str, status: EnvelopeStatus, reason: Option<String>) -> Result<(), Refused> {
        self.lock().on(envelope, |env, desk| {
            if !env.status.in_flight() {
                return Err(Refused::new(Reason::EnvelopeClosed, "the envelope is not in flight"));
            }
            desk.close(env, status, reason);
            Ok(())
        })
    }
}
