//! Makes, changes and checks the tables, in numbered steps that never change once they are released.

use std::time::Duration;

use countersign_core::store::{Check, Migrated};
use countersign_core::{Error, ErrorKind, Result};
use countersign_vault::{Vault, WrappedKey};
use sha2::{Digest, Sha256};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Transaction};

use crate::database::{Database, column};
use crate::error::{MIGRATE, from_statement, unavailable};

/// One step. Between two versions that may run at the same time, steps only add.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) number: i32,
    pub(crate) sql: &'static str,
}

/// All steps, in their order.
pub(crate) const STEPS: &[Step] = &[
    Step { number: 1, sql: include_str!("../migrations/0001_state.sql") },
    Step { number: 2, sql: include_str!("../migrations/0002_tenants.sql") },
];

/// How long all steps may take together.
const LIMIT: Duration = Duration::from_secs(300);

/// It is found by the search path, also if a schema was made since then that comes first in it.
const TABLE: &str = "do $$ begin if to_regclass('schema_step') is null then create table schema_step \
                     (number integer primary key, sha256 bytea not null, at timestamptz not null default now()); \
                     end if; end $$";

/// New tables go beside it.
const PLACE: &str = "select set_config('search_path', relnamespace::regnamespace::text, true) from pg_class \
                     where oid = to_regclass('schema_step')";

const APPLIED: &str = "select number, sha256 from schema_step order by number";

impl Step {
    fn sha256(&self) -> Vec<u8> {
        Sha256::digest(self.sql.as_bytes()).to_vec()
    }
}

/// Applies the steps that are missing. Several processes may do this at once.
pub(crate) async fn migrate(database: &Database, steps: &[Step]) -> Result<Migrated> {
    // A user that may not make tables can still find that there is nothing to do.
    if applied(database, steps).await? == steps.len() {
        return Ok(Migrated { before: steps.len(), now: steps.len() });
    }
    let mut client = database.connection().await?;
    let work = async {
        // Two processes that create the table at once can fail on each other; the second attempt finds it.
        match client.batch_execute(TABLE).await {
            Err(error) if is_made_by_another(&error) => client.batch_execute(TABLE).await,
            result => result,
        }
        .map_err(|error| from_statement(&error))?;
        apply(&mut client, steps).await
    };
    tokio::time::timeout(LIMIT, work)
        .await
        .unwrap_or_else(|_| Err(unavailable("the tables could not be changed in time")))
}

fn is_made_by_another(error: &tokio_postgres::Error) -> bool {
    let made = [&SqlState::UNIQUE_VIOLATION, &SqlState::DUPLICATE_TABLE, &SqlState::DUPLICATE_OBJECT];
    error.code().is_some_and(|code| made.contains(&code))
}

