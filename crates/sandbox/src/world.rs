//! The world: one state machine under one lock, with no vendor's words in it.

mod acts;
mod clock;
mod desk;
mod document;
mod envelope;
mod feed;
mod handle;
mod identity;
mod ids;
mod links;
mod mail;
mod new;
mod plan;
mod policy;
mod reassign;
mod refused;
mod resend;
mod senders;
mod sessions;
mod view;

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

pub use envelope::{EnvelopeStatus, Phone, RecipientState, Role};
pub use handle::{Act, ActOutcome, ActResult, World};
pub use identity::IdentityCheck;
pub use mail::{Channel, Mail, MailKind};
pub use new::{Making, NewEnvelope, NewRecipient};
pub use refused::{Reason, Refused};
pub use view::{EnvelopeView, RecipientView};

pub(crate) use acts::{CodeAnswer, Ending};
pub(crate) use clock::after;
pub(crate) use desk::Desk;
pub(crate) use document::Document;
pub(crate) use envelope::{CodeResult, Envelope, Happening, Recipient, What};
pub(crate) use feed::{Event, Feed, News};
pub(crate) use handle::{Shared, lock};
pub(crate) use identity::Identity;
pub(crate) use ids::unguessable;
pub(crate) use links::{Framing, Link, Opening, Terms};
pub(crate) use plan::{Plan, PlannedRecipient, When};
pub(crate) use policy::{LinkLife, Policy};
pub(crate) use resend::Correction;
pub(crate) use sessions::{Found, Visit};

use clock::Clock;
use ids::Ids;
use links::Links;

/// Everything that changes.
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) links: Links,
    pub(crate) mails: Vec<Mail>,
    pub(crate) feed: Feed,
    base_url: String,
    envelopes: HashMap<String, Envelope>,
    /// Ids in the order in which they were made.
    made: Vec<String>,
    /// Moments at which an envelope is finished in the background or expires.
    wakes: BTreeSet<(Timestamp, String)>,
}

impl State {
    pub(crate) fn new(base_url: String, seed: u64, frozen_at: Option<Timestamp>) -> Self {
        Self {
            clock: Clock::new(frozen_at),
            ids: Ids::new(seed),
            links: Links::default(),
            mails: Vec::new(),
            feed: Feed::new(seed),
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

    /// All envelopes, oldest first.
    pub(crate) fn envelopes(&self) -> impl DoubleEndedIterator<Item = &Envelope> {
        self.made.iter().filter_map(|id| self.envelopes.get(id))
    }

    /// Works on one envelope with everything else at hand.
    pub(crate) fn on<T, E: From<Refused>>(
        &mut self,
        id: &str,
        work: impl FnOnce(&mut Envelope, &mut Desk<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.now();
        let Some(env) = self.envelopes.get_mut(&id.to_ascii_lowercase()) else {
            return Err(Refused::new(Reason::NoSuchEnvelope, "no such envelope").into());
        };
        let mut desk = Desk {
            now,
            base_url: &self.base_url,
            ids: &mut self.ids,
            links: &mut self.links,
            mails: &mut self.mails,
            feed: &mut self.feed,
        };
        work(env, &mut desk)
    }

    pub(crate) fn signing_url(&self, token: &str) -> String {
        format!("{}/sign/{token}", self.base_url)
    }

    fn insert(&mut self, envelope: Envelope) {
        self.made.push(envelope.id.clone());
        self.envelopes.insert(envelope.id.clone(), envelope);
    }

    fn wake_at(&mut self, at: Timestamp, id: &str) {
        self.wakes.insert((at, id.to_owned()));
    }

    /// When the clock will next make something happen by itself.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Lets everything happen that the clock has reached: background creation and expiry.
    pub(crate) fn tick(&mut self) {
        let now = self.now();
        while self.wakes.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, id)) = self.wakes.pop_first() else { return };
            let next = self.on(&id, |env, desk| {
                if env.status == EnvelopeStatus::Draft {
                    desk.send(env);
                } else if env.status.in_flight() && env.expires_at.is_some_and(|at| at <= now) {
                    desk.close(env, EnvelopeStatus::Expired, None);
                }
                Ok::<_, Refused>(env.expires_at.filter(|_| env.status.in_flight()))
            });
            if let Ok(Some(at)) = next {
                self.wake_at(at, &id);
            }
        }
    }
}
