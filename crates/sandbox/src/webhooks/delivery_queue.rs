//! The queue of deliveries with their targets and faults: one state under one lock.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;
use serde_json::Value;

use super::delivery::{Delivery, WebhookAttempt, WebhookDelivery, WebhookRequest, WebhookState};
use super::fault::{WebhookFault, WebhookFaultKind};
use super::target::WebhookTarget;
use crate::secret::Secret;
use crate::vendors::{Accounts, Attempt, Played};
use crate::world::{Event, Vendor, after};

/// How many webhooks are remembered; older completed ones are dropped.
const KEPT: usize = 1_000;

pub(super) const JSON: [&str; 2] = ["Content-Type", "application/json; charset=utf-8"];

/// How many seconds of the world's clock a webhook waits to be overtaken.
const OVERTAKING: i64 = 60;

#[derive(Default)]
pub(super) struct DeliveryQueue {
    pub(super) targets: HashMap<Vendor, WebhookTarget>,
    pub(super) held: bool,
    pub(super) faults: Vec<WebhookFault>,
    deliveries: VecDeque<Delivery>,
    made: u64,
}

/// What has to be posted now.
pub(super) struct Shot {
    pub(super) id: u64,
    pub(super) vendor: Vendor,
    pub(super) at: Timestamp,
    pub(super) duplicate: bool,
    pub(super) mischief: Option<WebhookFaultKind>,
    pub(super) request: WebhookRequest,
}

impl DeliveryQueue {
    /// Adds new events. `stamp` is the time that the vendor writes.
    pub(super) fn take_over(&mut self, events: Vec<Event>, stamp: Timestamp, accounts: &Accounts) {
        for event in events {
            let vendor = event.envelope.vendor;
            let Some(target) = self.targets.get(&vendor) else { continue };
            let Some(account) = accounts.get(vendor) else { continue };
            let Some(word) = account.event_names(event.news).first().copied() else { continue };
            let body = account.message(&event, word, stamp, target.with_data);
            self.add(vendor, &event, word, body);
        }
    }

    fn add(&mut self, vendor: Vendor, event: &Event, word: &str, body: Value) {
        self.made += 1;
        let mut delivery = Delivery {
            shown: WebhookDelivery {
                id: self.made,
                vendor,
                event: word.to_owned(),
                envelope: event.envelope.id.clone(),
                recipient: event.recipient.clone(),
                happened_at: event.at,
                state: WebhookState::Waiting,
                due_at: Some(event.at),
                attempts: Vec::new(),
            },
            body,
            mischief: None,
            overtaken: false,
            copies_left: 0,
            last: None,
        };
        for fault in self.faults.iter_mut().filter(|fault| fault.befalls(vendor, word)) {
            fault.times -= 1;
            befall(&mut delivery, fault.fault);
        }
        self.faults.retain(|fault| fault.times > 0);
        self.deliveries.push_back(delivery);
        if self.deliveries.len() > KEPT
            && let Some(done) = self.deliveries.iter().position(|delivery| !delivery.is_open())
        {
            self.deliveries.remove(done);
        }
    }

    pub(super) fn list(&self) -> Vec<WebhookDelivery> {
        self.deliveries.iter().map(|delivery| delivery.shown.clone()).collect()
    }

