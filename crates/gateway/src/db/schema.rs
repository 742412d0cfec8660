//! Brings the gateway's tables up to date.

use countersign::{Error, ErrorKind, Result};
use sha2::{Digest, Sha256};

use super::engine::Db;
use super::value::Row;

/// The steps of the schema. One that was released never changes: its SHA-256 is in the databases. Between two versions
/// that may run at the same time, steps only add.
const STEPS: &[&str] = &[
    include_str!("../../migrations/0001_gateway.sql"),
    include_str!("../../migrations/0002_events.sql"),
    include_str!("../../migrations/0003_replicas.sql"),
    include_str!("../../migrations/0004_endpoints.sql"),
    include_str!("../../migrations/0005_inbox.sql"),
    include_str!("../../migrations/0006_keys_audit.sql"),
    include_str!("../../migrations/0007_returns.sql"),
    include_str!("../../migrations/0008_hold.sql"),
];

const STEP_TABLE: &str = "create table if not exists gateway_schema_step \
    (number integer not null primary key, sha256 text not null, at integer not null) strict;";

const APPLIED: &str = "select sha256 from gateway_schema_step order by number";

/// Applies the steps that are missing, all or none. Several processes may do this at once.
///
/// # Errors
/// `Config` if the tables belong to another build.
pub(crate) async fn migrate(db: &Db) -> Result<()> {
    // A user of the database that may not make tables can still find that nothing is missing.
    if let Ok(rows) = db.across_tenants().read(APPLIED, &[]).await
        && missing(&rows)?.is_empty()
    {
        return Ok(());
    }
    // Two processes that make the first table at once can fail on each other; the second attempt finds it.
    match apply(db).await {
        Err(error) if error.kind() == ErrorKind::Config => apply(db).await,
        done => done,
    }
}

async fn apply(db: &Db) -> Result<()> {
    let mut work = db.across_tenants().begin().await?;
    work.prepare_change(STEP_TABLE).await?;
    let rows = work.query(APPLIED, &[]).await?;
    for (number, step) in missing(&rows)? {
        work.batch(step).await?;
        let row = "insert into gateway_schema_step (number, sha256, at) values ($1, $2, now_us())";
        work.execute(row, &[number.into(), sum(step).into()]).await?;
    }
    work.secure_rows().await?;
    work.commit().await
}

/// The steps that are not applied, with their numbers. A newer version may have applied further ones.
fn missing(applied: &[Row]) -> Result<Vec<(u32, &'static str)>> {
    let mut missing = Vec::new();
    for (at, (number, step)) in (1..).zip(STEPS).enumerate() {
        match applied.get(at).map(|row| row.text(0)).transpose()? {
            None => missing.push((number, *step)),
            Some(known) if known == sum(step) => {}
            Some(_) => {
                let message = format!("step {number} of the gateway's tables was applied in another form");
                return Err(Error::new(ErrorKind::Config, message)
                    .with_hint("the database belongs to another build of the gateway"));
            }
        }
    }
    Ok(missing)
}

fn sum(step: &str) -> String {
    Sha256::digest(step.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
