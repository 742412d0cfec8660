//! Events of envelopes, for listeners: the source of webhooks.

use jiff::Timestamp;
use tokio::sync::watch;

use super::envelope::Envelope;
use super::sources::Ids;
use super::vendor::Vendor;
use super::words::News;

/// An event of one envelope, with the envelope's state at that time.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    /// The sandbox's time.
    pub(crate) at: Timestamp,
    pub(crate) news: News,
    /// The recipient's id within the envelope.
    pub(crate) recipient: Option<String>,
    pub(crate) envelope: Envelope,
}

/// Collects events of the vendors that have listeners, until they are fetched.
pub(crate) struct Events {
    /// Own ids, so that listening does not change those of envelopes.
    ids: Ids,
    listeners: Vec<Vendor>,
    events: Vec<Event>,
    bell: watch::Sender<u64>,
}

impl Events {
    pub(crate) fn new(seed: u64) -> Self {
        let ids = Ids::new(seed ^ 0x77eb_4004);
        Self { ids, listeners: Vec::new(), events: Vec::new(), bell: watch::Sender::new(0) }
    }

    pub(crate) fn listen(&mut self, vendor: Vendor, listening: bool) {
        self.listeners.retain(|known| *known != vendor);
        if listening {
            self.listeners.push(vendor);
        }
    }

    pub(crate) fn tell(&mut self, at: Timestamp, env: &Envelope, news: News, recipient: Option<usize>) {
        if !self.listeners.contains(&env.vendor) {
            return;
        }
        let recipient = recipient.and_then(|at| env.recipients.get(at)).map(|r| r.id.clone());
        let id = self.ids.guid();
        self.events.push(Event { id, at, news, recipient, envelope: env.clone() });
        self.ring();
    }

    pub(crate) fn fetch(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Wakes tasks that wait for events or for the clock.
    pub(crate) fn ring(&self) {
        self.bell.send_modify(|rung| *rung = rung.wrapping_add(1));
    }

    pub(crate) fn bell(&self) -> watch::Receiver<u64> {
        self.bell.subscribe()
    }
}
