//! Webhooks as the vendors send them: made of what happens in the world, signed, posted, and tried again.
//!
//! A vendor without a target sends none, and what happened before it had one is not told later. Webhooks go out by
//! themselves, in order and by the world's clock, unless they are held.

mod boldsign;
mod delivery;
mod docusign;
mod fault;
mod office;
mod post;
mod pump;
mod routes;
mod schedule;
mod sign;
mod target;

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::vendors::Vendor;
use crate::world::{Reason, Refused, State, World, lock};

pub use delivery::{WebhookAttempt, WebhookDelivery, WebhookRequest, WebhookState};
pub use fault::{WebhookFault, WebhookFaultKind};
pub(crate) use office::Office;
pub(crate) use post::Poster;
pub(crate) use pump::pump;
pub(crate) use routes::routes;
pub use target::WebhookTarget;

use office::Shot;

/// Those that are played.
const VENDORS: [Vendor; 2] = [Vendor::Docusign, Vendor::Boldsign];

/// The handle on a world's webhooks: where they go, hold them back, deliver by hand, make them go wrong.
/// Clones are cheap and show the same webhooks.
#[derive(Clone, Debug)]
pub struct Webhooks {
    world: World,
}

impl Webhooks {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    /// From now on what happens at this vendor is posted there.
    ///
    /// # Errors
    /// [`Reason::Invalid`]: no URL, or not one of this machine and others are not allowed; an empty secret.
    pub fn set_target(&self, vendor: Vendor, target: WebhookTarget) -> Result<(), Refused> {
        target.check(self.world.shared.remote_webhooks)?;
        let mut office = lock(&self.world.shared.webhooks);
        let mut state = self.world.lock();
        self.take_over(&mut office, &mut state);
        office.targets.insert(vendor, target);
        state.feed.listen(vendor, true);
        Ok(())
    }

    /// Nothing more is posted for this vendor; what was waiting is lost.
    pub fn clear_target(&self, vendor: Vendor) {
        let mut office = lock(&self.world.shared.webhooks);
        let mut state = self.world.lock();
        state.feed.listen(vendor, false);
        self.take_over(&mut office, &mut state);
        office.targets.remove(&vendor);
        office.lose_waiting(vendor);
    }

    /// Where a vendor's webhooks go.
    pub fn target(&self, vendor: Vendor) -> Option<WebhookTarget> {
        self.office(|office| office.targets.get(&vendor).cloned())
    }

    /// Keeps webhooks back, retries too, until [`Webhooks::release`]; they can still be delivered by hand.
    pub fn hold(&self) {
        self.office(|office| office.held = true);
    }

    /// Lets everything go that was held.
    pub fn release(&self) {
        self.office(|office| office.held = false);
        self.ring();
    }

    /// Whether webhooks are held.
    pub fn is_held(&self) -> bool {
        self.office(|office| office.held)
    }

    /// Every webhook that is remembered (the last thousand, and all that wait), oldest first.
    pub fn log(&self) -> Vec<WebhookDelivery> {
        self.office(|office| office.list())
    }

    /// The webhooks that wait: held, delayed, or to be tried again.
    pub fn pending(&self) -> Vec<WebhookDelivery> {
        self.log().into_iter().filter(|delivery| delivery.state == WebhookState::Waiting).collect()
    }

    /// What the last attempt of a webhook sent.
    pub fn request(&self, id: u64) -> Option<WebhookRequest> {
        self.office(|office| office.find(id)?.last.clone())
    }

    /// Forgets webhooks that are done with.
    pub fn clear_log(&self) {
        self.office(office::Office::forget_done);
    }

    /// Makes the next matching webhooks go wrong.
    pub fn inject(&self, fault: WebhookFault) {
        self.office(|office| office.faults.push(fault));
    }

    /// The faults that have not come up as often as they were to.
    pub fn faults(&self) -> Vec<WebhookFault> {
        self.office(|office| office.faults.clone())
    }

    /// Forgets faults that have not come up.
    pub fn clear_faults(&self) {
        self.office(|office| office.faults.clear());
    }

    /// Delivers one that waits, at once, also when webhooks are held.
    ///
    /// # Errors
    /// [`Reason::Invalid`] when it does not wait.
    pub async fn deliver(&self, id: u64) -> Result<WebhookAttempt, Refused> {
        let attempt = match self.take(id) {
            Some(shot) => self.shoot(shot).await,
            None => None,
        };
        attempt.ok_or_else(|| Refused::new(Reason::Invalid, "no webhook of this id waits"))
    }

    /// Delivers the oldest one that waits; `None` if none does.
    pub async fn deliver_next(&self) -> Option<WebhookAttempt> {
        let next = self.office(|office| office.waiting().first().copied())?;
        self.deliver(next).await.ok()
    }

