//! What every ledger has to do.

mod leases;
mod people;

use std::sync::Arc;
use std::time::Duration;

use countersign_core::store::{
    Ask, CallAbout, CallRecord, CanonicalRequest, Claim, Completed, Ending, IdempotencyKey, InFlight, Ledger,
    LedgerLease, Scope, StoredError, StoredReply,
};
use countersign_core::{
    AccessCodeChanged, Call, Effect, EnvelopeId, Error, ErrorKind, MailExpectation, NoMail, Operation,
    Outcome, Problem, RecipientId, RecipientRef, ResendRecipient, Resent, ResentTo, Retry, SigningLink,
    SigningView, Unlocking,
};

use super::{LONG, SHORT, at_once, eventually, scope};

pub use leases::*;
pub use people::*;

pub(super) fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).expect("a key")
}

fn call(envelope: &str) -> Call {
    let recipient: RecipientRef = "email:anna@example.com".parse().expect("a recipient");
    ResendRecipient::new(EnvelopeId::new(envelope).expect("an id"), recipient).into()
}

/// Claims a key in a scope for a request about this envelope.
pub(super) async fn ask(ledger: &dyn Ledger, at: (&Scope, &str), envelope: &str, lease: Duration) -> Claim {
    let call = call(envelope);
    let request = CanonicalRequest::of("acme", Some("sales"), &call);
    let about = CallAbout::of("acme", Some("sales"), &call);
    ledger.claim(&Ask::new(at.0, &key(at.1), &request, lease, &about)).await.expect("a claim")
}

async fn claim(ledger: &dyn Ledger, key: &str, envelope: &str, lease: Duration) -> Claim {
    ask(ledger, (&scope(), key), envelope, lease).await
}

async fn acquire(ledger: &dyn Ledger, key: &str, envelope: &str, lease: Duration) -> LedgerLease {
    match claim(ledger, key, envelope, lease).await {
        Claim::Acquired(lease) => lease,
        other => panic!("{other:?}"),
    }
}

pub(super) fn reply() -> StoredReply {
    let recipient = RecipientId::new("1").expect("an id");
    let one = ResentTo::new(recipient, MailExpectation::Expected, Unlocking::NotNeeded);
    StoredReply::Resent(Resent::new(vec![one]))
}

fn done(keep: Duration) -> Ending {
    Ending::Reply { reply: reply(), keep }
}

/// Ends a call.
async fn end(ledger: &dyn Ledger, lease: &LedgerLease, ending: Ending) -> Completed {
    ledger.complete(lease, &ending).await.expect("an answer")
}

async fn mark(ledger: &dyn Ledger, lease: &LedgerLease, effect: Effect) -> InFlight {
    ledger.mark_in_flight(lease, effect).await.expect("an answer")
}

async fn find(ledger: &dyn Ledger) -> Option<CallRecord> {
    ledger.find(&scope(), &key("k")).await.expect("an answer")
}

fn unknown() -> Ending {
    Ending::Unknown(error())
}

fn error() -> StoredError {
    let problem =
        Problem::new(504).with_code(Some("SLOW".into())).with_message(Some("too \"slow\" \u{e9}".into()));
    let error = Error::new(ErrorKind::Timeout, "no answer in time")
        .with_outcome(Outcome::Unknown, Retry::Never)
        .with_attempts(2)
        .with_problem(problem)
        .in_operation("acme", Operation::ResendRecipient);
    StoredError::from(&error)
}

/// A first claim gets the key; a second one learns that it is in use.
pub async fn a_free_key_is_acquired_and_then_running(ledger: Arc<dyn Ledger>) {
    let lease = acquire(&*ledger, "k", "e-1", LONG).await;
    assert_eq!((&lease.scope, &lease.key, lease.length), (&scope(), &key("k"), LONG));
    assert_eq!(lease.earlier_effect, None);
    let Claim::Running { retry_in, .. } = claim(&*ledger, "k", "e-1", LONG).await else { panic!("running") };
    assert!(retry_in <= LONG && retry_in > LONG / 2, "{retry_in:?}");
    assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::OtherRequest));
    acquire(&*ledger, "K", "e-1", LONG).await;
}

/// The claim is one atomic step.
pub async fn of_many_simultaneous_callers_one_acquires_a_key(ledger: Arc<dyn Ledger>) {
    let claims = at_once(&ledger, |ledger, _| async move { claim(&*ledger, "k", "e-1", LONG).await }).await;
    assert_eq!(claims.iter().filter(|claim| matches!(claim, Claim::Acquired(_))).count(), 1, "{claims:?}");
    assert!(claims.iter().all(|claim| matches!(claim, Claim::Acquired(_) | Claim::Running { .. })));
}

