//! The handle for tests, the control API and the console.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::delivery::{WebhookAttempt, WebhookDelivery, WebhookRequest, WebhookState};
use super::delivery_queue::{DeliveryQueue, JSON, Shot};
use super::fault::WebhookFault;
use super::target::{Poster, WebhookTarget};
use crate::secret::Secret;
use crate::vendors::{Accounts, Targets};
use crate::world::{Live, Reason, Refused, Vendor, lock};

/// The handle for a world's webhooks: set targets, hold them back, deliver by hand, make them fail. Clones are
/// cheap and share the same webhooks.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

struct Inner {
    live: Live,
    accounts: Arc<Accounts>,
    queue: Mutex<DeliveryQueue>,
    poster: Poster,
    remote_allowed: bool,
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhooks").finish_non_exhaustive()
    }
}

impl Webhooks {
    pub(crate) fn new(live: Live, accounts: Arc<Accounts>, remote_allowed: bool) -> Self {
        let (queue, poster) = (Mutex::default(), Poster::default());
        Self(Arc::new(Inner { live, accounts, queue, poster, remote_allowed }))
    }

    /// Posts this vendor's future events to this target.
    ///
    /// # Errors
    /// [`Reason::Invalid`]: not a URL, or not on this machine and others are not allowed; an empty secret.
    pub fn set_target(&self, vendor: Vendor, target: WebhookTarget) -> Result<(), Refused> {
        target.check(self.0.remote_allowed)?;
        self.queue(|queue| {
            queue.targets.insert(vendor, target);
            self.0.live.lock().events.listen(vendor, true);
        });
        Ok(())
    }

    /// Stops posting for this vendor; waiting webhooks are lost.
    pub fn clear_target(&self, vendor: Vendor) {
        self.queue(|queue| {
            self.0.live.lock().events.listen(vendor, false);
            queue.targets.remove(&vendor);
            queue.lose_waiting(vendor);
        });
    }

    /// The target of a vendor's webhooks.
    pub fn target(&self, vendor: Vendor) -> Option<WebhookTarget> {
        self.queue(|queue| queue.targets.get(&vendor).cloned())
    }

    /// Holds webhooks back, including retries, until [`Webhooks::release`]; they can still be delivered by hand.
    pub fn hold(&self) {
        self.queue(|queue| queue.held = true);
    }

    /// Releases held webhooks.
    pub fn release(&self) {
        self.queue(|queue| queue.held = false);
        self.ring();
    }

    /// Whether webhooks are held.
    pub fn is_held(&self) -> bool {
        self.queue(|queue| queue.held)
    }

    /// Every remembered webhook (the last thousand, and all waiting ones), oldest first.
    pub fn log(&self) -> Vec<WebhookDelivery> {
        self.queue(|queue| queue.list())
    }

    /// The waiting webhooks: held, delayed, or to be retried.
    pub fn pending(&self) -> Vec<WebhookDelivery> {
        self.log().into_iter().filter(|delivery| delivery.state == WebhookState::Waiting).collect()
    }

    /// What the last attempt of a webhook sent.
    pub fn request(&self, id: u64) -> Option<WebhookRequest> {
        self.queue(|queue| queue.find(id)?.last.clone())
    }

    /// Drops completed webhooks.
    pub fn clear_log(&self) {
        self.queue(DeliveryQueue::forget_done);
    }

    /// Makes the next matching webhooks fail.
    pub fn inject(&self, fault: WebhookFault) {
        self.queue(|queue| queue.faults.push(fault));
    }

    /// The pending faults.
    pub fn faults(&self) -> Vec<WebhookFault> {
        self.queue(|queue| queue.faults.clone())
    }

    /// Removes pending faults.
    pub fn clear_faults(&self) {
        self.queue(|queue| queue.faults.clear());
    }

    /// Delivers a waiting webhook immediately, even if webhooks are held.
    ///
    /// # Errors
    /// [`Reason::Invalid`] if it is not waiting.
    pub async fn deliver(&self, id: u64) -> Result<WebhookAttempt, Refused> {
        let attempt = match self.take(id) {
            Some(shot) => self.shoot(shot).await,
            None => None,
        };
        attempt.ok_or_else(|| Refused::new(Reason::Invalid, "no webhook with this id is waiting"))
    }

    /// Delivers all waiting webhooks, one after the other, even if webhooks are held. Each is attempted once;
    /// copies made by [`WebhookFaultKind::Duplicate`](crate::WebhookFaultKind::Duplicate) and retries wait
    /// afterwards.
    pub async fn deliver_all(&self) -> Vec<WebhookAttempt> {
        let mut attempts = Vec::new();
        for id in self.queue(|queue| queue.waiting()) {
            attempts.extend(self.deliver(id).await.ok());
        }
        attempts
    }

