//! Taking webhooks: checking them, telling a second delivery apart, and folding them into the newest state.

mod envelope_state;
mod journal;
mod memory;
mod seen;
#[cfg(feature = "axum")]
mod web;

use std::sync::Arc;
use std::time::Duration;

use countersign_core::{
    Clock, Descriptor, Error, ErrorKind, ExposeSecret as _, IncomingWebhook, Received, Result, SecretString,
    SystemClock, WebhookRefusal, WebhookRefused, WebhookSpec,
};
use http::HeaderMap;

pub use envelope_state::{DatedStatus, EnvelopeState, StateChanges};
pub use journal::FileSeen;
pub use memory::MemorySeen;
pub use seen::{Seen, SeenStore};
#[cfg(feature = "axum")]
pub use web::{NotVerified, VerifiedWebhook};

/// Checks one account's webhooks. Clones are cheap.
///
/// Give it the headers and the body as they came: a body that was parsed and written again is another body, and its
/// signature is wrong. Answer fast, with 200 for what was taken and with [`WebhookRefused::status`] for what was not, and
/// do the work afterwards: vendors wait for seconds only.
///
/// ```
/// use countersign::{Received, SecretString, Webhook, vendors};
/// use http::HeaderMap;
///
/// # fn take(headers: &HeaderMap, body: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let secrets = vec![SecretString::from("the vendor's secret")];
/// let webhook = Webhook::new(vendors()[0], secrets)?;
/// match webhook.receive(headers, body) {
///     Ok(Received::Notification(told)) => println!("{} {:?}", told.event, told.envelope),
///     Ok(_) => println!("the vendor checks the address: answer 200, do nothing"),
///     Err(refused) => println!("answer {}: {refused}", refused.status()),
/// }
/// # Ok(())
/// # }
/// # take(&HeaderMap::new(), b"{}").unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Webhook {
    vendor: &'static str,
    door: &'static WebhookSpec,
    secrets: Arc<[SecretString]>,
    max_age: Duration,
    body_limit: usize,
    clock: Arc<dyn Clock>,
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
