//! Brings the schema up to date.

use countersign_core::Result;
use countersign_core::store::Migrated;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use sha2::{Digest, Sha256};

use crate::error::{config, from_sqlite};
use crate::time;

/// The steps of the schema. One that was released never changes: its SHA-256 is in the databases.
const STEPS: [&str; 1] = [include_str!("../migrations/0001_state.sql")];

/// Applies the steps that are missing. Safe to run in several processes at once.
pub(crate) fn migrate(connection: &mut Connection) -> Result<Migrated> {
    let before = applied(connection)?;
    if before == STEPS.len() {
        return Ok(Migrated { before, now: before });
    }
    let failed = |error: rusqlite::Error| from_sqlite(&error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    transaction.execute_batch(STEP_TABLE).map_err(failed)?;
    // Another process may have been first.
    let before = applied(&transaction)?;
    for (number, step) in (1..).zip(STEPS).skip(before) {
        transaction.execute_batch(step).map_err(failed)?;
        transaction
            .execute(
                "insert into schema_step (number, sha256, at) values (?1, ?2, ?3)",
                (number, sha256(step), time::now()),
            )
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)?;
    Ok(Migrated { before, now: STEPS.len() })
}

const STEP_TABLE: &str = "create table if not exists schema_step \
    (number integer not null primary key, sha256 text not null, at integer not null) strict";

/// How many steps a current database has.
pub(crate) fn newest() -> usize {
    STEPS.len()
}

/// How many steps the database has.
///
/// Fails if one of them is not the step of this version: the file was migrated by a newer or a changed one.
pub(crate) fn applied(connection: &Connection) -> Result<usize> {
    let read = || -> rusqlite::Result<Vec<(i64, String)>> {
        let table = "select 1 from sqlite_master where name = 'schema_step'";
        if connection.query_row(table, [], |_| Ok(())).optional()?.is_none() {
            return Ok(Vec::new());
        }
        let mut statement = connection.prepare("select number, sha256 from schema_step order by number")?;
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    let rows = read().map_err(|error| from_sqlite(&error))?;
    if rows.len() > STEPS.len() {
        let message = format!(
            "the database has {} schema steps, but this version knows only {}",
            rows.len(),
            STEPS.len()
        );
        return Err(config(message, "use the newer version of Countersign that migrated it"));
    }
    for (row, (number, step)) in rows.iter().zip((1_i64..).zip(STEPS)) {
        if *row != (number, sha256(step)) {
            let message = format!("schema step {number} of the database is not that of this version");
            return Err(config(message, "use the version of Countersign that created the database"));
        }
    }
    Ok(rows.len())
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
