//! Several processes with one file, and processes that end in the middle.

use std::fs;

use countersign_core::Effect;
use countersign_core::auth::{StoredTokens, TokenStore};
use countersign_core::store::{CallState, Claim, InFlight, Ledger, Nonce, NonceStore};

use crate::support::{MINUTE, acquired, claim, folder, key, open, scope};

#[tokio::test]
async fn a_mark_is_in_the_file_when_it_was_accepted() {
    let folder = folder("crash");
    let store = open(&folder);
    let lease = acquired(claim(&store, "k-1", "1234", MINUTE).await);
    assert_eq!(store.mark_in_flight(&lease, Effect::Notifies).await.unwrap(), InFlight::Accepted);

    // The files as a killed process leaves them: nothing was closed.
    let after = crate::support::folder("crash-after");
    for file in ["state.key", "state.db", "state.db-wal"] {
        fs::copy(folder.join(file), after.join(file)).unwrap();
    }
    let found = open(&after).find(&scope("sales"), &key("k-1")).await.unwrap().unwrap();
    assert_eq!((found.state, found.effect), (CallState::InFlight, Some(Effect::Notifies)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_callers_in_several_processes_one_acquires_a_key() {
    let folder = folder("several");
    let stores: Vec<_> = (0..4).map(|_| open(&folder)).collect();
    for round in 0..20 {
        let calls = stores.iter().cycle().take(16).map(|store| {
            let (store, under) = (store.clone(), format!("k-{round}"));
            tokio::spawn(async move {
                let won = matches!(claim(&store, &under, "1234", MINUTE).await, Claim::Acquired(_));
                let mut nonce = [0; 12];
                nonce[0] = round;
                let first = NonceStore::claim(&store, Nonce::from_bytes(nonce), MINUTE).await.unwrap();
                (won, first)
            })
        });
        let (mut won, mut first) = (0, 0);
        for call in calls.collect::<Vec<_>>() {
            let result = call.await.unwrap();
            won += usize::from(result.0);
            first += usize::from(result.1);
        }
        assert_eq!((won, first), (1, 1), "round {round}");
    }
}

#[tokio::test]
async fn what_a_dropped_call_left_is_written_before_the_last_handle_is_gone() {
    let folder = folder("abandon");
    let store = open(&folder);
    let lease = acquired(claim(&store, "k-1", "1234", MINUTE).await);
    let marked = acquired(claim(&store, "k-2", "1234", MINUTE).await);
    assert_eq!(store.mark_in_flight(&marked, Effect::Notifies).await.unwrap(), InFlight::Accepted);
    store.abandon(lease, false);
    store.abandon(marked, true);
    drop(store);

    let store = open(&folder);
    assert!(store.find(&scope("sales"), &key("k-1")).await.unwrap().is_none());
    assert!(store.find(&scope("sales"), &key("k-2")).await.unwrap().unwrap().is_unknown());
}

#[tokio::test]
async fn two_builds_and_two_processes_agree_on_a_request() {
    let folder = folder("agree");
    let (one, other) = (open(&folder), open(&folder));
    acquired(claim(&one, "k-1", "1234", MINUTE).await);
    assert!(matches!(claim(&other, "k-1", "1234", MINUTE).await, Claim::Running { .. }));
    assert!(matches!(claim(&other, "k-1", "4321", MINUTE).await, Claim::OtherRequest));
}

#[tokio::test]
async fn expired_rows_are_removed_from_the_file() {
    let folder = folder("tidy");
    drop(open(&folder));
    let connection = rusqlite::Connection::open(folder.join("state.db")).unwrap();
    let many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500) \
                insert into nonce (nonce, until) select cast(i as blob), 0 from n";
    connection.execute_batch(many).unwrap();
    let store = open(&folder);
    // After each call a thousand at most are removed, and the next one goes on while there are more.
    for byte in 1..=4 {
        assert!(NonceStore::claim(&store, Nonce::from_bytes([byte; 12]), MINUTE).await.unwrap());
    }
    let left: i64 = connection.query_row("select count(*) from nonce", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 4);
}

#[tokio::test]
async fn a_process_that_ends_after_it_has_saved_tokens_holds_nobody_up() {
    let store = open(&folder("saved"));
    let tokens = StoredTokens::new(
        "t".into(),
        "2026-01-01T00:00:00Z".parse().unwrap(),
        "2026-01-01T08:00:00Z".parse().unwrap(),
    );
    for _ in 0..2 {
        let lease = store.begin_renewal("a", MINUTE).await.unwrap().unwrap();
        std::mem::forget(lease);
        assert!(store.begin_renewal("a", MINUTE).await.unwrap().is_none());
        let version = store.load("a").await.unwrap().map(|(_, version)| version);
        store.save("a", &tokens, version).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_writes_in_its_turn_among_the_connections_of_its_process() {
    let folder = folder("turns");
    let (store, other) = (open(&folder), open(&folder));
    let turn = store.turns().take().await;
    let call = tokio::spawn({
        let store = store.clone();
        async move { claim(&store, "k-1", "1234", MINUTE).await }
    });
    // Time enough for a store that waits for no turn.
    for round in 2..20 {
        acquired(claim(&other, &format!("k-{round}"), "1234", MINUTE).await);
    }
    assert!(other.find(&scope("sales"), &key("k-1")).await.unwrap().is_none());
    drop(turn);
    acquired(call.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_removes_what_has_expired_in_its_turn() {
    let folder = folder("tidy-turn");
    drop(open(&folder));
    let connection = rusqlite::Connection::open(folder.join("state.db")).unwrap();
    let many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) \
                insert into nonce (nonce, until) select cast(i as blob), 0 from n";
    connection.execute_batch(many).unwrap();
    let store = open(&folder);
    assert!(NonceStore::claim(&store, Nonce::from_bytes([1; 12]), MINUTE).await.unwrap());
    let _turn = store.turns().take().await;
    let left: i64 = connection.query_row("select count(*) from nonce", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1, "nothing is written in the turn of another");
}