    /// Delivers until nothing is due by the world's clock and nothing is being sent. Lets tests avoid sleeping.
    pub async fn settle(&self) {
        let mut bell = self.bell();
        loop {
            bell.borrow_and_update();
            let mut idle = true;
            for vendor in Vendor::all().iter().copied() {
                while let Some(shot) = self.take_due(vendor) {
                    self.shoot(shot).await;
                    idle = false;
                }
            }
            if !self.queue(|queue| Vendor::all().iter().any(|vendor| queue.is_busy(*vendor))) {
                if idle {
                    return;
                }
            } else if bell.changed().await.is_err() {
                return;
            }
        }
    }

    /// Checks an endpoint as BoldSign does when one is set up: without a signature, identified only by its event
    /// header. It is not logged.
    ///
    /// # Errors
    /// [`Reason::Invalid`] for DocuSign, which has no such check, and without a target.
    pub async fn check_endpoint(&self, vendor: Vendor) -> Result<WebhookAttempt, Refused> {
        let invalid = |text: &str| Refused::new(Reason::Invalid, text);
        let account = self.0.accounts.get(vendor);
        let account = account.ok_or_else(|| invalid("the sandbox does not simulate this vendor"))?;
        let (at, stamp) = self.0.live.times();
        let check = account.endpoint_check(stamp);
        let (mut headers, body) = check.ok_or_else(|| invalid("this vendor has no endpoint check"))?;
        headers.insert(0, JSON.map(str::to_owned).into());
        let target = self.target(vendor).ok_or_else(|| invalid("this vendor has no webhook target"))?;
        let request = WebhookRequest { url: target.url, headers, body: body.to_string().into() };
        Ok(WebhookAttempt::new(at, self.0.poster.post(&request, vendor).await))
    }

    /// Works on the queue after adding new events.
    fn queue<T>(&self, work: impl FnOnce(&mut DeliveryQueue) -> T) -> T {
        let mut queue = lock(&self.0.queue);
        let (events, stamp) = {
            let mut state = self.0.live.lock();
            (state.events.fetch(), state.clock.machine_time())
        };
        queue.take_over(events, stamp, &self.0.accounts);
        work(&mut queue)
    }

    fn take(&self, id: u64) -> Option<Shot> {
        let (now, stamp) = self.0.live.times();
        self.queue(|queue| queue.take(id, now, stamp, &self.0.accounts))
    }

    fn take_due(&self, vendor: Vendor) -> Option<Shot> {
        let now = self.0.live.now();
        let next = self.queue(|queue| queue.next_due(vendor, now))?;
        self.take(next)
    }

    async fn shoot(&self, shot: Shot) -> Option<WebhookAttempt> {
        let broken_off = PutBack { webhooks: self, shot: Some(&shot) };
        let outcome = self.0.poster.post(&shot.request, shot.vendor).await;
        broken_off.disarm();
        let attempt = self.queue(|queue| queue.settle(&shot, outcome));
        self.ring();
        attempt
    }

    fn ring(&self) {
        self.0.live.lock().events.ring();
    }

    fn bell(&self) -> watch::Receiver<u64> {
        self.0.live.lock().events.bell()
    }

    /// Real time until something is due; `None` if nothing is, or the clock is frozen.
    fn wait_for_clock(&self, vendor: Vendor) -> Option<Duration> {
        let next = self.queue(|queue| queue.next_at(vendor));
        let state = self.0.live.lock();
        if !state.clock.runs() {
            return None;
        }
        let next = [next, state.next_wake()].into_iter().flatten().min()?;
        Some(Duration::try_from(next.duration_since(state.now())).unwrap_or_default())
    }
}

impl Targets for Webhooks {
    fn set(&self, vendor: Vendor, url: &str, key: &Secret) -> Result<(), Refused> {
        self.set_target(vendor, WebhookTarget::new(url, key.clone()))
    }

    fn clear(&self, vendor: Vendor) {
        self.clear_target(vendor);
    }
}

/// Puts a webhook back whose attempt was interrupted, for example because the caller did not wait for it.
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
            self.webhooks.queue(|queue| queue.put_back(shot));
            self.webhooks.ring();
        }
    }
}

/// The task that delivers due webhooks of one vendor, by the world's clock, until stopped.
pub(crate) async fn worker(webhooks: Webhooks, vendor: Vendor, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        () = deliver(&webhooks, vendor) => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

async fn deliver(webhooks: &Webhooks, vendor: Vendor) {
    let mut bell = webhooks.bell();
    loop {
        // Created before checking, so that a notification meanwhile is not missed.
        bell.borrow_and_update();
        while let Some(shot) = webhooks.take_due(vendor) {
            webhooks.shoot(shot).await;
        }
        let rung = bell.changed();
        match webhooks.wait_for_clock(vendor) {
            Some(wait) => {
                // At most a minute, because the real clock may be set, too.
                let _ = tokio::time::timeout(wait.min(Duration::from_secs(60)), rung).await;
            }
            None if rung.await.is_err() => return,
            None => {}
        }
    }
}