/// The same key in another scope is another key.
pub async fn scopes_separate_equal_keys(ledger: Arc<dyn Ledger>) {
    let other = Scope::new("other").expect("a scope");
    let lease = acquire(&*ledger, "k", "e-1", LONG).await;
    assert!(matches!(ask(&*ledger, (&other, "k"), "e-2", LONG).await, Claim::Acquired(_)));
    assert_eq!(end(&*ledger, &lease, done(LONG)).await, Completed::Kept);
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Recorded(_)));
    assert!(matches!(ask(&*ledger, (&other, "k"), "e-2", LONG).await, Claim::Running { .. }));
}

/// A completed call is not made again.
pub async fn a_reply_is_returned_to_the_same_request(ledger: Arc<dyn Ledger>) {
    let lease = acquire(&*ledger, "k", "e-1", LONG).await;
    assert_eq!(mark(&*ledger, &lease, Effect::Notifies).await, InFlight::Accepted);
    assert_eq!(end(&*ledger, &lease, done(LONG)).await, Completed::Kept);
    for _ in 0..2 {
        let Claim::Recorded(found) = claim(&*ledger, "k", "e-1", LONG).await else { panic!("recorded") };
        assert_eq!(found.to_bytes(), reply().to_bytes());
    }
    assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::OtherRequest));
    // The lease has served.
    assert_eq!(mark(&*ledger, &lease, Effect::Notifies).await, InFlight::Overtaken);
    assert_eq!(end(&*ledger, &lease, unknown()).await, Completed::Overtaken);
    ledger.release(&lease).await.expect("nothing to release");
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Recorded(_)));
}

/// Links, resends and changes of codes, with all that they contain.
pub async fn every_kind_of_reply_comes_back_whole(ledger: Arc<dyn Ledger>) {
    let id = || RecipientId::new("anna \"2\" \u{e9}").expect("an id");
    let link = SigningLink::new("https://sign.example/?t=s3cret%22&u=1").expect("a link");
    let mut view = SigningView::new(link, id());
    (view.expires_at, view.single_use) = ("2026-11-22T10:00:00.5Z".parse().ok(), Some(true));
    let refused = MailExpectation::NotExpected(NoMail::Refused(ErrorKind::QuotaExceeded));
    let changed = AccessCodeChanged::new(id(), refused, Unlocking::StillLocked).with_code_in_mail(true);
    let replies = [StoredReply::View(view), reply(), StoredReply::AccessCodeChanged(changed)];
    for (at, reply) in replies.into_iter().enumerate() {
        let name = format!("k-{at}");
        let lease = acquire(&*ledger, &name, "e-1", LONG).await;
        let bytes = reply.to_bytes();
        let ending = Ending::Reply { reply, keep: Duration::MAX };
        // Twice, because the answer to the first attempt may have been lost.
        for _ in 0..2 {
            assert_eq!(ledger.complete(&lease, &ending).await.expect("kept"), Completed::Kept);
        }
        let Claim::Recorded(found) = claim(&*ledger, &name, "e-1", LONG).await else { panic!("recorded") };
        assert_eq!(found.to_bytes(), bytes);
    }
}

/// A link that no longer works is no use.
pub async fn a_reply_is_kept_no_longer_than_asked(ledger: Arc<dyn Ledger>) {
    let lease = acquire(&*ledger, "k", "e-1", LONG).await;
    assert_eq!(end(&*ledger, &lease, done(SHORT)).await, Completed::Kept);
    let again = eventually(async || match claim(&*ledger, "k", "e-1", LONG).await {
        Claim::Acquired(lease) => Some(lease),
        Claim::Recorded(_) => None,
        other => panic!("{other:?}"),
    })
    .await;
    assert_ne!(again.fencing_token, lease.fencing_token);
    assert_eq!(end(&*ledger, &lease, done(LONG)).await, Completed::Overtaken);
}

/// A call without effect leaves nothing behind, and its lease is worth nothing from then on.
pub async fn a_released_key_is_free_for_any_request(ledger: Arc<dyn Ledger>) {
    let mut tokens = Vec::new();
    for (envelope, marks) in [("e-1", false), ("e-2", true), ("e-3", false)] {
        let lease = acquire(&*ledger, "k", envelope, LONG).await;
        if marks {
            assert_eq!(mark(&*ledger, &lease, Effect::Notifies).await, InFlight::Accepted);
        }
        ledger.release(&lease).await.expect("released");
        assert!(find(&*ledger).await.is_none());
        tokens.push(lease);
    }
    let last = acquire(&*ledger, "k", "e-4", LONG).await;
    for old in &tokens {
        assert!(old.fencing_token < last.fencing_token);
        assert_eq!(mark(&*ledger, old, Effect::Notifies).await, InFlight::Overtaken);
        ledger.release(old).await.expect("nothing to release");
    }
    assert!(matches!(claim(&*ledger, "k", "e-4", LONG).await, Claim::Running { .. }));
}
