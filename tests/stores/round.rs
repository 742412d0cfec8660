//! One round: six callers ask three workers for calls under the same keys, and everything that can happen to
//! processes and to the database happens.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use countersign_sandbox::{NewEnvelope, NewRecipient, Options, Sandbox, Vendor};
use countersign_testkit::servers::PgServer;
use fastrand::Rng;

use crate::said::{Asked, End, Kind, Setup};
use crate::workers::Workers;

const WORKERS: usize = 3;
const CALLERS: usize = 6;
/// Calls that end quickly keep it; suspended and killed ones do not.
pub(crate) const LEASE: Duration = Duration::from_millis(500);
/// How often a caller repeats one call. Far above what crashes of the database and lost keys explain.
const PATIENCE: usize = 1_000;

/// What happened in one round, or in all together.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) keys: usize,
    pub(crate) calls: u64,
    /// Calls whose worker died before it answered.
    pub(crate) lost: usize,
    /// Calls that ended without effect and were repeated.
    pub(crate) again: usize,
    pub(crate) kills: usize,
    pub(crate) stops: usize,
    pub(crate) restarts: usize,
    pub(crate) mails: usize,
    /// Keys with a reply, and with an unknown outcome, at the end.
    pub(crate) replies: usize,
    pub(crate) unknown: usize,
    /// Unknown ones for which a mail went out.
    pub(crate) unknown_sent: usize,
    /// Keys under which more than one mail went out.
    pub(crate) doubled: usize,
}

impl Figures {
    pub(crate) fn add(&mut self, other: &Self) {
        self.keys += other.keys;
        self.calls += other.calls;
        self.lost += other.lost;
        self.again += other.again;
        self.kills += other.kills;
        self.stops += other.stops;
        self.restarts += other.restarts;
        self.mails += other.mails;
        self.replies += other.replies;
        self.unknown += other.unknown;
        self.unknown_sent += other.unknown_sent;
        self.doubled += other.doubled;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} keys, {} calls ({} lost with their worker, {} repeated); {} kills, {} stops, {} crashes of the \
             database; {} mails, {} replies, {} unknown ({} of them sent), {} doubled",
            self.keys,
            self.calls,
            self.lost,
            self.again,
            self.kills,
            self.stops,
            self.restarts,
            self.mails,
            self.replies,
            self.unknown,
            self.unknown_sent,
            self.doubled
        )
    }
}

/// One round.
pub(crate) struct Round {
    sandbox: Sandbox,
    workers: Workers,
    /// One per key, each with an envelope of its own.
    asked: Vec<Asked>,
    lost: AtomicUsize,
    again: AtomicUsize,
    over: AtomicBool,
}

/// What went wrong, and what happened.
pub(crate) struct Result {
    pub(crate) figures: Figures,
    pub(crate) wrong: Vec<String>,
}

impl Round {
    pub(crate) async fn prepare(setup: Setup, keys: usize) -> Self {
        let sandbox = Sandbox::start(Options::new()).await.unwrap();
        let world = sandbox.world();
        world.change_settings(|settings| settings.limit_calls(1_000_000));
        let vendors = Vendor::all();
        let asked = (0..keys)
            .map(|key| {
                let anna = NewRecipient::new("Anna Ek", "anna@example.com").with_access_code("Old1111");
                let vendor = vendors[key % vendors.len()];
                let made =
                    world.make_envelope(NewEnvelope::new(vendor, "Lease").with_recipient(anna)).unwrap();
                let kind =
                    if (key / vendors.len()).is_multiple_of(2) { Kind::Resend } else { Kind::CodeAndResend };
                let vendor = vendor.id().to_owned();
                Asked { call: 0, vendor, envelope: made.id, key: format!("k-{key}"), kind }
            })
            .collect();
        // The mails of the envelopes themselves.
        world.clear_outbox();
        let workers = Workers::start(WORKERS, Setup { variables: sandbox.settings(), ..setup });
        let (lost, again) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { sandbox, workers, asked, lost, again, over: AtomicBool::new(false) }
    }

    pub(crate) async fn play(self, server: &Arc<PgServer>, seed: u64) -> Result {
        let round = Arc::new(self);
        let callers: Vec<_> =
            (0..CALLERS).map(|caller| tokio::spawn(Arc::clone(&round).call_all(caller, seed))).collect();
        let trouble = tokio::spawn(Arc::clone(&round).disturb(Arc::clone(server), seed));
        let mut ends: Vec<Vec<End>> = vec![Vec::new(); round.asked.len()];
        for caller in callers {
            for (key, end) in caller.await.unwrap() {
                ends[key].push(end);
            }
        }
        round.over.store(true, Ordering::Relaxed);
        let mut figures = trouble.await.unwrap();
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
        let mut keys: Vec<usize> = (0..self.asked.len()).collect();
        Rng::with_seed(seed * 100 + caller as u64).shuffle(&mut keys);
        let mut ends = Vec::new();
        for key in keys {
            ends.push((key, self.call(caller % WORKERS, key).await));
        }
        ends
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
    async fn disturb(self: Arc<Self>, server: Arc<PgServer>, seed: u64) -> Figures {
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
                _ => {
                    let server = Arc::clone(&server);
                    let restart = move || {
                        server.crash();
                        server.recover();
                    };
                    tokio::task::spawn_blocking(restart).await.unwrap();
                    figures.restarts += 1;
                }
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
