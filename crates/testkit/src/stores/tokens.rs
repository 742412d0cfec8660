//! What every store of tokens has to do.

use std::sync::Arc;

use countersign_core::{ExposeSecret, StoredTokens, Timestamp, TokenSave, TokenStore, TokenVersion};

use super::{LONG, SHORT, at_once, eventually};

fn tokens(access: &str) -> StoredTokens {
    let obtained: Timestamp = "2026-01-01T09:30:00.25Z".parse().expect("a time");
    let expires = obtained + LONG;
    StoredTokens::new(access.into(), obtained, expires).with_refresh_token(Some(format!("r-{access}").into()))
}

async fn save(store: &dyn TokenStore, access: &str, expected: Option<TokenVersion>) -> TokenSave {
    store.save("a", &tokens(access), expected).await.expect("an answer")
}

async fn kept(store: &dyn TokenStore, access: &str, expected: Option<TokenVersion>) -> TokenVersion {
    match save(store, access, expected).await {
        TokenSave::Kept(version) => version,
        TokenSave::Overtaken(there) => panic!("{there:?}"),
    }
}

/// With their times, and with or without a refresh token.
pub async fn tokens_are_read_back_with_their_version(store: Arc<dyn TokenStore>) {
    assert!(store.load("a").await.expect("an answer").is_none());
    let version = kept(&*store, "one", None).await;
    let (read, its) = store.load("a").await.expect("an answer").expect("tokens");
    assert_eq!(its, version);
    let written = tokens("one");
    assert_eq!((read.obtained_at, read.expires_at), (written.obtained_at, written.expires_at));
    assert_eq!(read.access_token.expose_secret(), "one");
    assert_eq!(read.refresh_token.expect("a refresh token").expose_secret(), "r-one");
    assert!(store.load("b").await.expect("an answer").is_none());
    store.save("b", &tokens("two").with_refresh_token(None), None).await.expect("saved");
    let (read, _) = store.load("b").await.expect("an answer").expect("tokens");
    assert!(read.refresh_token.is_none());
    store.remove("a").await.expect("removed");
    assert!(store.load("a").await.expect("an answer").is_none());
}

/// A late save does not replace newer tokens.
pub async fn tokens_are_replaced_only_by_those_who_have_seen_them(store: Arc<dyn TokenStore>) {
    let first = kept(&*store, "one", None).await;
    let second = kept(&*store, "two", Some(first)).await;
    let TokenSave::Overtaken(Some((there, version))) = save(&*store, "late", Some(first)).await else {
        panic!("overtaken")
    };
    assert_eq!((there.access_token.expose_secret(), version), ("two", second));
    // A sign-in replaces any tokens.
    let third = kept(&*store, "three", None).await;
    store.remove("a").await.expect("removed");
    assert!(matches!(save(&*store, "late", Some(third)).await, TokenSave::Overtaken(None)));
}

/// Compared and replaced in one atomic step.
pub async fn of_many_simultaneous_saves_of_one_version_one_is_kept(store: Arc<dyn TokenStore>) {
    let first = kept(&*store, "one", None).await;
    let saves =
        at_once(
            &store,
            |store, number| async move { save(&*store, &format!("t-{number}"), Some(first)).await },
        )
        .await;
    assert_eq!(saves.iter().filter(|save| matches!(save, TokenSave::Kept(_))).count(), 1);
}

/// Not even after the tokens were removed.
pub async fn no_version_is_used_twice(store: Arc<dyn TokenStore>) {
    let mut versions = Vec::new();
    for _ in 0..3 {
        versions.push(kept(&*store, "one", None).await);
        store.remove("a").await.expect("removed");
    }
    versions.dedup();
    assert_eq!(versions.len(), 3);
}

/// One of many callers renews the tokens of a key.
pub async fn one_at_a_time_renews(store: Arc<dyn TokenStore>) {
    let leases =
        at_once(&store, |store, _| async move { store.begin_renewal("a", LONG).await.expect("an answer") })
            .await;
    assert_eq!(leases.iter().flatten().count(), 1);
    assert!(store.begin_renewal("b", LONG).await.expect("an answer").is_some(), "another key");
}

/// And a late drop does not end the lease of the next one.
pub async fn a_lease_ends_when_it_is_dropped_or_over(store: Arc<dyn TokenStore>) {
    let next = async || store.begin_renewal("a", LONG).await.expect("an answer");
    let dropped = next().await.expect("a lease");
    let number = dropped.fencing_token();
    drop(dropped);
    let again = eventually(next).await;
    assert!(again.fencing_token() > number);
    drop(again);
    let late = eventually(async || store.begin_renewal("a", SHORT).await.expect("an answer")).await;
    let _held = eventually(next).await;
    drop(late);
    assert!(next().await.is_none(), "a late drop ended the lease of another");
}
