//! Brings the gateway's tables up to date.

use countersign::{Error, ErrorKind, Result};
use rusqlite::{Connection, TransactionBehavior};
use sha2::{Digest, Sha256};

use super::parts::{failed, now};

/// The steps of the schema. One that was released never changes: its SHA-256 is in the databases.
const STEPS: [&str; 2] =
    [include_str!("../../migrations/0001_gateway.sql"), include_str!("../../migrations/0002_events.sql")];

const STEP_TABLE: &str = "create table if not exists gateway_schema_step \
    (number integer not null primary key, sha256 text not null, at integer not null) strict";

/// Applies the steps that are missing. Safe to run in several processes at once.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let wrong = |error: rusqlite::Error| failed(&error);
    let work = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrong)?;
    work.execute_batch(STEP_TABLE).map_err(wrong)?;
    let applied = || -> rusqlite::Result<Vec<String>> {
        let mut statement = work.prepare("select sha256 from gateway_schema_step order by number")?;
        statement.query_map([], |row| row.get(0))?.collect()
    };
    let applied = applied().map_err(wrong)?;
    let known: Vec<String> = STEPS.iter().map(|step| sha256(step)).collect();
    if !known.starts_with(&applied) {
        let message = "the gateway's tables were migrated by another version";
        return Err(Error::new(ErrorKind::Config, message)
            .with_hint("use the newer version of the gateway that migrated them"));
    }
    for (number, (step, sum)) in (1_i64..).zip(STEPS.iter().zip(&known)).skip(applied.len()) {
        work.execute_batch(step).map_err(wrong)?;
        let row = "insert into gateway_schema_step (number, sha256, at) values (?1, ?2, ?3)";
        work.execute(row, (number, sum, now())).map_err(wrong)?;
    }
    work.commit().map_err(wrong)
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
