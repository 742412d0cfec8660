//! The tables: made by many processes at once, changed by steps that never change themselves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod support;

use std::time::Duration;

use countersign_core::ErrorKind;
use countersign_core::store::{Claim, Ledger as _};
use countersign_postgres::{Pooler, Postgres, PostgresOptions};
use countersign_testkit::servers::{PgBouncer, PgServer};
use support::{Example, TENANT_NAMING, options, vault};

#[tokio::test(flavor = "multi_thread")]
async fn many_processes_may_make_the_tables_at_once() {
    let Some(server) = PgServer::shared() else { return };
    let Some(bouncer) = PgBouncer::start(server) else { return };
    let url = server.database();
    let behind = PostgresOptions { pooler: Pooler::Transaction, ..options(&bouncer.url(&url)) };
    let all: Vec<_> = (0..8)
        .map(|number| {
            let options = if number % 2 == 0 { options(&url) } else { behind.clone() };
            tokio::spawn(async move { Postgres::migrate(&options).await })
        })
        .collect();
    let mut steps = Vec::new();
    for one in all {
        steps.push(one.await.unwrap().unwrap().before);
    }
    steps.sort_unstable();
    assert_eq!(steps, [0, 2, 2, 2, 2, 2, 2, 2]);
    Postgres::connect(&behind, vault()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_its_tables_names_the_remedy() {
    let Some(server) = PgServer::shared() else { return };
    let options = options(&server.database());
    let error = Postgres::connect(&options, vault()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.hint().contains("Postgres::migrate"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_another_build_are_refused_and_those_of_a_newer_one_are_not() {
    let Some(server) = PgServer::shared() else { return };
    let url = server.database();
    Postgres::migrate(&options(&url)).await.unwrap();

    // A newer version has added a step: the earlier one goes on working beside it.
    server.run(&url, "insert into schema_step (number, sha256) values (1000, '\\x00')");
    Postgres::connect(&options(&url), vault()).await.unwrap();
    let migrated = Postgres::migrate(&options(&url)).await.unwrap();
    assert_eq!((migrated.before, migrated.now), (2, 2));

    server.run(&url, "update schema_step set sha256 = '\\x00' where number = 1");
    for error in [
        Postgres::connect(&options(&url), vault()).await.unwrap_err(),
        Postgres::migrate(&options(&url)).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("another form"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_wait_for_the_standby_or_the_server_is_refused() {
    let Some(server) = PgServer::shared() else { return };
    let Some(bouncer) = PgBouncer::start(server) else { return };
    for weak in ["off", "local"] {
        let url = server.database();
        Postgres::migrate(&options(&url)).await.unwrap();
        let name = url.rsplit('/').next().unwrap();
        server.run(&url, &format!("alter database {name} set synchronous_commit = {weak}"));
        // A connection of the store's own gets what it needs, unless the URL says otherwise.
        Postgres::connect(&options(&url), vault()).await.unwrap();
        let asked_for = options(&format!("{url}?options=-c%20synchronous_commit%3D{weak}"));
        // Behind a pooler, nothing can be set on a connection.
        let pooled = PostgresOptions { pooler: Pooler::Transaction, ..options(&bouncer.url(&url)) };
        for refused in [asked_for, pooled] {
            let error = Postgres::connect(&refused, vault()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{weak}: {error:?}");
            assert!(error.hint().contains("synchronous_commit"), "{error:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_does_not_own_the_tables_sees_the_rows_of_the_tenant_that_is_named() {
    let Some(server) = PgServer::shared() else { return };
    let url = server.database();
    Postgres::migrate(&options(&url)).await.unwrap();
    server.run(&url, TENANT_NAMING);
    let other = url.replace("postgres@", "tenant_naming@");
    let store = Postgres::connect(&options(&other), vault()).await.unwrap();
    let example = Example::new("k-1");
    let claim = store.claim(&example.ask(Duration::from_secs(60))).await.unwrap();
    assert!(matches!(claim, Claim::Acquired(_)), "{claim:?}");

    let open = "select string_agg(relname, ' ' order by relname) from pg_class \
        where relkind = 'r' and relnamespace = 'public'::regnamespace and not relrowsecurity";
    assert_eq!(server.run(&url, open), "nonce schema_step", "what belongs to no tenant");
    let seen = |tenant: &str, table: &str| {
        server.run(&other, &format!("set countersign.tenant = '{tenant}'; select count(*) from {table}"))
    };
    for table in ["call", "sealing_key"] {
        assert_eq!(server.run(&other, &format!("select count(*) from {table}")), "0", "{table}");
        assert_eq!([seen("", table), seen("support", table)], ["0", "0"], "{table}");
        assert_ne!(seen("sales", table), "0", "{table}");
        assert_eq!(seen("sales", table), seen("*", table), "{table}");
    }
    for (table, column, insert) in [
        (
            "call",
            "scope",
            "call (key, state, fencing_token, lease_until, fingerprint, operation, vendor, envelope, scope) \
            values ('k', 'claimed', 1, now(), '', '', '', ''",
        ),
        ("sealing_key", "scope", "sealing_key (purpose, key_id, sealed, scope) values ('seal', '', ''"),
        ("token", "key", "token (version, key) values (1"),
        ("seen", "account", "seen (notification, fencing_token, lease_until, account) values ('n', 1, now()"),
        ("reading", "scope", "reading (envelope, read_at, scope) values ('e', now()"),
        ("sign_in", "scope", "sign_in (handle, sealed, until, scope) values ('h', '', now()"),
        ("envelope_owner", "scope", "envelope_owner (envelope, account, scope) values ('e', ''"),
    ] {
        // As its owner sees it, the row is there only if the tenant that was named is that of the row.
        for (named, whose, count) in
            [("support", "lent/a", "0"), ("lent", "lent/a", "1"), ("lent", "lentil", "0")]
        {
            let insert = format!(
                "do $$ begin perform set_config('countersign.tenant', '{named}', true); insert into {insert}, '{whose}'); \
                 exception when insufficient_privilege then perform set_config('test.refused', 'yes', false); end $$; \
                 select coalesce(current_setting('test.refused', true), 'no')"
            );
            let refused = server.run(&other, &insert) == "yes";
            let there = server.run(&url, &format!("select count(*) from {table} where {column} = '{whose}'"));
            assert_eq!((refused, there.as_str()), (count == "0", count), "{table}: {whose} by {named}");
            server.run(&url, &format!("delete from {table} where {column} = '{whose}'"));
        }
        server.run(&url, &format!("insert into {insert}, 'lent/a')"));
        assert_eq!([seen("support", table), seen("lent", table)], ["0", "1"], "{table}");
    }
}

/// The tables are found by the search path of the session, whose first schema need not be theirs.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema_of_the_tables_may_have_any_name_and_place_in_the_search_path() {
    let Some(server) = PgServer::shared() else { return };
    for (schema, of_tables) in [("tenant_naming", "public"), ("Mixed Case", "Mixed Case")] {
        let url = server.database();
        let name = url.rsplit('/').next().unwrap();
        let path = format!("alter database {name} set search_path = \"$user\", \"{of_tables}\"");
        server.run(&url, &format!("create schema if not exists \"{of_tables}\""));
        server.run(&url, &path);
        Postgres::migrate(&options(&url)).await.unwrap();
        server.run(&url, &TENANT_NAMING.replace("public", &format!("\"{of_tables}\"")));
        server.run(&url, &format!("create schema if not exists \"{schema}\""));
        server.run(&url, &format!("grant usage on schema \"{schema}\" to tenant_naming"));

        let store = Postgres::connect(&options(&url.replace("postgres@", "tenant_naming@")), vault()).await;
        let (store, example) = (store.unwrap(), Example::new("k-1"));
        let claim = store.claim(&example.ask(Duration::from_secs(60))).await.unwrap();
        assert!(matches!(claim, Claim::Acquired(_)), "{schema}: {claim:?}");
        let again = store.claim(&example.ask(Duration::from_secs(60))).await.unwrap();
        assert!(matches!(again, Claim::Running { .. }), "{schema}: {again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn further_steps_change_the_tables_where_they_are_whatever_schema_comes_first_since_then() {
    let Some(server) = PgServer::shared() else { return };
    let url = server.database();
    Postgres::migrate(&options(&url)).await.unwrap();
    // As the first step left it.
    let undo = "do $$ declare found record; begin for found in select relname from pg_class where relrowsecurity loop \
        execute format('drop policy tenant on %I', found.relname); \
        execute format('alter table %I disable row level security', found.relname); end loop; end $$; \
        delete from schema_step where number = 2";
    server.run(&url, undo);
    // The first in the usual search path.
    server.run(&url, "create schema postgres");
    let migrated = Postgres::migrate(&options(&url)).await.unwrap();
    assert_eq!((migrated.before, migrated.now), (1, 2));
    let schemas =
        "select string_agg(distinct schemaname, ' ') from pg_tables where schemaname !~ '^(pg_|information)'";
    assert_eq!(server.run(&url, schemas), "public");
    Postgres::connect(&options(&url), vault()).await.unwrap();
}
