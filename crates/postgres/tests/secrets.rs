//! What the database and its log contain: nothing secret or personal in clear, hexadecimal or base64.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use countersign_postgres::Postgres;
use countersign_testkit::servers::PgServer;
use countersign_testkit::stores::planted::{found_in, plant};
use support::{options, vault};

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_database_nor_its_log_contains_a_secret() {
    let Some(server) = PgServer::start() else { return };
    let url = server.database();
    Postgres::migrate(&options(&url)).await.unwrap();
    let store = Postgres::connect(&options(&url), vault()).await.unwrap();
    server.switch_log();
    plant(&store).await;

    let (dump, log) = (server.dump(&url), server.log());
    // The search finds what is there: the envelope is neither secret nor personal.
    assert!(dump.contains("'e-1'") && String::from_utf8_lossy(&log).contains("e-1"));
    assert_eq!(found_in(dump.as_bytes()), Vec::<&str>::new(), "in the dump");
    assert_eq!(found_in(&log), Vec::<&str>::new(), "in the log");
}
