//! One round: six callers ask three workers for calls under the same keys, and everything that can happen to
//! processes and to the database happens.
//!
//! Where a whole cluster fails over, the keys come in chapters, so that new ones are in use at each failover.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use countersign::provider::Feature;
use countersign_sandbox::{NewEnvelope, NewRecipient, Options, Sandbox, Vendor};
use fastrand::Rng;

use crate::figures::Figures;
use crate::gateway;
use crate::said::{Asked, End, Kind, Setup};
use crate::trouble::Trouble;
use crate::workers::Workers;

const WORKERS: usize = 3;
const CALLERS: usize = 6;
/// Calls that end quickly keep it; suspended and killed ones do not.
pub(crate) const LEASE: Duration = Duration::from_millis(500);
/// How often a caller repeats one call. Far above what crashes of the database and lost keys explain.
const PATIENCE: usize = 10_000;

/// One round.
pub(crate) struct Round {
    sandbox: Sandbox,
    workers: Workers,
    /// One per key, each with an envelope of its own.
    asked: Vec<Asked>,
    lost: AtomicUsize,
    again: AtomicUsize,
    /// How many parts the keys have, and which of them is in use.
    chapters: usize,
    chapter: AtomicUsize,
    over: AtomicBool,
}

/// What went wrong, and what happened.
pub(crate) struct Result {
    pub(crate) figures: Figures,
    pub(crate) wrong: Vec<String>,
}

