//! The handle for tests and the control API.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;

use crate::calls::{CallSeen, Fault};
use crate::secret::Secret;
use crate::vendors::{Accounts, Settings};
use crate::webhooks::Webhooks;
use crate::world::{
    Act, ActResult, EnvelopeStatus, EnvelopeView, Live, Mail, NewEnvelope, News, Reason, Refused, State,
    Vendor, lock,
};

/// Shared by the server's parts.
pub(crate) struct Shared {
    pub(crate) live: Live,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) faults: Mutex<Vec<Fault>>,
    pub(crate) calls: Mutex<VecDeque<CallSeen>>,
    pub(crate) webhooks: Webhooks,
    /// Host names, in addition to loopback, from which the sandbox may be controlled.
    pub(crate) allowed_hosts: Vec<String>,
}

/// The control handle: create envelopes, act as a signer, move the clock, read the outbox, inject faults. Clones
/// are cheap and share the same world.
#[derive(Clone)]
pub struct World {
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn accounts(&self) -> &Accounts {
        &self.shared.accounts
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.live.lock()
    }

    /// The webhooks that report events to applications.
    pub fn webhooks(&self) -> Webhooks {
        self.shared.webhooks.clone()
    }

    /// Creates and sends an envelope.
    ///
    /// # Errors
    /// [`Reason::Invalid`] without recipients, or for one without address and phone.
    pub fn make_envelope(&self, new: NewEnvelope) -> Result<EnvelopeView, Refused> {
        let (envelope, when) = new.read()?;
        let mut state = self.lock();
        let id = state.create(envelope, when)?;
        let now = state.now();
        state.on(&id, |env, _| Ok(EnvelopeView::of(env, now)))
    }

    /// Acts as a recipient, identified by id, by address, or by `address#order`.
    ///
    /// # Errors
    /// Everything that a signing page would refuse: not their turn, locked, closed, code needed, unknown link.
    pub fn act(&self, envelope: &str, recipient: &str, act: Act) -> Result<ActResult, Refused> {
        self.lock().act(envelope, recipient, act)
    }

    /// The current state of an envelope.
    pub fn envelope(&self, id: &str) -> Option<EnvelopeView> {
        let state = self.lock();
        state.envelope(id).map(|env| EnvelopeView::of(env, state.now()))
    }

    /// All envelopes, oldest first.
    pub fn envelopes(&self) -> Vec<EnvelopeView> {
        let state = self.lock();
        state.envelopes().map(|env| EnvelopeView::of(env, state.now())).collect()
    }

    /// Moves the world's clock forward. It also advances with the real clock, unless frozen.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.clock.advance(by);
        state.tick();
        state.events.ring();
    }

    /// The sandbox's time.
    pub fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// Every mail that would have been sent, oldest first.
    pub fn outbox(&self) -> Vec<Mail> {
        self.lock().mails.clone()
    }

    /// Empties the outbox. The links in the mails stay valid.
    pub fn clear_outbox(&self) {
        self.lock().mails.clear();
    }

    /// Makes the next matching calls fail.
    pub fn inject(&self, fault: Fault) {
        lock(&self.shared.faults).push(fault);
    }

    /// Removes pending faults.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// The pending faults.
    pub fn faults(&self) -> Vec<Fault> {
        lock(&self.shared.faults).clone()
    }

    /// How many signing links were created for an envelope through the API, used or not. Links in mails are not
    /// counted.
    pub fn links_made(&self, envelope: &str) -> usize {
        self.lock().links.made_for(envelope)
    }

    /// The calls to the vendors' routes so far, oldest first.
    pub fn calls(&self) -> Vec<CallSeen> {
        lock(&self.shared.calls).iter().cloned().collect()
    }

    /// Clears the recorded calls.
    pub fn clear_calls(&self) {
        lock(&self.shared.calls).clear();
    }

    /// The current settings.
    pub fn settings(&self) -> Settings {
        self.accounts().settings()
    }

    /// Changes settings from the next call on.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings();
        change(&mut settings);
        self.accounts().set(settings);
    }

    /// Revokes every token of a vendor's account. BoldSign's key and its fixed token stay valid.
    pub fn revoke_tokens(&self, vendor: Vendor) {
        if let Some(account) = self.accounts().get(vendor) {
            account.revoke_tokens();
        }
    }

    /// A new token without sign-in, valid for hours of the world's clock.
    ///
    /// # Errors
    /// [`Reason::Invalid`] for a vendor that the sandbox does not simulate.
    pub fn issue_token(&self, vendor: Vendor) -> Result<Secret, Refused> {
        let unknown = || Refused::new(Reason::Invalid, "the sandbox does not simulate this vendor");
        Ok(self.accounts().get(vendor).ok_or_else(unknown)?.issue_token(self.now()))
    }

    /// Voids the envelope as the sender.
    ///
    /// # Errors
    /// [`Reason::EnvelopeClosed`] if it is not in progress.
    pub fn void(&self, envelope: &str, reason: &str) -> Result<(), Refused> {
        self.end(envelope, EnvelopeStatus::Voided, Some(reason.to_owned()))
    }

    /// Makes the envelope expire.
    ///
    /// # Errors
    /// [`Reason::EnvelopeClosed`] if it is not in progress.
    pub fn expire(&self, envelope: &str) -> Result<(), Refused> {
        self.end(envelope, EnvelopeStatus::Expired, None)
    }

    /// Makes the last mail to a recipient bounce; the recipient is identified as for [`World::act`]. No further
    /// mail goes to that address until it is corrected.
    ///
    /// # Errors
    /// [`Reason::NoSuchRecipient`]; [`Reason::NotTheirTurn`] if none was sent to them.
    pub fn bounce(&self, envelope: &str, recipient: &str) -> Result<(), Refused> {
        self.lock().on(envelope, |env, context| {
            let at = env.position(recipient)?;
            let recipient = env.recipient_mut(at)?;
            if !recipient.in_turn() {
                return Err(Refused::new(Reason::NotTheirTurn, "no mail was sent to this recipient"));
            }
            recipient.bounced = true;
            context.tell(env, News::RecipientBounced, Some(at));
            Ok(())
        })
    }

    /// Starts or ends an edit in the vendor's application, which locks the envelope for others.
    ///
    /// # Errors
    /// [`Reason::NoSuchEnvelope`].
    pub fn edit_elsewhere(&self, envelope: &str, edited: bool) -> Result<(), Refused> {
        self.lock().on(envelope, |env, _| {
            env.edited_elsewhere = edited;
            Ok(())
        })
    }

    fn end(&self, envelope: &str, status: EnvelopeStatus, reason: Option<String>) -> Result<(), Refused> {
        self.lock().on(envelope, |env, context| {
            if !env.status.in_flight() {
                return Err(Refused::new(Reason::EnvelopeClosed, "the envelope is not in progress"));
            }
            context.close(env, status, reason);
            Ok(())
        })
    }
}
