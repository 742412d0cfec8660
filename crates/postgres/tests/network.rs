//! The network fails at a claim, a mark, the recording of a reply: the store reports an error in time, never accepts
//! a mark without knowing it, and works again as soon as the network does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_core::store::{
    Claim, Completed, Ending, Finding, InFlight, Ledger, Resolution, Resolved, StoredError, StoredReply,
};
use countersign_core::{Effect, Error, ErrorKind, Outcome, Resent};
use countersign_postgres::{Pooler, Postgres, PostgresOptions};
use countersign_testkit::servers::{Network, PgBouncer, PgServer, Proxy};
use support::{Example, options, vault};

const LEASE: Duration = Duration::from_secs(600);
const LIMIT: Duration = Duration::from_millis(400);

const FAULTS: [Network; 4] = [
    Network::Cut,
    Network::LosesRequests,
    Network::LosesAnswers,
    // The statement arrives after its caller has given up.
    Network::Delays(Duration::from_millis(600)),
];

/// A store behind a proxy, with a connection in its pool.
async fn store(proxy: &Proxy, url: &str, pooler: Pooler) -> Postgres {
    Postgres::migrate(&options(url)).await.unwrap();
    let options = PostgresOptions { timeout: LIMIT, pooler, ..options(&proxy.url(url)) };
    Postgres::connect(&options, vault()).await.unwrap()
}

/// The error of a call while the network fails. It arrives within the limit, and some seconds for a busy machine.
async fn failure<T>(call: impl Future<Output = countersign_core::Result<T>>) -> Error {
    let began = Instant::now();
    let Err(error) = call.await else { panic!("it succeeded") };
    assert!(began.elapsed() < LIMIT + Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unavailable, Outcome::NoEffect), "{error:?}");
    error
}

async fn claim(store: &Postgres, example: &Example) -> Claim {
    Ledger::claim(store, &example.ask(LEASE)).await.unwrap()
}

async fn lease(store: &Postgres, example: &Example) -> countersign_core::store::LedgerLease {
    match claim(store, example).await {
        Claim::Acquired(lease) => lease,
        other => panic!("{other:?}"),
    }
}

fn reply() -> Ending {
    Ending::Reply { reply: StoredReply::Resent(Resent::new(Vec::new())), keep: LEASE }
}

