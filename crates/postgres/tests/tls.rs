//! TLS to a real server: certificate and name are checked.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use countersign_core::ErrorKind;
use countersign_postgres::Postgres;
use countersign_testkit::servers::PgServer;
use support::{options, vault};

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_and_the_name_of_the_server_are_checked() {
    let Some(server) = PgServer::start() else { return };
    let authority = server.enable_tls();
    let database = server.database();
    let by_name = database.replace("127.0.0.1", "localhost");
    let authority = format!("sslmode=verify-full&sslrootcert={}", authority.display());

    let trusted = options(&format!("{by_name}?{authority}"));
    Postgres::migrate(&trusted).await.unwrap();
    let store = Postgres::connect(&trusted, vault()).await.unwrap();
    store.check().await.unwrap();
    let encrypted = server.run(&database, "select count(*) from pg_stat_ssl where ssl");
    assert_ne!(encrypted, "0");

    // Another authority than the system's, and another name than the certificate's.
    let refused = [format!("{by_name}?sslmode=verify-full"), format!("{database}?{authority}")];
    for url in refused {
        let error = Postgres::connect(&options(&url), vault()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
        assert!(error.hint().contains("sslrootcert"), "{error:?}");
    }
}
