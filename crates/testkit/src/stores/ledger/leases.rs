//! Leases that end, and who takes over.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::Effect;
use countersign_core::store::{CallState, Claim, Completed, InFlight, Ledger, LedgerLease};

use super::super::race::race;
use super::super::{LONG, SHORT, lapse};
use super::{acquire, claim, done, end, find, mark, unknown};

/// A lease on a key that another claim has taken over.
async fn assert_worthless(ledger: &dyn Ledger, lease: &LedgerLease) {
    assert_eq!(mark(ledger, lease, Effect::Notifies).await, InFlight::Overtaken);
    assert_eq!(ledger.renew(lease, LONG).await.expect("an answer"), InFlight::Overtaken);
    for ending in [done(LONG), unknown()] {
        assert_eq!(end(ledger, lease, ending).await, Completed::Overtaken);
    }
    ledger.release(lease).await.expect("nothing to release");
}

/// Nothing was sent, because sending needs a mark, and the mark needs the old lease.
pub async fn a_lapsed_claim_is_taken_over_by_any_request(ledger: Arc<dyn Ledger>) {
    let first = acquire(&*ledger, "k", "e-1", SHORT).await;
    lapse().await;
    let second = acquire(&*ledger, "k", "e-2", LONG).await;
    assert!(first.fencing_token < second.fencing_token);
    assert_eq!(second.earlier_effect, None);
    assert_worthless(&*ledger, &first).await;
    assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::Running { .. }));
    assert_eq!(mark(&*ledger, &second, Effect::Notifies).await, InFlight::Accepted);
    assert_eq!(end(&*ledger, &second, done(LONG)).await, Completed::Kept);
}

/// A mail that may have been sent is not sent again.
pub async fn a_lapsed_call_that_notifies_is_never_taken_over(ledger: Arc<dyn Ledger>) {
    let lease = acquire(&*ledger, "k", "e-1", SHORT).await;
    assert_eq!(mark(&*ledger, &lease, Effect::Notifies).await, InFlight::Accepted);
    lapse().await;
    for _ in 0..2 {
        assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Unknown(None)));
        assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::OtherRequest));
    }
}

/// Setting the same value again is harmless. Setting another one is not: it may be the older one.
pub async fn a_lapsed_change_of_state_is_taken_over_by_the_same_request_only(ledger: Arc<dyn Ledger>) {
    let first = acquire(&*ledger, "k", "e-1", SHORT).await;
    assert_eq!(mark(&*ledger, &first, Effect::SetsState).await, InFlight::Accepted);
    lapse().await;
    assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::OtherRequest));
    let second = acquire(&*ledger, "k", "e-1", SHORT).await;
    assert!(first.fencing_token < second.fencing_token);
    assert_eq!(second.earlier_effect, Some(Effect::SetsState));
    assert_worthless(&*ledger, &first).await;
    // The second call dies before it marks. What the first one may have done is not forgotten.
    lapse().await;
    assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::OtherRequest));
    let third = acquire(&*ledger, "k", "e-1", LONG).await;
    let record = find(&*ledger).await.expect("a record");
    assert_eq!((record.state, record.effect), (CallState::InFlight, Some(Effect::SetsState)));
    assert_worthless(&*ledger, &second).await;
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Running { .. }));
    // Its own unknown outcome ends the lease at once.
    assert_eq!(end(&*ledger, &third, unknown()).await, Completed::Kept);
    assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::OtherRequest));
    let fourth = acquire(&*ledger, "k", "e-1", LONG).await;
    assert_eq!(end(&*ledger, &fourth, done(LONG)).await, Completed::Kept);
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Recorded(_)));
}

/// A weaker mark after a stronger one changes nothing.
pub async fn the_strongest_effect_is_kept(ledger: Arc<dyn Ledger>) {
    let lease = acquire(&*ledger, "k", "e-1", SHORT).await;
    for (effect, strongest) in [
        (Effect::SetsState, Effect::SetsState),
        (Effect::Notifies, Effect::Notifies),
        (Effect::SetsState, Effect::Notifies),
    ] {
        assert_eq!(mark(&*ledger, &lease, effect).await, InFlight::Accepted);
        let record = find(&*ledger).await.expect("a record");
        assert_eq!(record.effect, Some(strongest));
    }
    lapse().await;
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Unknown(None)));
}

/// A slow process may still send, if no other process has taken over; the lease then starts again.
pub async fn a_mark_is_accepted_after_the_lease_and_renews_it(ledger: Arc<dyn Ledger>) {
    let length = Duration::from_secs(1);
    let lease = acquire(&*ledger, "k", "e-1", length).await;
    tokio::time::sleep(length + SHORT).await;
    assert_eq!(mark(&*ledger, &lease, Effect::SetsState).await, InFlight::Accepted);
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Running { .. }));
}

/// A call without a deadline keeps its key.
pub async fn a_lease_is_renewed(ledger: Arc<dyn Ledger>) {
    let lease = acquire(&*ledger, "k", "e-1", SHORT).await;
    assert_eq!(ledger.renew(&lease, LONG).await.expect("an answer"), InFlight::Accepted);
    lapse().await;
    let Claim::Running { retry_in, .. } = claim(&*ledger, "k", "e-1", SHORT).await else { panic!("running") };
    assert!(retry_in > LONG / 2, "{retry_in:?}");
}

/// The model of [`race`].
pub async fn of_many_processes_that_pause_and_die_none_sends_twice(ledger: Arc<dyn Ledger>) {
    let tally = race(&[ledger], 1).await;
    assert_eq!(tally.doubled, 0, "{tally:?}");
    assert_eq!(tally.untrue, 0, "{tally:?}");
    // Otherwise nothing was tested.
    assert!(tally.acquired > tally.keys && tally.overtaken > tally.keys / 20, "{tally:?}");
}
