//! Unknown outcomes, and how users resolve them.

use std::sync::Arc;

use countersign_core::store::{
    Ask, CallAbout, CallState, CanonicalRequest, Claim, Completed, Finding, InFlight, Ledger, LedgerLease,
    Resolution, Resolved, Scope, StoredError, UnresolvedCall,
};
use countersign_core::{Effect, Operation};

use super::super::{LONG, SHORT, eventually, lapse, scope};
use super::{acquire, ask, call, claim, done, end, error, find, key, mark, unknown};

async fn marked(ledger: &dyn Ledger, lease: &LedgerLease) {
    assert_eq!(mark(ledger, lease, Effect::Notifies).await, InFlight::Accepted);
}

/// A call under this key whose outcome is unknown.
async fn lost(ledger: &dyn Ledger, at: (&Scope, &str)) -> LedgerLease {
    let Claim::Acquired(lease) = ask(ledger, at, "e-1", LONG).await else { panic!("a free key") };
    marked(ledger, &lease).await;
    assert_eq!(end(ledger, &lease, unknown()).await, Completed::Kept);
    lease
}

async fn resolve(ledger: &dyn Ledger, found: Resolution) -> Resolved {
    ledger
        .resolve(&Finding { scope: &scope(), key: &key("k"), found, by: "ops", note: "looked" })
        .await
        .expect("an answer")
}

async fn list(ledger: &dyn Ledger, scope: Option<&Scope>) -> Vec<UnresolvedCall> {
    ledger.unresolved(scope, None, 100).await.expect("a list")
}

/// The lease ends at once, and the error is there for those who ask.
pub async fn an_unknown_ending_keeps_the_key_and_its_error(ledger: Arc<dyn Ledger>) {
    lost(&*ledger, (&scope(), "k")).await;
    let Claim::Unknown(Some(found)) = claim(&*ledger, "k", "e-1", LONG).await else { panic!("unknown") };
    assert_eq!(found.to_bytes(), error().to_bytes());
    assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::OtherRequest));
    let listed = list(&*ledger, None).await;
    let [one] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((&one.scope, &one.key, one.effect), (&scope(), &key("k"), Effect::Notifies));
    assert_eq!(one.about, CallAbout::of("acme", Some("sales"), &call("e-1")));
    assert_eq!(one.about.recipient.as_deref(), Some("email:anna@example.com"));
    assert_eq!(one.error.as_ref().map(StoredError::to_bytes), Some(error().to_bytes()));
}

/// Nothing that a repetition must know of was sent.
pub async fn an_unknown_ending_without_a_mark_frees_the_key(ledger: Arc<dyn Ledger>) {
    let lease = acquire(&*ledger, "k", "e-1", LONG).await;
    assert_eq!(end(&*ledger, &lease, unknown()).await, Completed::Kept);
    acquire(&*ledger, "k", "e-2", LONG).await;
}

/// Best effort, but a store that runs does it.
pub async fn an_abandoned_call_is_unknown_only_if_it_may_have_had_an_effect(ledger: Arc<dyn Ledger>) {
    for (name, marks, effect) in
        [("a", false, false), ("b", true, false), ("c", true, true), ("d", false, true)]
    {
        let lease = acquire(&*ledger, name, "e-1", LONG).await;
        if marks {
            marked(&*ledger, &lease).await;
        }
        ledger.abandon(lease, effect);
        let after = eventually(async || match claim(&*ledger, name, "e-1", LONG).await {
            Claim::Running { .. } => None,
            after => Some(after),
        })
        .await;
        match after {
            Claim::Unknown(None) => assert!(marks && effect, "{name}"),
            Claim::Acquired(_) => assert!(!(marks && effect), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// The process was slow, not dead.
pub async fn a_late_reply_makes_an_unknown_outcome_known(ledger: Arc<dyn Ledger>) {
    let lease = acquire(&*ledger, "k", "e-1", SHORT).await;
    marked(&*ledger, &lease).await;
    lapse().await;
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Unknown(None)));
    assert_eq!(end(&*ledger, &lease, done(LONG)).await, Completed::Kept);
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Recorded(_)));
    assert!(list(&*ledger, None).await.is_empty());
}

