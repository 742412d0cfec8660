//! Receiving webhooks: checking them, processing each once, and folding them into the newest state.

mod envelope_state;
mod journal;
mod memory;
mod process;
#[cfg(feature = "axum")]
mod web;

use std::sync::Arc;
use std::time::Duration;

use countersign_core::{
    Clock, Delivery, Descriptor, Error, ErrorKind, ExposeSecret as _, IncomingWebhook, Received, Result,
    SecretString, SeenStore, SystemClock, WebhookRefusal, WebhookRefused, WebhookSpec,
};
use http::HeaderMap;

pub use envelope_state::{DatedStatus, EnvelopeState, StateChanges};
pub use journal::FileSeen;
pub use memory::MemorySeen;
pub use process::WebhookAnswer;
#[cfg(feature = "axum")]
pub use web::{NotVerified, VerifiedWebhook};

/// Checks one account's webhooks. Clones are cheap.
///
/// Give it the headers and the body as they came: a body that was parsed and written again is another body, and its
/// signature is wrong. [`Webhook::receive`] checks and reads; [`Webhook::process`] does the work of each notification
/// once and gives the answer. Answer with [`WebhookRefused::status`] where the check fails.
///
/// ```
/// use countersign::Webhook;
/// use http::HeaderMap;
///
/// async fn answer(webhook: &Webhook, headers: &HeaderMap, body: &[u8]) -> u16 {
///     let received = match webhook.receive(headers, body) {
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
    door: &'static WebhookSpec,
    secrets: Arc<[SecretString]>,
    max_age: Duration,
    body_limit: usize,
    clock: Arc<dyn Clock>,
    account: Arc<str>,
    seen: Arc<dyn SeenStore>,
    lease: Duration,
}

impl Webhook {
    /// The longest body that is looked at, in bytes, unless told otherwise. Messages without documents are far smaller.
    pub const BODY_LIMIT: usize = 4 * 1024 * 1024;

    /// For this vendor's webhooks, signed with any of these secrets.
    ///
    /// # Errors
    /// `Unsupported` when the adapter cannot take webhooks; `Config` for an empty secret, with which anybody could sign.
    pub fn new(vendor: &'static Descriptor, secrets: Vec<SecretString>) -> Result<Self> {
        let door = vendor.webhooks.ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("webhooks of {} cannot be taken", vendor.name))
        })?;
        if secrets.iter().any(|secret| secret.expose_secret().trim().is_empty()) {
            return Err(Error::new(ErrorKind::Config, "a secret for webhooks is empty")
                .with_hint("give each secret, or leave it out"));
        }
        Ok(Self {
            vendor: vendor.name,
            door,
            secrets: secrets.into(),
            max_age: door.max_age,
            body_limit: Self::BODY_LIMIT,
            clock: Arc::new(SystemClock),
            account: vendor.name.into(),
            seen: Arc::new(MemorySeen::default()),
            lease: Delivery::LEASE,
        })
    }

    /// With another limit of age than the vendor's usual one. A [`SeenStore`] has to remember for at least as long.
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// With another limit of the body's length, in bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Judging stamps by this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// For this account of the application, by whose name a [`SeenStore`] keeps notifications apart. The vendor's short
    /// name unless set here or by the configuration.
    #[must_use]
    pub fn with_account(mut self, account: &str) -> Self {
        self.account = account.into();
        self
    }

    /// Remembers what was processed in this store, in place of the memory of this value and its clones.
    #[must_use]
    pub fn with_seen(mut self, seen: Arc<dyn SeenStore>) -> Self {
        self.seen = seen;
        self
    }

    /// Lets the work of one notification take this long, in place of [`Delivery::LEASE`], before another delivery of it
    /// may begin the work again.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// The vendor's short name.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        self.vendor
    }

    /// How to set webhooks up at the vendor, in a few lines.
    #[must_use]
    pub fn guide(&self) -> &'static str {
        self.door.guide
    }

    /// Within how long the vendor wants an answer.
    #[must_use]
    pub fn answer_within(&self) -> Duration {
        self.door.answer_within
    }

    /// How many secrets there are to check with.
    #[must_use]
    pub fn secrets(&self) -> usize {
        self.secrets.len()
    }

    /// The longest body that is looked at, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// Checks a webhook as it came and reads it. Nothing in it is believed before its signature is found right.
    ///
    /// # Errors
    /// [`WebhookRefused`] with the reason. An event that this library does not know is no error: it comes as
    /// [`WebhookEvent::Other`](countersign_core::WebhookEvent::Other).
    pub fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Result<Received, WebhookRefused> {
        if body.len() > self.body_limit {
            return Err(self.too_large());
        }
        let incoming = IncomingWebhook::new(headers, body, &self.secrets, self.clock.now(), self.max_age);
        (self.door.receive)(&incoming)
    }

    /// The refusal of a body that is longer than allowed, for those who notice while they read it.
    #[must_use]
    pub fn too_large(&self) -> WebhookRefused {
        let message = format!("the body is longer than {} bytes", self.body_limit);
        WebhookRefused::new(self.vendor, WebhookRefusal::TooLarge, message)
    }

    /// Checks one webhook without keeping anything: [`Webhook::new`] and [`Webhook::receive`] in one.
    ///
    /// # Errors
    /// [`WebhookRefused`] with the reason; `NoSecret` also where the adapter cannot take webhooks.
    pub fn verify(
        vendor: &'static Descriptor,
        headers: &HeaderMap,
        body: &[u8],
        secrets: &[SecretString],
    ) -> Result<Received, WebhookRefused> {
        match Self::new(vendor, secrets.to_vec()) {
            Ok(webhook) => webhook.receive(headers, body),
            Err(error) => Err(WebhookRefused::new(vendor.name, WebhookRefusal::NoSecret, error.message())),
        }
    }
}
