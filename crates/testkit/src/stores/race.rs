//! Many processes that make calls under the same keys, pause for longer than their leases, and die.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign_core::Effect;
use countersign_core::store::{Claim, Ending, InFlight, Ledger, LedgerLease};

use super::ledger::{ask, reply};
use super::scope;

/// In how many groups the processes go through the keys.
const GROUPS: usize = 4;

/// How many processes there are; each is a task.
const TASKS: usize = 24;
/// How many keys they share.
const KEYS: usize = 150;
/// The lease of each call. A quarter of all steps takes longer.
const LEASE: Duration = Duration::from_millis(8);

/// What happened.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Tally {
    /// How many keys there were.
    pub keys: usize,
    /// How many keys were sent more than once.
    pub doubled: usize,
    /// How many keys have a recorded reply but were not sent exactly once, or were left without a final state.
    pub untrue: usize,
    /// How many claims got a key.
    pub acquired: usize,
    /// How many of them lost the key before they sent.
    pub overtaken: usize,
}

/// Runs the model: 24 tasks and 150 keys. Each task uses one of the ledgers, which are handles of the same store. Other
/// seeds give other pauses and deaths.
pub async fn race(ledgers: &[Arc<dyn Ledger>], seed: u64) -> Tally {
    let sent: Arc<[AtomicU32]> = (0..KEYS).map(|_| AtomicU32::new(0)).collect();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let process = Process {
                ledger: Arc::clone(&ledgers[task % ledgers.len()]),
                sent: Arc::clone(&sent),
                tally: Tally::default(),
                chance: Chance::new(seed.wrapping_mul(1_000).wrapping_add(task as u64)),
            };
            tokio::spawn(process.run(task))
        })
        .collect();
    let mut tally = Tally { keys: KEYS, ..Tally::default() };
    for task in tasks {
        let its = task.await.expect("a process of the model");
        tally.acquired += its.acquired;
        tally.overtaken += its.overtaken;
    }
    for (key, sent) in sent.iter().enumerate() {
        let sent = sent.load(Ordering::SeqCst);
        let is_true = match ask(&*ledgers[0], (&scope(), &name(key)), "e-1", LEASE).await {
            Claim::Recorded(_) => sent == 1,
            Claim::Unknown(_) => sent <= 1,
            _ => false,
        };
        tally.doubled += usize::from(sent > 1);
        tally.untrue += usize::from(!is_true);
    }
    tally
}

fn name(key: usize) -> String {
    format!("k-{key}")
}

/// One process. When it dies, it starts again without its memory.
struct Process {
    ledger: Arc<dyn Ledger>,
    /// By key.
    sent: Arc<[AtomicU32]>,
    tally: Tally,
    chance: Chance,
}

impl Process {
    /// Goes through all keys until each has a final state.
    async fn run(mut self, task: usize) -> Tally {
        for step in 0..KEYS {
            // Several processes want each key at the same time.
            let key = (step + task % GROUPS * KEYS / GROUPS) % KEYS;
            while !self.attempt(key).await {
                self.pause().await;
            }
        }
        self.tally
    }

    /// Returns whether the key has a final state.
    async fn attempt(&mut self, key: usize) -> bool {
        match ask(&*self.ledger, (&scope(), &name(key)), "e-1", LEASE).await {
            Claim::Acquired(lease) => {
                self.tally.acquired += 1;
                self.call(key, &lease).await;
                false
            }
            Claim::Running { .. } => false,
            Claim::Recorded(_) | Claim::Unknown(_) => true,
            other => panic!("{other:?}"),
        }
    }

    async fn call(&mut self, key: usize, lease: &LedgerLease) {
        self.pause().await;
        if self.chance.of(8) {
            return;
        }
        let marked = self.ledger.mark_in_flight(lease, Effect::Notifies).await.expect("an answer");
        if marked == InFlight::Overtaken {
            self.tally.overtaken += 1;
            return;
        }
        self.pause().await;
        if self.chance.of(4) {
            return;
        }
        self.sent[key].fetch_add(1, Ordering::SeqCst);
        self.pause().await;
        if self.chance.of(8) {
            return;
        }
        let ending = Ending::Reply { reply: reply(), keep: Duration::MAX };
        let _ = self.ledger.complete(lease, &ending).await.expect("an answer");
    }

    /// A quarter of the pauses are longer than the lease.
    async fn pause(&mut self) {
        let pause = if self.chance.of(25) { LEASE.mul_f64(1.5) } else { LEASE / 8 };
        tokio::time::sleep(pause).await;
    }
}

/// Repeatable chance (xorshift).
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// True in this percentage of cases.
    fn of(&mut self, percent: u64) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % 100 < percent
    }
}
