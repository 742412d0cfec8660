//! What every store of processed webhooks has to do.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::{Completion, Dedup, FencingToken, NotificationKey, SeenKey, SeenStore};

use super::{LONG, SHORT, at_once, lapse};

fn key(account: &str) -> SeenKey {
    SeenKey::new(account, NotificationKey::told("acme", "event-1"))
}

async fn claim(store: &dyn SeenStore, lease: Duration) -> Dedup<FencingToken> {
    store.claim(&key("sales"), lease).await.expect("a claim")
}

async fn first(store: &dyn SeenStore, lease: Duration) -> FencingToken {
    match claim(store, lease).await {
        Dedup::First(token) => token,
        other => panic!("{other:?}"),
    }
}

async fn complete(store: &dyn SeenStore, token: FencingToken) -> Completion {
    store.complete(&key("sales"), token).await.expect("an answer")
}

/// The three answers to deliveries of one event.
pub async fn a_delivery_is_first_then_in_progress_then_a_duplicate(store: Arc<dyn SeenStore>) {
    let token = first(&*store, LONG).await;
    let Dedup::InProgress { retry_after } = claim(&*store, LONG).await else { panic!("in progress") };
    assert!(retry_after <= LONG && retry_after > LONG / 2, "{retry_after:?}");
    assert_eq!(complete(&*store, token).await, Completion::Recorded);
    for _ in 0..2 {
        assert_eq!(claim(&*store, LONG).await, Dedup::Duplicate);
    }
}

/// The claim is one atomic step.
pub async fn of_many_simultaneous_deliveries_one_is_first(store: Arc<dyn SeenStore>) {
    let claims = at_once(&store, |store, _| async move { claim(&*store, LONG).await }).await;
    assert_eq!(claims.iter().filter(|claim| matches!(claim, Dedup::First(_))).count(), 1, "{claims:?}");
}

/// The work failed; the vendor delivers again.
pub async fn a_released_delivery_is_first_again(store: Arc<dyn SeenStore>) {
    let token = first(&*store, LONG).await;
    store.release(&key("sales"), token);
    let again = super::eventually(async || match claim(&*store, LONG).await {
        Dedup::First(token) => Some(token),
        _ => None,
    })
    .await;
    assert_ne!(again, token);
    store.release(&key("sales"), token);
    assert!(matches!(claim(&*store, LONG).await, Dedup::InProgress { .. }), "released by the wrong token");
}

/// Fencing tokens tell the workers apart.
pub async fn a_worker_whose_lease_has_ended_cannot_end_the_next_ones_work(store: Arc<dyn SeenStore>) {
    let slow = first(&*store, SHORT).await;
    lapse().await;
    let quick = first(&*store, LONG).await;
    assert_ne!(slow, quick);
    assert_eq!(complete(&*store, slow).await, Completion::Superseded);
    store.release(&key("sales"), slow);
    assert!(matches!(claim(&*store, LONG).await, Dedup::InProgress { .. }));
    assert_eq!(complete(&*store, quick).await, Completion::Recorded);
    assert_eq!(claim(&*store, LONG).await, Dedup::Duplicate);
}

/// A tenant cannot use up another tenant's event.
pub async fn accounts_separate_equal_events(store: Arc<dyn SeenStore>) {
    let token = first(&*store, LONG).await;
    assert_eq!(complete(&*store, token).await, Completion::Recorded);
    let other = store.claim(&key("support"), LONG).await.expect("a claim");
    assert!(matches!(other, Dedup::First(_)));
}
