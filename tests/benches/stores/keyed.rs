//! A call under a key, through a store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign::async_trait::async_trait;
use countersign::ledger::{
    Ask, CallAbout, CanonicalRequest, Claim, Completed, Ending, IdempotencyKey, InFlight, Ledger, Scope,
    StoredReply,
};
use countersign::provider::Effect;
use countersign::transport::Call as AnyCall;
use countersign::{
    EnvelopeId, MailExpectation, RecipientId, RecipientRef, ResendRecipient, Resent, ResentTo, Unlocking,
};

/// Something to measure.
#[async_trait]
pub(crate) trait Call: Send + Sync + 'static {
    /// Makes one call under a new key.
    async fn once(&self);
}

/// Calls through a ledger.
pub(crate) struct Keyed<L> {
    ledger: L,
    scope: Scope,
    request: CanonicalRequest,
    about: CallAbout,
    last: AtomicU64,
}

impl<L: Ledger> Keyed<L> {
    pub(crate) fn new(ledger: L) -> Self {
        let envelope = EnvelopeId::new("9e5651b0-ef95-4636-a92c-f1b6c5d28768").unwrap();
        let recipient: RecipientRef = "email:anna@example.com".parse().unwrap();
        let call = AnyCall::ResendRecipient(ResendRecipient::new(envelope, recipient));
        Self {
            ledger,
            scope: Scope::new("sales").unwrap(),
            request: CanonicalRequest::of("docusign", Some("sales"), &call),
            about: CallAbout::of("docusign", Some("sales"), &call),
            last: AtomicU64::new(0),
        }
    }
}

#[async_trait]
impl<L: Ledger> Call for Keyed<L> {
    async fn once(&self) {
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        let key = IdempotencyKey::new(format!("invoice-{number}:reminder")).unwrap();
        let lease = Duration::from_secs(90);
        let ask = Ask::new(&self.scope, &key, &self.request, lease, &self.about);
        let Claim::Acquired(lease) = self.ledger.claim(&ask).await.unwrap() else { panic!("the key is new") };
        let marked = self.ledger.mark_in_flight(&lease, Effect::Notifies).await.unwrap();
        assert_eq!(marked, InFlight::Accepted);
        let recipient = RecipientId::new("1").unwrap();
        let to = ResentTo::new(recipient, MailExpectation::Expected, Unlocking::NotNeeded);
        let reply = StoredReply::Resent(Resent::new(vec![to]));
        let ending = Ending::Reply { reply, keep: Duration::from_secs(24 * 3600) };
        assert_eq!(self.ledger.complete(&lease, &ending).await.unwrap(), Completed::Kept);
    }
}
