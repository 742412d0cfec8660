//! Checks a database.

use countersign_core::store::Check;
use countersign_core::{Error, ErrorKind, Result};
use countersign_vault::{Vault, WrappedKey};

use crate::database::{Database, Statement, column};
use crate::error::from_statement;
use crate::migrate;

/// Whether the server keeps what it has committed, and its standby too: `local` does not wait for that.
const DURABLE: Statement = Statement {
    sql: "select current_setting('fsync') = 'on' and current_setting('synchronous_commit') not in ('off', 'local')",
    types: &[],
};

const KEYS: Statement = Statement {
    sql: "select purpose, scope, key_id, sealed from sealing_key order by scope, purpose",
    types: &[],
};

const CALLS: Statement = Statement {
    sql: "select count(*) as calls, count(*) filter (where state = 'in_flight' and lease_until <= now()) as unresolved \
          from call where expires_at is null or expires_at > now()",
    types: &[],
};

/// Fails if the server may lose what it has committed.
pub(crate) async fn durable(database: &Database) -> Result<()> {
    let row = database.across_scopes().row(&DURABLE, &[]).await?;
    match row.map(|row| row.try_get(0)).transpose().map_err(|error| from_statement(&error))? {
        Some(true) => Ok(()),
        _ => Err(Error::new(ErrorKind::Config, "the database may lose what it has committed").with_hint(
            "set `fsync = on` and `synchronous_commit = on` (not `off` or `local`) in PostgreSQL",
        )),
    }
}

pub(crate) async fn inspect(database: &Database, vault: &Vault) -> Result<Check> {
    let mut check = Check::default();
    check.newest = migrate::STEPS.len();
    check.schema = migrate::applied(database, migrate::STEPS).await?;
    if check.schema == 0 {
        return Err(migrate::not_migrated());
    }
    match durable(database).await {
        Err(error) if error.kind() == ErrorKind::Config => {
            check.problems.push(format!("{}; {}", error.message(), error.hint()));
        }
        result => result?,
    }
    for row in database.across_scopes().rows(&KEYS, &[]).await? {
        let (purpose, scope): (String, String) = (column(&row, "purpose")?, column(&row, "scope")?);
        let wrapped = WrappedKey { key_id: column(&row, "key_id")?, sealed: column(&row, "sealed")? };
        check.keys += 1;
        check.to_rewrap += usize::from(wrapped.key_id != vault.key_id());
        if let Err(error) = vault.unwrap_key(&purpose, &scope, &wrapped) {
            check.problems.push(format!("the key `{purpose}` of the scope `{scope}`: {error}"));
        }
    }
    if let Some(row) = database.across_scopes().row(&CALLS, &[]).await? {
        check.calls = column::<i64>(&row, "calls")?.unsigned_abs();
        check.unresolved = column::<i64>(&row, "unresolved")?.unsigned_abs();
    }
    Ok(check)
}
