//! What every store of sign-ins in progress has to do.

use std::sync::Arc;

use countersign_core::PendingSignIn;
use countersign_core::store::{PendingSignIns, Scope};

use super::{LONG, SHORT, at_once, eventually, scope};

/// Made from its stored form, so that no vendor is needed.
fn pending(state: &str) -> PendingSignIn {
    let text = format!(
        r#"{{"v":1,"url":"https://acme.example/authorize?state={state}","redirect_uri":"https://app.example/back","state":"{state}","verifier":"v-{state}"}}"#
    );
    PendingSignIn::from_bytes(text.as_bytes()).expect("a sign-in")
}

/// By any process, but only by one.
pub async fn a_sign_in_is_taken_once_and_comes_back_whole(store: Arc<dyn PendingSignIns>) {
    let (one, other) = (pending("s3cret-1"), pending("s3cret-2"));
    for pending in [&one, &other] {
        store.put(&scope(), pending, LONG).await.expect("stored");
    }
    let handle = PendingSignIn::handle_in("code=c&state=s3cret-1").expect("a handle");
    let taken = store.take(&scope(), &handle).await.expect("an answer").expect("a sign-in");
    assert_eq!(taken.to_bytes(), one.to_bytes());
    assert!(taken.is_answered_by("code=c&state=s3cret-1"));
    assert!(store.take(&scope(), &handle).await.expect("an answer").is_none());
    assert!(store.take(&scope(), "unknown").await.expect("an answer").is_none());
    assert!(store.take(&scope(), &other.handle()).await.expect("an answer").is_some());
}

/// Taking it is one atomic step.
pub async fn of_many_simultaneous_returns_one_gets_the_sign_in(store: Arc<dyn PendingSignIns>) {
    let one = pending("s3cret");
    store.put(&scope(), &one, LONG).await.expect("stored");
    let taken = at_once(&store, |store, _| {
        let handle = one.handle();
        async move { store.take(&scope(), &handle).await.expect("an answer") }
    })
    .await;
    assert_eq!(taken.iter().flatten().count(), 1);
}

/// A user who comes back too late starts again.
pub async fn a_sign_in_is_not_kept_too_long(store: Arc<dyn PendingSignIns>) {
    eventually(async || {
        let one = pending("s3cret");
        store.put(&scope(), &one, SHORT).await.expect("stored");
        super::lapse().await;
        store.take(&scope(), &one.handle()).await.expect("an answer").is_none().then_some(())
    })
    .await;
}

/// The sign-in of another tenant is not found.
pub async fn scopes_separate_sign_ins(store: Arc<dyn PendingSignIns>) {
    let one = pending("s3cret");
    store.put(&scope(), &one, LONG).await.expect("stored");
    let other = Scope::new("other").expect("a scope");
    assert!(store.take(&other, &one.handle()).await.expect("an answer").is_none());
    assert!(store.take(&scope(), &one.handle()).await.expect("an answer").is_some());
}
