//! Receives webhooks: checks them, processes each once, and combines them into the newest state.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use countersign::webhook::{EnvelopeState, FileSeen, Notification};
//!
//! # fn run(notification: Notification) -> countersign::Result<()> {
//! let webhook = countersign::Config::load(None)?.account(Some("acme"))?.webhook()?;
//! let webhook = webhook.with_seen(Arc::new(FileSeen::open("seen.txt")?)); // without it: in memory
//!
//! // What the application keeps per envelope. Late and repeated events change nothing.
//! let mut state = EnvelopeState::default();
//! let changes = state.apply(&notification);
//! println!("{:?}", changes.envelope);
//! # Ok(())
//! # }
//! ```

mod envelope_state;
mod journal;
mod memory;
mod process;
#[cfg(feature = "axum")]
mod web;

use std::sync::Arc;
use std::time::Duration;

use countersign_core::vendor::{SignatureReach, WebhookFacts};
use countersign_core::{
    Clock, Descriptor, Error, ErrorKind, ExposeSecret as _, Result, SecretString, SystemClock,
};
use http::HeaderMap;

pub use countersign_core::webhook::{
    Completion, Dedup, Delivery, FencingToken, IncomingWebhook, Notification, NotificationKey,
    NotifiedRecipient, Presented, ReceiveWebhook, Received, SeenKey, SeenStore, Tag, WebhookEvent,
    WebhookRefusal, WebhookRefused, fresh, from_base64, from_hex, hmac_sha256, verify,
};

pub use envelope_state::{DatedStatus, EnvelopeState, StateChanges};
pub use journal::FileSeen;
pub use memory::MemorySeen;
pub use process::WebhookAnswer;
#[cfg(feature = "axum")]
pub use web::VerifiedWebhook;

/// Checks one account's webhooks. Clones are cheap.
///
/// Pass it the unchanged query, headers and body: if a body is parsed and written again, its signature no longer
/// matches.
/// [`Webhook::receive`] checks and reads; [`Webhook::process`] does the work of each notification once and returns
/// the answer. If the check fails, answer with [`WebhookRefused::status`].
///
/// ```
/// use countersign::webhook::Webhook;
/// use http::request::Parts;
///
/// async fn answer(webhook: &Webhook, head: &Parts, body: &[u8]) -> u16 {
///     let query = head.uri.query().unwrap_or_default();
///     let received = match webhook.receive(query, &head.headers, body) {
///         Ok(received) => received,
///         Err(refused) => return refused.status(),
///     };
///     let answer = webhook.process(received, |told| async move {
///         println!("{} {:?}", told.event, told.envelope);
///         Ok::<_, std::io::Error>(())
///     });
///     answer.await.status
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Webhook {
    vendor: &'static str,
    door: ReceiveWebhook,
    facts: &'static WebhookFacts,
    secrets: Arc<[SecretString]>,
    max_age: Duration,
    body_limit: usize,
    clock: Arc<dyn Clock>,
    account: Arc<str>,
    seen: Arc<dyn SeenStore>,
}

impl Webhook {
    /// The default maximum size of a body, in bytes. Messages without documents are much smaller.
    pub const BODY_LIMIT: usize = 4 * 1024 * 1024;

    /// For this vendor's webhooks, signed with any of these secrets.
    ///
    /// # Errors
    /// `Unsupported` if the adapter does not support webhooks; `Config` for an empty secret, with which anyone
    /// could sign.
    pub fn new(vendor: &'static Descriptor, secrets: Vec<SecretString>) -> Result<Self> {
        let (door, facts) = vendor.webhooks.zip(vendor.facts.webhook.as_ref()).ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("webhooks of {} are not supported", vendor.name))
        })?;
        if secrets.iter().any(|secret| secret.expose_secret().trim().is_empty()) {
            return Err(Error::new(ErrorKind::Config, "a webhook secret is empty")
                .with_hint("give each secret, or remove it"));
        }
        Ok(Self {
            vendor: vendor.name,
            door,
            facts,
            secrets: secrets.into(),
            max_age: facts.max_age,
            body_limit: Self::BODY_LIMIT,
            clock: Arc::new(SystemClock),
            account: vendor.name.into(),
            seen: Arc::new(MemorySeen::default()),
        })
    }

    /// Sets a maximum age other than the vendor's default. A [`SeenStore`] has to remember for at least as long.
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Sets another maximum size of the body, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Sets the clock that checks timestamps.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the application's account; a [`SeenStore`] separates notifications by its name. By default the
    /// configured name, or the vendor's short name.
    #[must_use]
    pub fn with_account(mut self, account: &str) -> Self {
        self.account = account.into();
        self
    }

    /// Remembers processed webhooks in this store, instead of the memory of this value and its clones.
    #[must_use]
    pub fn with_seen(mut self, seen: Arc<dyn SeenStore>) -> Self {
        self.seen = seen;
        self
    }

    /// The vendor's short name.
    pub fn vendor(&self) -> &'static str {
        self.vendor
    }

    /// How to set up webhooks at the vendor, in a few lines.
    pub fn guide(&self) -> &'static str {
        &self.facts.guide
    }

    /// The vendor's time limit for an answer.
    pub fn answer_within(&self) -> Duration {
        self.facts.answer_within
    }

    /// The number of secrets.
    pub fn secrets(&self) -> usize {
        self.secrets.len()
    }

    /// The maximum size of a body, in bytes.
    pub fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// Checks an unchanged webhook and reads it. None of its content is used before its signature has been
    /// verified. The query is that of the URL, without the `?`: some vendors sign there.
    ///
    /// # Errors
    /// [`WebhookRefused`] with the reason. An event that this library does not know is not an error: it is returned
    /// as [`WebhookEvent::Other`].
    pub fn receive(&self, query: &str, headers: &HeaderMap, body: &[u8]) -> Result<Received, WebhookRefused> {
        if body.len() > self.body_limit {
            return Err(self.too_large());
        }
        let (secrets, now, max_age) = (&self.secrets, self.clock.now(), self.max_age);
        let incoming = IncomingWebhook { query, headers, body, secrets, now, max_age };
        let received = (self.door)(&incoming)?;
        Ok(match received {
            Received::Notifications(told) if self.facts.covers != SignatureReach::Body => {
                Received::Notifications(told.into_iter().map(Notification::without_statuses).collect())
            }
            other => other,
        })
    }

    /// The rejection of a body that is longer than allowed, for code that notices it while reading.
    #[must_use]
    pub fn too_large(&self) -> WebhookRefused {
        let message = format!("the body is longer than {} bytes", self.body_limit);
        WebhookRefused::new(self.vendor, WebhookRefusal::TooLarge, message)
    }
}
