//! The tests that reach the state, on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]
#![allow(dead_code, reason = "some of what the tests share is for tests that reach no state")]

mod accounts;
mod admin;
mod auth;
mod document;
mod door;
mod endpoints;
mod erasure;
mod events;
mod figures;
mod hanging;
mod hold;
mod kept;
mod keys;
mod operations;
mod problems;
mod program;
mod reconcile;
mod replicas;
mod reports;
mod retention;
mod returns;
mod secrets;
mod sign_ins;
mod slow_answers;
mod support;
mod tenants;

use countersign_gateway::{Gateway, Options};
use countersign_testkit::servers::{PgBouncer, PgServer};
use support::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_tenants_are_hidden_from_statements_that_name_none() {
    let stage = Stage::new().await;
    let Some(server) = PgServer::shared() else { return };
    let url = stage.row("select format('postgres://tenant_naming@127.0.0.1:%s/%s', current_setting('port'), current_database())");
    let tables = stage.row("select string_agg(quote_ident(relname), ' ') from pg_class where relrowsecurity");
    for table in ["gateway_tenant", "gateway_account", "call", "token", "sealing_key"] {
        assert!(tables.split(' ').any(|found| found == table), "{table} is not in {tables}");
    }
    let accounts = |tenant: &str| {
        let named = format!("set countersign.tenant = '{tenant}'; select count(*) > 0 from gateway_account");
        server.run(&url, &named)
    };
    let tenant = stage.row("select id from gateway_tenant");
    assert_eq!([accounts(""), accounts("ten_other"), accounts(&tenant), accounts("*")], ["f", "f", "t", "t"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_of_the_tables_may_have_any_name_and_need_not_stay_the_first_of_the_search_path() {
    let stage = Stage::new().await;
    let Some(server) = PgServer::shared() else { return };
    let url = server.database();
    let name = url.rsplit('/').next().unwrap();
    server.run(&url, "create schema \"Gate Way\"");
    server.run(&url, &format!("alter database {name} set search_path = \"$user\", \"Gate Way\""));
    let state = url.parse::<countersign_gateway::State>().unwrap();
    let options = Options::new(state, vec![stage.dev.folder().join("state.key")]);
    Gateway::open(&options).await.unwrap().directory().add_tenant("acme").await.unwrap();
    let hidden = "select relrowsecurity from pg_class where relname = 'gateway_tenant'";
    assert_eq!(server.run(&url, hidden), "t");

    // As the step before the last one left it, in a database with a schema that comes first.
    let undo = "alter table gateway_tenant drop column hold_began_at, drop column hold_ended_at; \
        alter table gateway_call drop column found_free_at; delete from gateway_schema_step where number = 8";
    server.run(&url, undo);
    server.run(&url, "create schema postgres");
    let gateway = Gateway::open(&options).await.unwrap();
    assert_eq!(gateway.directory().tenants().await.unwrap().len(), 1);
    let schemas =
        "select string_agg(distinct schemaname, ' ') from pg_tables where schemaname !~ '^(pg_|information)'";
    assert_eq!(server.run(&url, schemas), "Gate Way");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_on_an_empty_database_all_start() {
    let stage = Stage::new().await;
    let Some(server) = PgServer::shared() else { return };
    let options = Options::new(
        server.database().parse::<countersign_gateway::State>().unwrap(),
        vec![stage.dev.folder().join("state.key")],
    );
    let opening = (0..4).map(|_| {
        let options = options.clone();
        tokio::spawn(async move { Gateway::open(&options).await.map(drop) })
    });
    for opened in opening.collect::<Vec<_>>() {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_clock_is_far_from_the_databases_is_not_ready() {
    let stage = Stage::new().await;
    if PgServer::shared().is_none() {
        return;
    }
    stage.row(
        "create or replace function now_us() returns bigint language sql stable as \
        'select (extract(epoch from statement_timestamp()) * 1000000)::bigint + 180000000'",
    );
    let problem = stage.bare("GET", "/readyz").send().await.problem(503, "not_ready");
    assert!(problem["detail"].as_str().unwrap().contains("seconds away"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_works_behind_a_pooler_in_transaction_mode() {
    let stage = Stage::new().await;
    let Some(server) = PgServer::shared() else { return };
    let Some(bouncer) = PgBouncer::start(server) else { return };
    let state = bouncer.url(&server.database()).parse::<countersign_gateway::State>().unwrap();
    let options = Options::new(state.behind_pooler(), vec![stage.dev.folder().join("state.key")]);
    let gateway = Gateway::open(&options).await.unwrap();
    let directory = gateway.directory();
    let adding = (0..24).map(|number| {
        let directory = directory.clone();
        tokio::spawn(async move { directory.add_tenant(&format!("tenant-{number}")).await })
    });
    for added in adding.collect::<Vec<_>>() {
        added.await.unwrap().unwrap();
    }
    assert_eq!(directory.tenants().await.unwrap().len(), 24);
}
