//! Where a gateway of the tests keeps its state, and what its operator sees there.
//!
//! The program `gateway_postgres` has the tests of `gateway` once more, on PostgreSQL, as a user of the database who
//! sees no tenant's rows without naming the tenant.

use std::path::Path;

use countersign_gateway::{Gateway, Options, State};
use countersign_testkit::servers::PgServer;
use countersign_vault::KeyEncryptionKey;
use rusqlite::OptionalExtension as _;

/// A database of the shared server, by the URL of its owner. `None` is an SQLite file in the folder of the gateway.
pub(crate) struct Kept(Option<(&'static PgServer, String)>);

impl Kept {
    /// Where PostgreSQL is missing, a file after a loud message.
    pub(crate) async fn new() -> Self {
        let is_postgres = env!("CARGO_CRATE_NAME") == "gateway_postgres";
        let Some(server) = is_postgres.then(PgServer::shared).flatten() else { return Self(None) };
        let url = server.database();
        let folder = std::env::temp_dir().join(format!("gateway-owner-{}", url.rsplit('/').next().unwrap()));
        std::fs::create_dir_all(&folder).unwrap();
        let key = folder.join("key");
        KeyEncryptionKey::read_or_create(&key).unwrap();
        Gateway::open(&Options::new(url.parse::<State>().unwrap(), vec![key])).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        server.run(
            &url,
            "do $$ begin create role tenant_naming login; exception when duplicate_object or unique_violation then \
             end $$; \
             grant select, insert, update, delete on all tables in schema public to tenant_naming; \
             grant usage on all sequences in schema public to tenant_naming",
        );
        Self(Some((server, url)))
    }

    /// For a gateway with this folder.
    pub(crate) fn state(&self, folder: &Path) -> State {
        match &self.0 {
            Some((_, url)) => url.replace("postgres@", "tenant_naming@").parse().unwrap(),
            None => folder.join("state.db").into(),
        }
    }

    /// The text of one row with one column; empty for a statement that returns none.
    pub(crate) fn one(&self, folder: &Path, sql: &str) -> String {
        match &self.0 {
            Some((server, url)) => server.run(url, sql),
            None => {
                let database = rusqlite::Connection::open(folder.join("state.db")).unwrap();
                let text = |row: &rusqlite::Row<'_>| row.get::<_, rusqlite::types::Value>(0);
                match database.query_row(sql, [], text).optional().unwrap() {
                    None => String::new(),
                    Some(rusqlite::types::Value::Integer(number)) => number.to_string(),
                    Some(rusqlite::types::Value::Text(text)) => text,
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    /// All that is kept, as bytes: files, or a dump and the log of changes.
    pub(crate) fn content(&self, folder: &Path) -> Vec<Vec<u8>> {
        if let Some((server, url)) = &self.0 {
            return vec![server.dump(url).into_bytes(), server.log()];
        }
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let paths = paths.filter(|path| path.extension().is_none_or(|kind| kind != "key"));
        paths.map(|path| std::fs::read(path).unwrap()).collect()
    }
}
