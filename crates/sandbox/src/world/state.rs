//! The world: one state machine under one lock, vendor-neutral.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::context::Context;
use super::envelope::Envelope;
use super::events::Events;
use super::links::Links;
use super::mail::Mail;
use super::refused::{Reason, Refused};
use super::sources::{Clock, Ids};
use super::words::EnvelopeStatus;

/// All mutable state.
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) links: Links,
    pub(crate) mails: Vec<Mail>,
    pub(crate) events: Events,
    base_url: String,
    envelopes: HashMap<String, Envelope>,
    /// Ids in order of creation.
    made: Vec<String>,
    /// Times at which an envelope is created in the background or expires.
    wakes: BTreeSet<(Timestamp, String)>,
}

impl State {
    pub(crate) fn new(base_url: String, seed: u64, frozen_at: Option<Timestamp>) -> Self {
        Self {
            clock: Clock::new(frozen_at),
            ids: Ids::new(seed),
            links: Links::default(),
            mails: Vec::new(),
            events: Events::new(seed),
            base_url,
            envelopes: HashMap::new(),
            made: Vec::new(),
            wakes: BTreeSet::new(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn envelope(&self, id: &str) -> Option<&Envelope> {
        self.envelopes.get(&id.to_ascii_lowercase())
    }

    pub(super) fn envelope_mut(&mut self, id: &str) -> Option<&mut Envelope> {
        self.envelopes.get_mut(&id.to_ascii_lowercase())
    }

    /// All envelopes, oldest first.
    pub(crate) fn envelopes(&self) -> impl DoubleEndedIterator<Item = &Envelope> {
        self.made.iter().filter_map(|id| self.envelopes.get(id))
    }

    /// Works on one envelope with access to everything else.
    pub(crate) fn on<T, E: From<Refused>>(
        &mut self,
        id: &str,
        work: impl FnOnce(&mut Envelope, &mut Context<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.now();
        let Some(env) = self.envelopes.get_mut(&id.to_ascii_lowercase()) else {
            return Err(Refused::new(Reason::NoSuchEnvelope, "no such envelope").into());
        };
        let mut context = Context {
            now,
            base_url: &self.base_url,
            ids: &mut self.ids,
            links: &mut self.links,
            mails: &mut self.mails,
            events: &mut self.events,
        };
        work(env, &mut context)
    }

    pub(crate) fn signing_url(&self, token: &str) -> String {
        format!("{}/sign/{token}", self.base_url)
    }

    pub(super) fn insert(&mut self, envelope: Envelope) {
        let id = envelope.id.to_ascii_lowercase();
        self.made.push(id.clone());
        self.envelopes.insert(id, envelope);
    }

    /// Forgets an envelope that was deleted.
    pub(crate) fn remove(&mut self, id: &str) {
        self.made.retain(|made| made != id);
        self.envelopes.remove(id);
    }

    pub(super) fn wake_at(&mut self, at: Timestamp, id: &str) {
        self.wakes.insert((at, id.to_owned()));
    }

    /// When the clock will next trigger an event.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Applies everything that is due: background creation and expiry.
    pub(crate) fn tick(&mut self) {
        let now = self.now();
        while self.wakes.first().is_some_and(|(at, _)| *at <= now) {
            let Some((woken_at, id)) = self.wakes.pop_first() else { return };
            let next = self.on(&id, |env, context| {
                if env.status == EnvelopeStatus::Draft {
                    // Another time is one at which it would have expired, had it not become a draft again.
                    if env.ready_at == Some(woken_at) {
                        context.become_ready(env);
                    }
                } else if env.status.in_flight() && env.expires_at.is_some_and(|at| at <= now) {
                    context.close(env, EnvelopeStatus::Expired, None);
                }
                Ok::<_, Refused>(env.expires_at.filter(|_| env.status.in_flight()))
            });
            if let Ok(Some(at)) = next {
                self.wake_at(at, &id);
            }
        }
    }
}

/// Locks, even after a panic elsewhere: a damaged sandbox is more useful than none.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The state shared by all parts of a running sandbox.
#[derive(Clone)]
pub(crate) struct Live(Arc<Mutex<State>>);

impl Live {
    pub(crate) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state, after applying everything that is due.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.0);
        state.tick();
        state
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// The world's time, and the machine's: see [`Live::machine_time`].
    pub(crate) fn times(&self) -> (Timestamp, Timestamp) {
        let state = self.lock();
        (state.now(), state.clock.machine_time())
    }

    /// The machine's time, which clients use to sign and receivers to check, even if the world's clock was moved;
    /// the world's time if its clock is frozen.
    pub(crate) fn machine_time(&self) -> Timestamp {
        self.lock().clock.machine_time()
    }
}