    pub(super) fn find(&self, id: u64) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| delivery.shown.id == id)
    }

    /// Drops completed ones.
    pub(super) fn forget_done(&mut self) {
        self.deliveries.retain(Delivery::is_open);
    }

    /// Drops the waiting ones of this vendor, whose target was removed.
    pub(super) fn lose_waiting(&mut self, vendor: Vendor) {
        for delivery in self.deliveries.iter_mut().filter(|d| d.shown.vendor == vendor && d.is_waiting()) {
            delivery.shown.state = WebhookState::Lost;
            delivery.shown.due_at = None;
        }
    }

    /// The next one that is due. One at a time per vendor, so that they arrive in order.
    pub(super) fn next_due(&self, vendor: Vendor, now: Timestamp) -> Option<u64> {
        let due = self.waiting_of(vendor).filter(|d| self.ready_at(d).is_some_and(|at| at <= now));
        due.min_by_key(|d| (d.shown.due_at, d.shown.id)).map(|d| d.shown.id)
    }

    /// When the next one is due; `None` also while one is being sent, after which to ask again.
    pub(super) fn next_at(&self, vendor: Vendor) -> Option<Timestamp> {
        self.waiting_of(vendor).filter_map(|d| self.ready_at(d)).min()
    }

    /// Those that wait for their time alone: none while webhooks are held or one is being sent.
    fn waiting_of(&self, vendor: Vendor) -> impl Iterator<Item = &Delivery> {
        let paused = self.held || self.is_busy(vendor);
        self.deliveries.iter().filter(move |d| !paused && d.shown.vendor == vendor && d.is_waiting())
    }

    fn ready_at(&self, delivery: &Delivery) -> Option<Timestamp> {
        let due = delivery.shown.due_at?;
        let passed = |other: &Delivery| {
            other.shown.vendor == delivery.shown.vendor
                && other.shown.id > delivery.shown.id
                && (!other.shown.attempts.is_empty() || other.shown.state == WebhookState::Lost)
        };
        if delivery.overtaken && !self.deliveries.iter().any(passed) {
            return Some(after(due, OVERTAKING));
        }
        Some(due)
    }

    /// Whether one of this vendor is being sent.
    pub(super) fn is_busy(&self, vendor: Vendor) -> bool {
        let under_way = |d: &Delivery| d.shown.vendor == vendor && d.shown.state == WebhookState::UnderWay;
        self.deliveries.iter().any(under_way)
    }

    /// The waiting ones, in sending order.
    pub(super) fn waiting(&self) -> Vec<u64> {
        let mut waiting: Vec<&Delivery> = self.deliveries.iter().filter(|d| d.is_waiting()).collect();
        waiting.sort_by_key(|d| (d.overtaken, d.shown.due_at, d.shown.id));
        waiting.iter().map(|d| d.shown.id).collect()
    }

    /// Makes the next attempt of one, if it waits.
    pub(super) fn take(
        &mut self,
        id: u64,
        now: Timestamp,
        stamp: Timestamp,
        accounts: &Accounts,
    ) -> Option<Shot> {
        let delivery = self.deliveries.iter_mut().find(|d| d.shown.id == id && d.is_waiting())?;
        let target = self.targets.get(&delivery.shown.vendor)?;
        let mischief = delivery.mischief.filter(|_| delivery.shown.attempts.is_empty());
        let account = accounts.get(delivery.shown.vendor)?;
        let request = request(delivery, account, target, mischief, stamp);
        delivery.shown.state = WebhookState::UnderWay;
        delivery.shown.due_at = None;
        delivery.last = Some(request.clone());
        let duplicate = delivery.was_taken();
        Some(Shot { id, vendor: delivery.shown.vendor, at: now, duplicate, mischief, request })
    }

    /// Records the result of an attempt, and plans the next one.
    pub(super) fn settle(&mut self, shot: &Shot, outcome: Result<u16, String>) -> Option<WebhookAttempt> {
        let delivery = self.deliveries.iter_mut().find(|d| d.shown.id == shot.id)?;
        let mischief = shot.mischief.map(WebhookFaultKind::word);
        let attempt =
            WebhookAttempt { duplicate: shot.duplicate, mischief, ..WebhookAttempt::new(shot.at, outcome) };
        delivery.shown.attempts.push(attempt.clone());
        let next = if delivery.was_taken() {
            let again = delivery.copies_left > 0;
            delivery.copies_left = delivery.copies_left.saturating_sub(1);
            // Before later events.
            again.then_some(delivery.shown.happened_at)
        } else {
            // From the last of so many failures to the next attempt.
            let waits = &shot.vendor.traits().webhooks.retries;
            let wait = delivery.failures().checked_sub(1).and_then(|last| waits.get(last));
            wait.map(|seconds| after(shot.at, *seconds))
        };
        (delivery.shown.state, delivery.shown.due_at) = match next {
            Some(due) => (WebhookState::Waiting, Some(due)),
            None if delivery.was_taken() => (WebhookState::Delivered, None),
            None => (WebhookState::GivenUp, None),
        };
        Some(attempt)
    }

    /// An interrupted attempt does not count.
    pub(super) fn put_back(&mut self, shot: &Shot) {
        let under_way = |d: &&mut Delivery| d.shown.id == shot.id && d.shown.state == WebhookState::UnderWay;
        if let Some(delivery) = self.deliveries.iter_mut().find(under_way) {
            delivery.shown.state = WebhookState::Waiting;
            delivery.shown.due_at = Some(shot.at);
        }
    }
}

fn befall(delivery: &mut Delivery, fault: WebhookFaultKind) {
    match fault {
        WebhookFaultKind::Duplicate(copies) => {
            delivery.copies_left = delivery.copies_left.saturating_add(copies);
        }
        WebhookFaultKind::Delay(seconds) => {
            delivery.shown.due_at = delivery.shown.due_at.map(|due| after(due, i64::from(seconds)));
        }
        WebhookFaultKind::Overtaken => delivery.overtaken = true,
        WebhookFaultKind::Lose => {
            delivery.shown.state = WebhookState::Lost;
            delivery.shown.due_at = None;
        }
        of_the_first_attempt => delivery.mischief = Some(of_the_first_attempt),
    }
}

fn request(
    delivery: &Delivery,
    account: &dyn Played,
    target: &WebhookTarget,
    mischief: Option<WebhookFaultKind>,
    stamp: Timestamp,
) -> WebhookRequest {
    let shift = if let Some(WebhookFaultKind::WrongStamp(seconds)) = mischief { seconds } else { 0 };
    let mut body = account.body(&delivery.body, delivery.failures(), shift);
    if mischief == Some(WebhookFaultKind::TornBody) {
        let half = (0..=body.len() / 2).rev().find(|at| body.is_char_boundary(*at)).unwrap_or_default();
        body.truncate(half);
    }
    let stranger = [Secret::new("not the secret that was agreed upon")];
    let secrets: &[Secret] = match mischief {
        Some(WebhookFaultKind::WrongSignature) => &stranger,
        Some(WebhookFaultKind::NoSignature) => &[],
        _ => &target.secrets,
    };
    let mut request = WebhookRequest {
        url: target.url.clone(),
        headers: vec![JSON.map(str::to_owned).into()],
        body: Secret::new(body),
    };
    let stamp = after(stamp, i64::from(shift));
    let (event, message) = (&delivery.shown.event, &delivery.body);
    account.sign(&mut request, &Attempt { event, message, secrets, stamp });
    request
}
