//! The handle that tests and the control API hold.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;

use crate::calls::{CallSeen, Calls, Fault, Faults};
use crate::secret::Secret;
use crate::vendors::{Accounts, Settings};
use crate::webhooks::Webhooks;
use crate::world::{
    Act, ActResult, EnvelopeStatus, EnvelopeView, Live, Mail, NewEnvelope, Plan, Reason, Refused, State,
    Vendor, lock,
};

/// Everything that the server's parts share.
pub(crate) struct Shared {
    pub(crate) live: Live,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) calls: Mutex<Calls>,
    pub(crate) webhooks: Webhooks,
}

/// The control handle: make envelopes, act as a signer, move the clock, read the outbox, inject faults.
/// Clones are cheap and show the same world.
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

    /// The webhooks that tell applications what happens here.
    pub fn webhooks(&self) -> Webhooks {
        self.shared.webhooks.clone()
    }

    /// Makes an envelope and sends it.
    ///
    /// # Errors
    /// [`Reason::Invalid`] without recipients, or for one without address and phone.
    pub fn make_envelope(&self, new: NewEnvelope) -> Result<EnvelopeView, Refused> {
        let plan = Plan::from_new(new)?;
        let mut state = self.lock();
        let id = state.create(plan)?;
        let now = state.now();
        state.on(&id, |env, _| Ok(EnvelopeView::of(env, now)))
    }

    /// Acts as a recipient, named by id, by address, or by `address#order`.
    ///
    /// # Errors
    /// Whatever a signing page would have refused: not their turn, locked, closed, code needed, unknown link.
    pub fn act(&self, envelope: &str, recipient: &str, act: Act) -> Result<ActResult, Refused> {
        self.lock().act(envelope, recipient, act)
    }

    /// How an envelope stands.
    pub fn envelope(&self, id: &str) -> Option<EnvelopeView> {
        let state = self.lock();
        state.envelope(id).map(|env| EnvelopeView::of(env, state.now()))
    }

    /// All envelopes, oldest first.
    pub fn envelopes(&self) -> Vec<EnvelopeView> {
        let state = self.lock();
        state.envelopes().map(|env| EnvelopeView::of(env, state.now())).collect()
    }

    /// Moves the world's clock forward. It also runs with the real one, unless frozen.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.clock.advance(by);
        state.tick();
        state.events.ring();
    }

    /// The world's time.
    pub fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// Every mail that would have gone out, oldest first.
    pub fn outbox(&self) -> Vec<Mail> {
        self.lock().mails.clone()
    }

    /// Empties the outbox. The links in the mails stay as they are.
    pub fn clear_outbox(&self) {
        self.lock().mails.clear();
    }

    /// Makes the next matching calls go wrong.
    pub fn inject(&self, fault: Fault) {
        lock(&self.shared.faults).add(fault);
    }

    /// Forgets faults that have not come up.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// The faults that have not come up as often as they were to.
    pub fn faults(&self) -> Vec<Fault> {
        lock(&self.shared.faults).list()
    }

    /// How many signing links were made for an envelope through the API, used up or not. Those in mails are not
    /// counted.
    pub fn links_made(&self, envelope: &str) -> usize {
        self.lock().links.made_for(envelope)
    }

    /// The calls to the vendors' routes so far, oldest first.
    pub fn calls(&self) -> Vec<CallSeen> {
        lock(&self.shared.calls).list()
    }

    /// Forgets the calls seen so far.
    pub fn clear_calls(&self) {
        lock(&self.shared.calls).clear();
    }

    /// The present settings.
    pub fn settings(&self) -> Settings {
        self.accounts().settings()
    }

    /// Changes settings from the next call on.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings();
        change(&mut settings);
        self.accounts().set(settings);
    }

    /// Makes every token of a vendor's account worthless, as a revocation would. BoldSign's key and its fixed token stay
    /// good.
    pub fn revoke_tokens(&self, vendor: Vendor) {
        if let Some(account) = self.accounts().get(vendor) {
            account.revoke_tokens();
        }
    }

    /// A fresh token without any sign-in, good for hours of the world's clock.
    ///
    /// # Errors
    /// [`Reason::Invalid`] for a vendor that is not played.
    pub fn issue_token(&self, vendor: Vendor) -> Result<Secret, Refused> {
        let unknown = || Refused::new(Reason::Invalid, "no such vendor is played");
        Ok(self.accounts().get(vendor).ok_or_else(unknown)?.issue_token(self.now()))
    }

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

    fn end(&self, envelope: &str, status: EnvelopeStatus, reason: Option<String>) -> Result<(), Refused> {
        self.lock().on(envelope, |env, context| {
            if !env.status.in_flight() {
                return Err(Refused::new(Reason::EnvelopeClosed, "the envelope is not in flight"));
            }
            context.close(env, status, reason);
            Ok(())
        })
    }
}