    /// Delivers everything that waits now, one after the other, also when webhooks are held. Ends with one attempt
    /// each; copies made by [`WebhookFaultKind::Duplicate`] and retries wait afterwards.
    pub async fn deliver_all(&self) -> Vec<WebhookAttempt> {
        let mut attempts = Vec::new();
        for id in self.office(|office| office.waiting()) {
            attempts.extend(self.deliver(id).await.ok());
        }
        attempts
    }

    /// Delivers until nothing is due by the world's clock and nothing is under way. For tests: no waiting for a
    /// while and hoping.
    pub async fn settle(&self) {
        let mut bell = self.bell();
        loop {
            bell.borrow_and_update();
            let mut idle = true;
            for vendor in VENDORS {
                while let Some(shot) = self.take_due(vendor) {
                    self.shoot(shot).await;
                    idle = false;
                }
            }
            if !self.office(|office| VENDORS.iter().any(|vendor| office.is_busy(*vendor))) {
                if idle {
                    return;
                }
            } else if bell.changed().await.is_err() {
                return;
            }
        }
    }

    /// Checks an endpoint as BoldSign does when one is set up: without a signature, and told apart by its event
    /// header only. It is not in the log.
    ///
    /// # Errors
    /// [`Reason::Invalid`] for DocuSign, which has no such check, and without a target.
    pub async fn check_endpoint(&self, vendor: Vendor) -> Result<WebhookAttempt, Refused> {
        let invalid = |text: &str| Refused::new(Reason::Invalid, text);
        if vendor != Vendor::Boldsign {
            return Err(invalid("this vendor has no check of endpoints"));
        }
        let target = self.target(vendor).ok_or_else(|| invalid("this vendor has no webhook target"))?;
        let at = self.world.now();
        let body =
            boldsign::verification("00000000-0000-4000-8000-000000000000", self.stamp(&self.world.lock()));
        let headers = vec![
            ("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned()),
            ("X-BoldSign-Event".to_owned(), boldsign::VERIFICATION.to_owned()),
        ];
        let request = WebhookRequest { url: target.url, headers, body: body.to_string().into() };
        let outcome = self.world.shared.poster.post(&request, schedule::patience(vendor)).await;
        Ok(WebhookAttempt {
            at,
            status: outcome.as_ref().ok().copied(),
            failure: outcome.err(),
            duplicate: false,
            mischief: None,
        })
    }

    /// Works on the office after it has taken over what has happened.
    fn office<T>(&self, work: impl FnOnce(&mut Office) -> T) -> T {
        let mut office = lock(&self.world.shared.webhooks);
        self.take_over(&mut office, &mut self.world.lock());
        work(&mut office)
    }

    fn take_over(&self, office: &mut Office, state: &mut State) {
        let events = state.feed.fetch();
        if !events.is_empty() {
            office.take_over(events, self.stamp(state), &self.world.shared.access);
        }
    }

    /// What vendors write as the present time into webhooks and signatures: the machine's, since receivers judge by
    /// theirs, also when the world's clock was moved; a stopped world's where it is stopped.
    fn stamp(&self, state: &State) -> Timestamp {
        if state.clock.runs() { Timestamp::now() } else { state.now() }
    }

    fn take(&self, id: u64) -> Option<Shot> {
        let (now, stamp) = {
            let state = self.world.lock();
            (state.now(), self.stamp(&state))
        };
        self.office(|office| office.take(id, now, stamp))
    }

    fn take_due(&self, vendor: Vendor) -> Option<Shot> {
        let now = self.world.now();
        let next = self.office(|office| office.next_due(vendor, now))?;
        self.take(next)
    }

    async fn shoot(&self, shot: Shot) -> Option<WebhookAttempt> {
        let broken_off = PutBack { webhooks: self, shot: Some(&shot) };
        let outcome = self.world.shared.poster.post(&shot.request, schedule::patience(shot.vendor)).await;
        broken_off.disarm();
        let attempt = self.office(|office| office.settle(&shot, outcome));
        self.ring();
        attempt
    }

    fn ring(&self) {
        self.world.lock().feed.ring();
    }

    fn bell(&self) -> watch::Receiver<u64> {
        self.world.lock().feed.bell()
    }

    /// Real time until the clock makes something due; `None` while nothing is, or the clock stands.
    fn wait_for_clock(&self, vendor: Vendor) -> Option<Duration> {
        let next = self.office(|office| office.next_at(vendor));
        let state = self.world.lock();
        if !state.clock.runs() {
            return None;
        }
        let next = [next, state.next_wake()].into_iter().flatten().min()?;
        Some(Duration::try_from(next.duration_since(state.now())).unwrap_or_default())
    }
}

/// Puts a webhook back whose attempt was broken off, as when the caller did not wait for it.
struct PutBack<'a> {
    webhooks: &'a Webhooks,
    shot: Option<&'a Shot>,
}

impl PutBack<'_> {
    fn disarm(mut self) {
        self.shot = None;
    }
}

impl Drop for PutBack<'_> {
    fn drop(&mut self) {
        if let Some(shot) = self.shot {
            self.webhooks.office(|office| office.put_back(shot));
            self.webhooks.ring();
        }
    }
}