/// While the sender may be alive, a decision would not end it.
pub async fn a_running_call_is_not_resolved(ledger: Arc<dyn Ledger>) {
    for found in [Resolution::DidNotHappen, Resolution::Happened] {
        let lease = acquire(&*ledger, "k", "e-1", LONG).await;
        let Resolved::StillRunning { for_ } = resolve(&*ledger, found).await else { panic!("claimed") };
        assert!(for_ > LONG / 2, "{for_:?}");
        marked(&*ledger, &lease).await;
        assert!(matches!(resolve(&*ledger, found).await, Resolved::StillRunning { .. }));
        assert!(list(&*ledger, None).await.is_empty());
        ledger.release(&lease).await.expect("released");
    }
}

/// By what was found at the vendor: the key is done, or free.
pub async fn an_unknown_outcome_is_resolved_once(ledger: Arc<dyn Ledger>) {
    let lease = lost(&*ledger, (&scope(), "k")).await;
    assert_eq!(resolve(&*ledger, Resolution::DidNotHappen).await, Resolved::Changed);
    assert_eq!(resolve(&*ledger, Resolution::DidNotHappen).await, Resolved::NotUnknown);
    assert!(list(&*ledger, None).await.is_empty());
    let find = async || find(&*ledger).await.expect("a record");
    let record = find().await;
    assert_eq!((record.state, record.found), (CallState::Resolved, Some(Resolution::DidNotHappen)));
    assert_eq!((record.resolved_by.as_deref(), record.note.as_deref()), (Some("ops"), Some("looked")));
    // A sender that was suspended meanwhile sends nothing any more.
    assert_eq!(mark(&*ledger, &lease, Effect::Notifies).await, InFlight::Overtaken);

    // The key is free for any request, and the next call takes the place of what was found.
    let other = acquire(&*ledger, "k", "e-2", LONG).await;
    let record = find().await;
    assert_eq!((record.state, record.found, record.resolved_by), (CallState::Claimed, None, None));
    ledger.release(&other).await.expect("released");
    assert!(super::find(&*ledger).await.is_none());

    let lease = lost(&*ledger, (&scope(), "k")).await;
    assert_eq!(resolve(&*ledger, Resolution::Happened).await, Resolved::Changed);
    assert_eq!(resolve(&*ledger, Resolution::Happened).await, Resolved::NotUnknown);
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Done));
    assert!(matches!(claim(&*ledger, "k", "e-2", LONG).await, Claim::OtherRequest));
    let record = find().await;
    assert_eq!((record.state, record.found), (CallState::Resolved, Some(Resolution::Happened)));
    assert_eq!((record.resolved_by.as_deref(), record.note.as_deref()), (Some("ops"), Some("looked")));
    assert_eq!(end(&*ledger, &lease, done(LONG)).await, Completed::Overtaken);
}

/// Free keys, lapsed claims and completed calls have nothing to resolve.
pub async fn only_unknown_outcomes_are_resolved(ledger: Arc<dyn Ledger>) {
    assert_eq!(resolve(&*ledger, Resolution::Happened).await, Resolved::NotUnknown);
    let lease = acquire(&*ledger, "k", "e-1", SHORT).await;
    lapse().await;
    assert_eq!(resolve(&*ledger, Resolution::Happened).await, Resolved::NotUnknown);
    marked(&*ledger, &lease).await;
    assert_eq!(end(&*ledger, &lease, done(LONG)).await, Completed::Kept);
    assert_eq!(resolve(&*ledger, Resolution::DidNotHappen).await, Resolved::NotUnknown);
    assert!(matches!(claim(&*ledger, "k", "e-1", LONG).await, Claim::Recorded(_)));
}

