//! Three processes on a cluster of PostgreSQL servers whose leader is killed, and suspended. `tests/failover/run`
//! starts the cluster and this test.

use std::sync::Arc;

use countersign_sandbox::Vendor;
use tokio_postgres::NoTls;

use crate::figures::Figures;
use crate::processes::{rounds, setup};
use crate::round::Round;
use crate::said::{Caller, Setup};
use crate::trouble::{Operator, Trouble};

const KEYS: usize = 900;

/// A new database of the cluster.
async fn database(cluster: &str, number: u64) -> String {
    let (client, connection) = tokio_postgres::connect(cluster, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("create database round{number}")).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    cluster.replace("/postgres?", &format!("/round{number}?"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "tests/failover/run starts it, with a cluster"]
async fn a_failover_doubles_no_mail() {
    let cluster = std::env::var("COUNTERSIGN_TEST_CLUSTER").expect("the URL of a cluster");
    let trouble = Trouble::Failovers(Arc::new(Operator::new()));
    let mut all = Figures::default();
    let rounds = rounds(1);
    // With clients, and with gateways over HTTP.
    for seed in 0..rounds * 2 {
        let gateway = (seed % 2 == 1).then(Caller::default);
        let setup = Setup { gateway, ..setup(database(&cluster, seed).await, true).await };
        let result = Round::prepare(setup, KEYS, Vendor::all()).await.play(&trouble, seed).await;
        all.add(&result.figures);
        println!("round {seed}: {}", result.figures);
        assert!(result.wrong.is_empty(), "round {seed}: {:#?}", result.wrong);
    }
    println!("{rounds} rounds of each: {all}");
}
