//! Checks a file.

use std::path::Path;

use countersign_core::Result;
use countersign_core::store::Check;
use countersign_vault::{Vault, WrappedKey};
use rusqlite::Connection;

use crate::connection::{existing, identify};
use crate::error::{config, from_sqlite};
use crate::migrate::{applied, newest};
use crate::time;

pub(crate) fn check(path: &Path, vault: &Vault) -> Result<Check> {
    let connection = existing(path)?;
    if !identify(&connection)? {
        return Err(config("the file is empty", "run `countersign state migrate`"));
    }
    let mut check = Check::default();
    check.schema = applied(&connection)?;
    check.newest = newest();
    if check.schema > 0 {
        read(&connection, vault, &mut check).map_err(|error| from_sqlite(&error))?;
    }
    Ok(check)
}

fn read(connection: &Connection, vault: &Vault, check: &mut Check) -> rusqlite::Result<()> {
    let mut pages = connection.prepare("pragma integrity_check(10)")?;
    for line in pages.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            check.problems.push(format!("the file is damaged: {line}"));
        }
    }
    let mut keys = connection
        .prepare("select purpose, scope, key_id, sealed from sealing_key order by scope, purpose")?;
    let mut rows = keys.query([])?;
    while let Some(row) = rows.next()? {
        let (purpose, scope): (String, String) = (row.get(0)?, row.get(1)?);
        let wrapped = WrappedKey { key_id: row.get(2)?, sealed: row.get(3)? };
        check.keys += 1;
        check.to_rewrap += usize::from(wrapped.key_id != vault.key_id());
        if let Err(error) = vault.unwrap_key(&purpose, &scope, &wrapped) {
            check.problems.push(format!("the key `{purpose}` of the scope `{scope}`: {error}"));
        }
    }
    let calls = "select count(*), count(*) filter (where state = 'in_flight' and lease_until <= ?1) from call \
                 where expires_at is null or expires_at > ?1";
    (check.calls, check.unresolved) = connection.query_row(calls, [time::now()], |row| {
        Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    Ok(())
}