impl Round {
    /// The envelopes are spread over these vendors.
    pub(crate) async fn prepare(setup: Setup, keys: usize, vendors: &[Vendor]) -> Self {
        let sandbox = Sandbox::start(Options::new()).await.unwrap();
        let world = sandbox.world();
        world.change_settings(|settings| settings.limit_calls(1_000_000));
        let asked = (0..keys)
            .map(|key| {
                let anna = NewRecipient::new("Anna Ek", "anna@example.com").with_access_code("Old1111");
                let vendor = vendors[key % vendors.len()];
                let made =
                    world.make_envelope(NewEnvelope::new(vendor, "Lease").with_recipient(anna)).unwrap();
                let facts = &countersign::vendors().iter().find(|one| one.name == vendor.id()).unwrap().facts;
                let codes = facts.offers(Feature::ChangeAccessCode).is_ok();
                let resends = !codes || (key / vendors.len()).is_multiple_of(2);
                let kind = if resends { Kind::Resend } else { Kind::CodeAndResend };
                let vendor = vendor.id().to_owned();
                Asked { call: 0, vendor, envelope: made.id, key: format!("k-{key}"), kind }
            })
            .collect();
        // The mails of the envelopes themselves.
        world.clear_outbox();
        let mut setup = Setup { variables: sandbox.settings(), ..setup };
        if setup.gateway.is_some() {
            setup.gateway = Some(gateway::prepare(&setup, &sandbox).await);
        }
        let workers = Workers::start(WORKERS, setup);
        let (lost, again) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (chapter, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self { sandbox, workers, asked, lost, again, chapters: 1, chapter, over }
    }

    pub(crate) async fn play(mut self, trouble: &Trouble, seed: u64) -> Result {
        self.chapters = trouble.chapters();
        let round = Arc::new(self);
        let callers: Vec<_> =
            (0..CALLERS).map(|caller| tokio::spawn(Arc::clone(&round).call_all(caller, seed))).collect();
        let trouble = trouble.clone();
        let disturbed = tokio::spawn(Arc::clone(&round).disturb(trouble.clone(), seed));
        let failovers = round.fail_over(&trouble, seed).await;
        let mut ends: Vec<Vec<End>> = vec![Vec::new(); round.asked.len()];
        for caller in callers {
            for (key, end) in caller.await.unwrap() {
                ends[key].push(end);
            }
        }
        round.over.store(true, Ordering::Relaxed);
        let mut figures = Figures { failovers, ..disturbed.await.unwrap() };
        let mut wrong = Vec::new();
        let mut last = Vec::new();
        for key in 0..round.asked.len() {
            last.push(round.call(key % WORKERS, key).await);
        }
        let mut mails: HashMap<String, usize> = HashMap::new();
        for mail in round.sandbox.world().outbox() {
            *mails.entry(mail.envelope).or_default() += 1;
        }
        for (key, last) in last.into_iter().enumerate() {
            let mails = mails.get(&round.asked[key].envelope).copied().unwrap_or_default();
            figures.mails += mails;
            figures.doubled += usize::from(mails > 1);
            match &last {
                End::Reply(_) => figures.replies += 1,
                End::Unknown(_) => {
                    figures.unknown += 1;
                    figures.unknown_sent += usize::from(mails > 0);
                }
                End::Again(_) | End::Failed(_) => {}
            }
            ends[key].push(last);
            wrong.extend(judge(&ends[key], mails).map(|what| format!("{:?}: {what}", round.asked[key])));
        }
        figures.keys = round.asked.len();
        figures.calls = round.workers.calls();
        figures.lost = round.lost.load(Ordering::Relaxed);
        figures.again = round.again.load(Ordering::Relaxed);
        Result { figures, wrong }
    }

    /// Asks for the calls of all keys, in an order of its own.
    async fn call_all(self: Arc<Self>, caller: usize, seed: u64) -> Vec<(usize, End)> {
        let mut chance = Rng::with_seed(seed * 100 + caller as u64);
        let mut ends = Vec::new();
        for chapter in 0..self.chapters {
            while self.chapter.load(Ordering::Relaxed) < chapter {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let mut keys: Vec<usize> =
                (0..self.asked.len()).filter(|key| key % self.chapters == chapter).collect();
            chance.shuffle(&mut keys);
            for key in keys {
                ends.push((key, self.call(caller % WORKERS, key).await));
            }
        }
        ends
    }

    /// Makes another server take over in the middle of each chapter but the last; returns how often.
    async fn fail_over(&self, trouble: &Trouble, seed: u64) -> usize {
        let mut chance = Rng::with_seed(seed);
        for chapter in 1..self.chapters {
            tokio::time::sleep(Duration::from_millis(chance.u64(200..1500))).await;
            trouble.fail_over(chapter + usize::try_from(seed).unwrap()).await;
            self.chapter.store(chapter, Ordering::Relaxed);
        }
        self.chapters - 1
    }

    /// Asks until the call has ended for good, as callers do.
    async fn call(&self, worker: usize, key: usize) -> End {
        let mut end = None;
        for _ in 0..PATIENCE {
            match self.workers.ask(worker, self.asked[key].clone()).await {
                None => {
                    self.lost.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
                Some(again @ End::Again(_)) => {
                    self.again.fetch_add(1, Ordering::Relaxed);
                    end = Some(again);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Some(end) => return end,
            }
        }
        end.unwrap_or_else(|| End::Failed("no answer".to_owned()))
    }

    /// Kills and suspends workers and crashes the database until the calls are over.
    async fn disturb(self: Arc<Self>, trouble: Trouble, seed: u64) -> Figures {
        let mut chance = Rng::with_seed(seed);
        let mut figures = Figures::default();
        while !self.over.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(chance.u64(20..150))).await;
            let worker = chance.usize(0..self.workers.count());
            match chance.u8(0..10) {
                0..5 => {
                    self.workers.kill(worker);
                    figures.kills += 1;
                }
                5..9 => {
                    self.workers.signal(worker, "STOP").await;
                    tokio::time::sleep(LEASE.mul_f64(1.1 + chance.f64())).await;
                    self.workers.signal(worker, "CONT").await;
                    figures.stops += 1;
                }
                _ => figures.restarts += usize::from(trouble.crash().await),
            }
        }
        figures
    }
}

/// What is wrong with the ends of the calls under one key, in view of the mails that went out.
fn judge(ends: &[End], mails: usize) -> Option<String> {
    let mut replies = ends.iter().filter_map(|end| match end {
        End::Reply(reply) => Some(reply),
        _ => None,
    });
    if let Some(end) = ends.iter().find(|end| matches!(end, End::Again(_) | End::Failed(_))) {
        return Some(format!("no result: {end:?}"));
    }
    if mails > 1 {
        return Some(format!("{mails} mails"));
    }
    let first = replies.next()?;
    if mails == 0 {
        return Some("success was said, and no mail went out".to_owned());
    }
    replies.find(|other| *other != first).map(|other| format!("two replies: {first} and {other}"))
}