/// All in one transaction: either every step is applied or none.
async fn apply(client: &mut Client, steps: &[Step]) -> Result<Migrated> {
    let failed = |error: tokio_postgres::Error| from_statement(&error);
    let transaction = client.transaction().await.map_err(failed)?;
    // Changing a table that is in use may wait longer than a call may.
    let limit = format!("set local statement_timeout = {}", LIMIT.as_millis());
    transaction.batch_execute(&limit).await.map_err(failed)?;
    transaction.batch_execute(PLACE).await.map_err(failed)?;
    // Readers of the table need not wait, only other migrations.
    transaction.batch_execute("lock table schema_step in exclusive mode").await.map_err(failed)?;
    let rows = transaction.query_typed(APPLIED, &[]).await.map_err(failed)?;
    let missing = missing(steps, &rows)?;
    for step in &missing {
        one(&transaction, step).await.map_err(|error| {
            let message = format!("step {} of the tables cannot be applied", step.number);
            from_statement(&error).reworded(ErrorKind::Config, message)
        })?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(Migrated { before: steps.len() - missing.len(), now: steps.len() })
}

async fn one(transaction: &Transaction<'_>, step: &Step) -> Result<(), tokio_postgres::Error> {
    transaction.batch_execute(step.sql).await?;
    let sql = "insert into schema_step (number, sha256) values ($1, $2)";
    transaction.query_typed(sql, &[(&step.number, Type::INT4), (&step.sha256(), Type::BYTEA)]).await?;
    Ok(())
}

/// Fails unless all steps are applied.
pub(crate) async fn check(database: &Database, steps: &[Step]) -> Result<()> {
    if applied(database, steps).await? == steps.len() { Ok(()) } else { Err(not_migrated()) }
}

/// How many of the steps are applied. A newer version may have applied further ones.
pub(crate) async fn applied(database: &Database, steps: &[Step]) -> Result<usize> {
    match database.across_scopes().rows(APPLIED, &[]).await {
        Err(error) if error.hint() == MIGRATE => Ok(0),
        rows => Ok(steps.len() - missing(steps, &rows?)?.len()),
    }
}

pub(crate) fn not_migrated() -> Error {
    Error::new(ErrorKind::Config, "the tables of the database are missing or of an earlier version")
        .with_hint(MIGRATE)
}

/// The steps that are not among the applied ones.
fn missing(steps: &[Step], applied: &[Row]) -> Result<Vec<Step>> {
    let read = |row: &Row| Ok((row.try_get::<_, i32>(0)?, row.try_get::<_, Vec<u8>>(1)?));
    let applied: std::result::Result<Vec<_>, tokio_postgres::Error> = applied.iter().map(read).collect();
    let applied = applied.map_err(|error| from_statement(&error))?;
    let mut missing = Vec::new();
    for step in steps {
        match applied.iter().find(|(number, _)| *number == step.number) {
            None => missing.push(*step),
            Some((_, sha256)) if *sha256 == step.sha256() => {}
            Some(_) => {
                let message = format!("step {} of the tables was applied in another form", step.number);
                return Err(Error::new(ErrorKind::Config, message)
                    .with_hint("the database belongs to another build; do not change released steps"));
            }
        }
    }
    Ok(missing)
}

/// Whether the server keeps what it has committed, and its standby too: `local` does not wait for that.
const DURABLE: &str = "select current_setting('fsync') = 'on' \
    and current_setting('synchronous_commit') not in ('off', 'local')";

const KEYS: &str = "select purpose, scope, key_id, sealed from sealing_key order by scope, purpose";

const CALLS: &str = "select count(*) as calls, \
    count(*) filter (where state = 'in_flight' and lease_until <= now()) as unresolved \
    from call where expires_at is null or expires_at > now()";

/// Fails if the server may lose what it has committed.
pub(crate) async fn durable(database: &Database) -> Result<()> {
    let row = database.across_scopes().row(DURABLE, &[]).await?;
    match row.map(|row| row.try_get(0)).transpose().map_err(|error| from_statement(&error))? {
        Some(true) => Ok(()),
        _ => Err(Error::new(ErrorKind::Config, "the database may lose what it has committed").with_hint(
            "set `fsync = on` and `synchronous_commit = on` (not `off` or `local`) in PostgreSQL",
        )),
    }
}

pub(crate) async fn inspect(database: &Database, vault: &Vault) -> Result<Check> {
    let mut check = Check::default();
    check.newest = STEPS.len();
    check.schema = applied(database, STEPS).await?;
    if check.schema == 0 {
        return Err(not_migrated());
    }
    match durable(database).await {
        Err(error) if error.kind() == ErrorKind::Config => {
            check.problems.push(format!("{}; {}", error.message(), error.hint()));
        }
        result => result?,
    }
    for row in database.across_scopes().rows(KEYS, &[]).await? {
        let (purpose, scope): (String, String) = (column(&row, "purpose")?, column(&row, "scope")?);
        let wrapped = WrappedKey { key_id: column(&row, "key_id")?, sealed: column(&row, "sealed")? };
        vault.check_key(&mut check, &purpose, &scope, &wrapped);
    }
    if let Some(row) = database.across_scopes().row(CALLS, &[]).await? {
        check.calls = column::<i64>(&row, "calls")?.unsigned_abs();
        check.unresolved = column::<i64>(&row, "unresolved")?.unsigned_abs();
    }
    Ok(check)
}