/// In the order of the bytes of scope and key, whatever the store's collation.
pub async fn unknown_calls_are_listed_in_pages(ledger: Arc<dyn Ledger>) {
    let scopes = ["A", "B", "a"].map(|name| Scope::new(name).expect("a scope"));
    let mut all = Vec::new();
    for scope in &scopes {
        for name in ["K", "_", "a", "k-1", "k1"] {
            lost(&*ledger, (scope, name)).await;
            all.push((scope.as_str().to_owned(), name.to_owned()));
        }
    }
    assert!(matches!(ask(&*ledger, (&scopes[0], "running"), "e-1", LONG).await, Claim::Acquired(_)));
    let names = |calls: &[UnresolvedCall]| -> Vec<_> {
        calls.iter().map(|call| (call.scope.to_string(), call.key.to_string())).collect()
    };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = ledger.unresolved(None, after.as_ref(), 4).await.expect("a page");
        assert!(page.len() <= 4);
        let Some(last) = page.last() else { break };
        after = Some(last.cursor());
        found.extend(names(&page));
    }
    assert_eq!(found, all);
    assert_eq!(names(&list(&*ledger, Some(&scopes[1])).await), all[5..10]);
}

/// For a person who asks about one key.
pub async fn a_record_shows_the_state_of_its_key(ledger: Arc<dyn Ledger>) {
    let find = async || find(&*ledger).await;
    assert!(find().await.is_none());
    let lease = acquire(&*ledger, "k", "e-1", LONG).await;
    let record = find().await.expect("a record");
    assert_eq!((record.state, record.effect), (CallState::Claimed, None));
    assert!(record.running_for.is_some() && !record.is_unknown());
    assert_eq!(record.about, CallAbout::of("acme", Some("sales"), &call("e-1")));
    marked(&*ledger, &lease).await;
    let record = find().await.expect("a record");
    assert_eq!((record.state, record.effect), (CallState::InFlight, Some(Effect::Notifies)));
    assert!(record.running_for.is_some() && !record.is_unknown());
    assert_eq!(end(&*ledger, &lease, unknown()).await, Completed::Kept);
    let record = find().await.expect("a record");
    assert!(record.is_unknown() && record.error.is_some(), "{record:?}");
    assert_eq!(end(&*ledger, &lease, done(LONG)).await, Completed::Kept);
    let record = find().await.expect("a record");
    assert_eq!((record.state, record.running_for), (CallState::Completed, None));
}

/// Quotes, letters of any script, and the longest keys and scopes.
pub async fn any_text_is_kept_as_it_is(ledger: Arc<dyn Ledger>) {
    let odd = "'; drop table call; --\" \u{e9}\u{4e2d}\u{1f600}%_\\";
    let scopes = [odd.to_owned(), "s".repeat(Scope::MAX)].map(|text| Scope::new(text).expect("a scope"));
    let keys = ["'\";--%_\\$1?".to_owned(), "k".repeat(128)];
    for (scope, name) in scopes.iter().zip(&keys) {
        let text = || odd.to_owned();
        let about = CallAbout {
            operation: Operation::CreateView,
            vendor: text(),
            account: Some(text()),
            envelope: text(),
            recipient: Some(text()),
        };
        let request = CanonicalRequest::of("acme", None, &call("e-1"));
        let key = key(name);
        let ask = Ask::new(scope, &key, &request, LONG, &about);
        let Claim::Acquired(lease) = ledger.claim(&ask).await.expect("a claim") else { panic!("a free key") };
        marked(&*ledger, &lease).await;
        assert_eq!(end(&*ledger, &lease, unknown()).await, Completed::Kept);
        let listed = list(&*ledger, Some(scope)).await;
        let [one] = listed.as_slice() else { panic!("{listed:?}") };
        assert_eq!((&one.scope, &one.key, &one.about), (scope, &key, &about));
        let found = Resolution::Happened;
        let resolved = ledger
            .resolve(&Finding { scope, key: &key, found, by: odd, note: odd })
            .await
            .expect("an answer");
        assert_eq!(resolved, Resolved::Changed);
        let record = ledger.find(scope, &key).await.expect("an answer").expect("a record");
        assert_eq!((record.resolved_by.as_deref(), record.note.as_deref()), (Some(odd), Some(odd)));
    }
}
