//! Processes each notification once, whatever the sender does meanwhile.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use countersign_core::{Dedup, Delivery, Notification, Received, Result, SeenKey};
use tracing::Instrument as _;

use super::Webhook;

/// The answer to the vendor. In axum it is a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebhookAnswer {
    /// The HTTP status. Vendors deliver again after any status that is not a success.
    pub status: u16,
    /// The value of the header `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
}

impl WebhookAnswer {
    /// 503 with `Retry-After`: the work is in progress.
    #[must_use]
    pub fn in_progress(retry_after: Duration) -> Self {
        let seconds = retry_after.as_secs().saturating_add(u64::from(retry_after.subsec_nanos() > 0));
        Self { retry_after: Some(seconds), ..Self::of(503) }
    }

    /// This status, without a time to wait.
    #[must_use]
    pub const fn of(status: u16) -> Self {
        Self { status, retry_after: None }
    }
}

impl Webhook {
    /// The time in which the answer should be ready: three quarters of [`Webhook::answer_within`], which is
    /// measured from the vendor's first byte to our last.
    pub fn work_within(&self) -> Duration {
        self.answer_within() * 3 / 4
    }

    /// Asks whether this delivery is the first, and claims its work if so. [`Webhook::process`] is simpler.
    ///
    /// # Errors
    /// As [`Delivery::begin`].
    pub async fn begin(&self, told: &Notification) -> Result<Dedup> {
        let key = SeenKey::new(self.account.clone(), told.key.clone());
        Delivery::begin(self.seen.clone(), key, Delivery::LEASE).await
    }

    /// Does the work of each notification once, in their order, and returns the answer.
    ///
    /// The work runs in a separate task, because servers drop a handler's future when the sender disconnects. If it
    /// succeeds, later deliveries are answered 200 without it. If it fails, panics or is cancelled, the answer is
    /// 500 and the next delivery is the first again. While it is in progress, other deliveries are answered 503
    /// with `Retry-After`, and so is this one after [`Webhook::work_within`]; the work continues, and a later
    /// delivery finds it done. Of several notifications, the first whose work does not succeed ends it; those before
    /// it are done. A vendor's address check is answered 200.
    ///
    /// The work is done at least once. It is done twice if a process ends between the work and its record, or if it
    /// takes longer than [`Delivery::LEASE`].
    ///
    /// Needs a tokio runtime with its timer. Errors of the work and of the store are logged (`tracing`).
    pub async fn process<W, F, E>(&self, received: Received, mut work: W) -> WebhookAnswer
    where
        W: FnMut(Notification) -> F + Send + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send,
    {
        let Received::Notifications(told) = received else { return WebhookAnswer::of(200) };
        let webhook = self.clone();
        let each = async move {
            for told in told {
                let answer = webhook.once(told, &mut work).await;
                if answer != WebhookAnswer::of(200) {
                    return answer;
                }
            }
            WebhookAnswer::of(200)
        };
        let task = tokio::spawn(each.in_current_span());
        match tokio::time::timeout(self.work_within(), task).await {
            Ok(answer) => answer.unwrap_or(WebhookAnswer::of(500)),
            Err(_) => WebhookAnswer::in_progress(Delivery::LEASE),
        }
    }

    async fn once<W, F, E>(&self, told: Notification, work: W) -> WebhookAnswer
    where
        W: FnOnce(Notification) -> F,
        F: Future<Output = Result<(), E>>,
        E: Display,
    {
        let delivery = match self.begin(&told).await {
            Ok(Dedup::First(delivery)) => delivery,
            Ok(Dedup::Duplicate) => return WebhookAnswer::of(200),
            Ok(Dedup::InProgress { retry_after }) => return WebhookAnswer::in_progress(retry_after),
            Err(error) => {
                tracing::warn!(%error, "the record of webhooks cannot be used");
                return WebhookAnswer::of(503);
            }
        };
        if let Err(error) = work(told).await {
            tracing::warn!(%error, "the work of a webhook failed; its next delivery is the first again");
            return WebhookAnswer::of(500);
        }
        match delivery.done().await {
            Ok(_) => WebhookAnswer::of(200),
            Err(error) => {
                tracing::warn!(%error, "the work of a webhook is done, but could not be recorded");
                WebhookAnswer::of(503)
            }
        }
    }
}
