//! What every token store has to do, over the one in memory and the one in files.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use countersign::Timestamp;
use countersign::auth::{
    FileTokenStore, MemoryTokenStore, StoredTokens, TokenSave, TokenStore, TokenVersion,
};
use countersign::secrecy::ExposeSecret;

const MINUTE: Duration = Duration::from_secs(60);

fn stores(name: &str) -> [Arc<dyn TokenStore>; 2] {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("stores-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    [Arc::new(MemoryTokenStore::new()), Arc::new(FileTokenStore::new(Some(folder)))]
}

fn tokens(access: &str) -> StoredTokens {
    let now: Timestamp = "2026-01-01T09:30:00Z".parse().unwrap();
    StoredTokens::new(access.into(), now, now + Duration::from_secs(3600))
}

async fn kept(store: &dyn TokenStore, access: &str, expected: Option<TokenVersion>) -> TokenVersion {
    match store.save("a", &tokens(access), expected).await.unwrap() {
        TokenSave::Kept(version) => version,
        TokenSave::Overtaken(there) => panic!("{there:?}"),
    }
}

async fn stored(store: &dyn TokenStore) -> Option<(String, TokenVersion)> {
    let found = store.load("a").await.unwrap();
    found.map(|(tokens, version)| (tokens.access_token.expose_secret().to_owned(), version))
}

#[tokio::test]
async fn tokens_are_replaced_by_those_who_know_them() {
    for store in stores("versions") {
        let store = store.as_ref();
        let first = kept(store, "one", None).await;
        let second = kept(store, "two", Some(first)).await;
        assert_ne!(first, second);
        match store.save("a", &tokens("late"), Some(first)).await.unwrap() {
            TokenSave::Overtaken(Some((there, version))) => {
                assert_eq!((there.access_token.expose_secret(), version), ("two", second));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(stored(store).await, Some(("two".to_owned(), second)));
        // Who signs in anew need not know what is there.
        let third = kept(store, "three", None).await;
        store.remove("a").await.unwrap();
        assert!(matches!(
            store.save("a", &tokens("late"), Some(third)).await.unwrap(),
            TokenSave::Overtaken(None)
        ));
        assert_eq!(stored(store).await, None);
        let fourth = kept(store, "four", None).await;
        assert!(![first, second, third].contains(&fourth), "no version comes twice");
    }
}

#[tokio::test]
async fn one_at_a_time_renews_each_key() {
    for store in stores("leases") {
        kept(store.as_ref(), "one", None).await;
        let first = store.begin_renewal("a", MINUTE).await.unwrap().unwrap();
        assert!(store.begin_renewal("a", MINUTE).await.unwrap().is_none());
        assert!(store.begin_renewal("b", MINUTE).await.unwrap().is_some(), "another key");
        let number = first.fencing_token();
        drop(first);
        let second = store.begin_renewal("a", MINUTE).await.unwrap().unwrap();
        assert!(second.fencing_token() > number);
    }
}

#[tokio::test]
async fn a_lease_that_has_run_out_harms_no_later_one() {
    for store in stores("over") {
        kept(store.as_ref(), "one", None).await;
        let first = store.begin_renewal("a", Duration::ZERO).await.unwrap().unwrap();
        let second = loop {
            // In files a task of the runtime ends the lease.
            tokio::task::yield_now().await;
            if let Some(second) = store.begin_renewal("a", MINUTE).await.unwrap() {
                break second;
            }
        };
        drop(first);
        assert!(store.begin_renewal("a", MINUTE).await.unwrap().is_none());
        drop(second);
        assert!(store.begin_renewal("a", MINUTE).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_save_at_once_over_one_version_one_is_kept() {
    for store in stores("race") {
        let version = kept(store.as_ref(), "one", None).await;
        let tasks: Vec<_> = (0..20)
            .map(|number| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let saved =
                        store.save("a", &tokens(&format!("new-{number}")), Some(version)).await.unwrap();
                    matches!(saved, TokenSave::Kept(_))
                })
            })
            .collect();
        let mut winners = 0;
        for task in tasks {
            winners += usize::from(task.await.unwrap());
        }
        assert_eq!(winners, 1);
    }
}