async fn every_fault_at_every_step(store: Postgres, proxy: Proxy) {
    for (number, fault) in FAULTS.into_iter().enumerate() {
        let example = |step: &str| Example::new(&format!("{step}-{number}"));

        // At the claim: the key is free, or claimed until the lease ends by a claim that no process holds.
        let key = example("claim");
        proxy.set(fault);
        failure(Ledger::claim(&store, &key.ask(LEASE))).await;
        proxy.set(Network::Works);
        match (fault, claim(&store, &key).await) {
            (Network::LosesAnswers | Network::Delays(_), Claim::Running { .. }) | (_, Claim::Acquired(_)) => {
            }
            (_, other) => panic!("{fault:?}: {other:?}"),
        }

        // At the mark: nothing may be sent. Whether the mark was stored or not, the holder can free the key.
        let key = example("mark");
        let held = lease(&store, &key).await;
        proxy.set(fault);
        failure(store.mark_in_flight(&held, Effect::Notifies)).await;
        proxy.set(Network::Works);
        store.release(&held).await.unwrap();
        let held = lease(&store, &key).await;
        assert_eq!(store.mark_in_flight(&held, Effect::Notifies).await.unwrap(), InFlight::Accepted);

        // At the recording of the reply: it can be repeated, and later calls get the reply.
        proxy.set(fault);
        failure(store.complete(&held, &reply())).await;
        proxy.set(Network::Works);
        assert_eq!(store.complete(&held, &reply()).await.unwrap(), Completed::Kept);
        assert!(matches!(claim(&store, &key).await, Claim::Recorded(StoredReply::Resent(_))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_of_the_network_gives_a_mark_that_is_not_known() {
    let Some(server) = PgServer::shared() else { return };
    let proxy = Proxy::start(server.port());
    let store = store(&proxy, &server.database(), Pooler::None).await;
    every_fault_at_every_step(store, proxy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_in_front_of_a_pooler() {
    let Some(server) = PgServer::shared() else { return };
    let Some(bouncer) = PgBouncer::start(server) else { return };
    let proxy = Proxy::start(bouncer.port());
    let store = store(&proxy, &server.database(), Pooler::Transaction).await;
    every_fault_at_every_step(store, proxy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_network_takes_time_and_nothing_else() {
    let Some(server) = PgServer::shared() else { return };
    let proxy = Proxy::start(server.port());
    let url = server.database();
    let store = store(&proxy, &url, Pooler::None).await;
    let delay = Duration::from_millis(20);
    proxy.set(Network::Delays(delay));
    let (key, began) = (Example::new("k"), Instant::now());
    let held = lease(&store, &key).await;
    assert_eq!(store.mark_in_flight(&held, Effect::Notifies).await.unwrap(), InFlight::Accepted);
    assert_eq!(store.complete(&held, &reply()).await.unwrap(), Completed::Kept);
    assert!(matches!(claim(&store, &key).await, Claim::Recorded(StoredReply::Resent(_))));
    assert!(began.elapsed() >= 4 * delay, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_nothing_does_not_use_up_the_time_of_the_next() {
    let Some(server) = PgServer::shared() else { return };
    let frozen = Proxy::start(server.port());
    frozen.set(Network::LosesRequests);
    let url = server.database();
    let both = url.replace("127.0.0.1:", &format!("127.0.0.1:{},127.0.0.1:", frozen.port()));
    let options = PostgresOptions { timeout: Duration::from_secs(2), ..options(&both) };
    Postgres::migrate(&options).await.unwrap();
    let store = Postgres::connect(&options, vault()).await.unwrap();
    // The second server is remembered: no further connection tries the first.
    let tried = frozen.connections();
    assert!(tried > 0);
    let all: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { drop(claim(&store, &Example::new(&format!("k-{number}"))).await) })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    assert_eq!(frozen.connections(), tried);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_frozen_connection_is_enough_to_leave_all_that_are_open() {
    let Some(server) = PgServer::shared() else { return };
    let proxy = Proxy::start(server.port());
    let store = store(&proxy, &server.database(), Pooler::None).await;
    let all: Vec<_> = (0..8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { drop(claim(&store, &Example::new(&format!("k-{number}"))).await) })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    assert!(proxy.connections() > 2, "{}", proxy.connections());
    proxy.freeze_open();
    failure(Ledger::claim(&store, &Example::new("frozen").ask(LEASE))).await;
    assert!(matches!(claim(&store, &Example::new("new")).await, Claim::Acquired(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_dropped_does_not_disturb_the_next() {
    let Some(server) = PgServer::shared() else { return };
    let proxy = Proxy::start(server.port());
    let url = server.database();
    Postgres::migrate(&options(&url)).await.unwrap();
    let store =
        Postgres::connect(&PostgresOptions { pool: 1, ..options(&proxy.url(&url)) }, vault()).await.unwrap();
    drop(claim(&store, &Example::new("k")).await);

    proxy.set(Network::LosesAnswers);
    let dropped = tokio::spawn({
        let store = store.clone();
        async move { Ledger::claim(&store, &Example::new("dropped").ask(LEASE)).await }
    });
    // It has reached the server, and waits for an answer that is lost.
    while server.run(&url, "select count(*) from call where key = 'dropped'") == "0" {
        tokio::task::yield_now().await;
    }
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    proxy.set(Network::Works);
    assert!(matches!(claim(&store, &Example::new("k")).await, Claim::Running { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_the_standby_may_not_have_is_no_accepted_mark() {
    let Some(server) = PgServer::start() else { return };
    let Some(bouncer) = PgBouncer::start(&server) else { return };
    let url = server.database();
    let mut held = Vec::new();
    for options in [
        options(&url),
        PostgresOptions { pooler: Pooler::Transaction, ..options(&bouncer.url(&server.database())) },
    ] {
        Postgres::migrate(&options).await.unwrap();
        let store = Postgres::connect(&options, vault()).await.unwrap();
        let lease = lease(&store, &Example::new("k")).await;
        held.push((store, lease));
    }

    // From now on, every commit waits for a standby that does not exist.
    server.run(&url, "alter system set synchronous_standby_names = 'nobody'");
    server.run(&url, "select pg_reload_conf()");
    // An operator cancels the wait. The server then reports success, with a warning.
    let cancel = "select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'SyncRep'";
    for (store, lease) in held {
        let lease = Arc::new(lease);
        let error = loop {
            let (store, lease) = (store.clone(), Arc::clone(&lease));
            let marking = tokio::spawn(async move { store.mark_in_flight(&lease, Effect::Notifies).await });
            let mut cancelled = false;
            while !marking.is_finished() {
                cancelled |= server.run(&url, cancel) != "0";
            }
            match marking.await.unwrap() {
                Err(error) => break error,
                // Until the server has read its settings, it does not wait.
                Ok(marked) => assert!(!cancelled, "{marked:?}"),
            }
        };
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unavailable, Outcome::NoEffect), "{error:?}");
        assert!(error.message().contains("lost"), "not by the store's own limit: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_become_a_standby_is_left() {
    let Some(server) = PgServer::start() else { return };
    let url = server.database();
    Postgres::migrate(&options(&url)).await.unwrap();
    let store = Postgres::connect(&options(&url), vault()).await.unwrap();
    let example = Example::new("k");

    server.run(&url, "alter system set default_transaction_read_only = on");
    server.run(&url, "select pg_reload_conf()");
    let error = loop {
        match Ledger::claim(&store, &example.ask(LEASE)).await {
            Ok(claim) => drop(claim),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    let error = Ledger::claim(&store, &example.ask(LEASE)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "no server accepts writes: {error:?}");

    server.run(&url, "alter system reset default_transaction_read_only");
    server.run(&url, "select pg_reload_conf()");
    while Ledger::claim(&store, &example.ask(LEASE)).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_is_not_configured_is_named() {
    let Some(server) = PgServer::shared() else { return };
    let Some(bouncer) = PgBouncer::start(server) else { return };
    let url = bouncer.url(&server.database());
    Postgres::migrate(&PostgresOptions { pooler: Pooler::Transaction, ..options(&url) }).await.unwrap();
    let error = Postgres::connect(&options(&url), vault()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
    assert!(error.hint().contains("Pooler::Transaction"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_an_unknown_outcome_can_be_repeated() {
    let Some(server) = PgServer::shared() else { return };
    let proxy = Proxy::start(server.port());
    let store = store(&proxy, &server.database(), Pooler::None).await;
    let example = Example::new("k");
    let held = lease(&store, &example).await;
    assert_eq!(store.mark_in_flight(&held, Effect::Notifies).await.unwrap(), InFlight::Accepted);
    let unknown = Ending::Unknown(StoredError::from(&Error::new(ErrorKind::Timeout, "no answer")));
    proxy.set(Network::LosesAnswers);
    failure(store.complete(&held, &unknown)).await;
    proxy.set(Network::Works);
    assert_eq!(store.complete(&held, &unknown).await.unwrap(), Completed::Kept);
    assert!(matches!(claim(&store, &example).await, Claim::Unknown(Some(_))));
    let resolved = store
        .resolve(&Finding {
            scope: &example.scope,
            key: &example.key,
            found: Resolution::DidNotHappen,
            by: "ana",
            note: "not in the outbox",
        })
        .await;
    assert_eq!(resolved.unwrap(), Resolved::Changed);
    assert!(matches!(claim(&store, &example).await, Claim::Acquired(_)));
}
