//! Tenants, and the keys that seal their rows.

use countersign::{Error, ErrorKind, Result, Timestamp};
use countersign_vault::{DataKey, WrappedKey};

use super::Directory;
use super::parts::{damaged, new_id, sealing};
use crate::db::Row;

/// The purpose of a tenant's sealing key.
const PURPOSE: &str = "gateway";

/// A tenant: its accounts, keys and calls are invisible to the others.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tenant {
    /// The id, `ten_…`.
    pub id: String,
    /// The name that the operator gave.
    pub name: String,
    /// How many keys are valid.
    pub keys: u32,
    /// How many accounts there are.
    pub accounts: u32,
    /// The hosts, with blanks between them, to which its signers may return through the gateway.
    pub return_hosts: String,
    /// Since when its calls are held after a restore, if they are.
    pub held_since: Option<Timestamp>,
}

impl Directory {
    /// Adds a tenant; returns its id. While the calls of another one are held, those of this one are as well: it may
    /// be one that the database has forgotten.
    ///
    /// # Errors
    /// `InvalidRequest` if there is one with this name, or the name is invalid.
    pub async fn add_tenant(&self, name: &str) -> Result<String> {
        check_name("tenant", name)?;
        let id = new_id("ten");
        let (_, wrapped) = self.vault.create_key(PURPOSE, &id).map_err(sealing)?;
        let sql = "insert into gateway_tenant (id, name, key_id, sealed, created_at, hold_began_at, hold_ended_at) \
            select $1, $2, $3, $4, now_us(), case when held > 0 then now_us() else 0 end, \
            case when held = 0 then 0 end \
            from (select count(*) as held from gateway_tenant where hold_ended_at is null) as others \
            where true on conflict (name) do nothing";
        let values = [(&id).into(), name.into(), wrapped.key_id.into(), wrapped.sealed.into()];
        let mut work = self.db.across_tenants().begin().await?;
        if work.execute(sql, &values).await? == 0 {
            return Err(Error::new(ErrorKind::InvalidRequest, "there is a tenant with this name")
                .with_hint("choose another name, or add a key to that tenant"));
        }
        self.record(&mut work, &id, "tenant.created", &id, name).await?;
        work.commit().await?;
        Ok(id)
    }

    /// All tenants, by name.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        let sql = "select id, name, \
             (select count(*) from gateway_key where tenant = t.id and revoked_at is null \
              and coalesce(expires_at, now_us()) >= now_us()), \
             (select count(*) from gateway_account where tenant = t.id), t.return_hosts, \
             case when t.hold_ended_at is null then t.hold_began_at end \
             from gateway_tenant t order by name";
        let read = |row: &Row| {
            let count = |column| Ok::<_, Error>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
            Ok(Tenant {
                id: row.text(0)?,
                name: row.text(1)?,
                keys: count(2)?,
                accounts: count(3)?,
                return_hosts: row.text(4)?,
                held_since: row.opt_int(5)?.and_then(|at| Timestamp::from_microsecond(at).ok()),
            })
        };
        self.db.across_tenants().read(sql, &[]).await?.iter().map(read).collect()
    }

    /// After a restore: from now on, calls of this tenant, or of all, are not sent under keys that the ledger does not
    /// know, because it may have forgotten them; their outcome is unknown. What was found about such calls earlier
    /// no longer counts. Returns how many tenants are held by this.
    ///
    /// # Errors
    /// `InvalidRequest` if there is no such tenant.
    pub async fn hold(&self, tenant: Option<&str>) -> Result<usize> {
        let set = "set hold_began_at = now_us(), hold_ended_at = null where true";
        self.set_held(tenant, set, "calls.held").await
    }

    /// Ends what [`Directory::hold`] began; returns for how many tenants.
    ///
    /// # Errors
    /// `InvalidRequest` if there is no such tenant.
    pub async fn end_hold(&self, tenant: Option<&str>) -> Result<usize> {
        self.set_held(tenant, "set hold_ended_at = now_us() where hold_ended_at is null", "calls.released")
            .await
    }

    async fn set_held(&self, tenant: Option<&str>, set: &str, word: &str) -> Result<usize> {
        let tenant = self.one_or_all(tenant).await?;
        let mut work = self.db.across_tenants().begin().await?;
        let sql = format!("update gateway_tenant {set} and (id = $1 or $1 = '*') returning id");
        let rows = work.query(&sql, &[tenant.into()]).await?;
        for row in &rows {
            let id = row.text(0)?;
            self.record(&mut work, &id, word, &id, "").await?;
        }
        work.commit().await?;
        Ok(rows.len())
    }

    /// This tenant, or all: when the last hold of its calls began.
    pub(crate) async fn last_holds(&self, tenant: Option<&str>) -> Result<Vec<(String, Timestamp)>> {
        let sql =
            "select id, hold_began_at from gateway_tenant where hold_began_at > 0 and (id = $1 or $1 = '*')";
        let rows = self.db.across_tenants().read(sql, &[self.one_or_all(tenant).await?.into()]).await?;
        let read = |row: &Row| {
            Ok((row.text(0)?, Timestamp::from_microsecond(row.int(1)?).map_err(|_| damaged("a hold"))?))
        };
        rows.iter().map(read).collect()
    }

    async fn one_or_all(&self, tenant: Option<&str>) -> Result<String> {
        match tenant {
            Some(named) => self.tenant_named(named).await,
            None => Ok("*".to_owned()),
        }
    }

    /// The id of the tenant with this name or id.
    ///
    /// # Errors
    /// `InvalidRequest` if there is no such tenant.
    pub async fn tenant_named(&self, named: &str) -> Result<String> {
        let sql = "select id from gateway_tenant where name = $1 or id = $1";
        let found = self.db.across_tenants().read_one(sql, &[named.into()]).await?;
        found.map(|row| row.text(0)).transpose()?.ok_or_else(|| {
            Error::new(ErrorKind::InvalidRequest, "there is no tenant with this name or id")
                .with_hint("see `countersign-gateway tenant list`")
        })
    }

    /// Finds out whether the keys of all tenants can be used: better at the start than at a call.
    ///
    /// # Errors
    /// `Config` if one of the keys that wrap them is not configured.
    pub(crate) async fn check_keys(&self) -> Result<()> {
        for row in self.db.across_tenants().read(WRAPPED, &[]).await? {
            let (tenant, wrapped) = wrapped(&row)?;
            self.vault.unwrap_key(PURPOSE, &tenant, &wrapped).map_err(|error| {
                Error::new(ErrorKind::Config, format!("the database was sealed with other keys: {error}"))
                    .with_hint("give the files of those keys with --key, the one that wraps new keys first")
                    .with_source(error)
            })?;
        }
        Ok(())
    }

    /// Wraps the keys of all tenants under the operator's first key; returns how many were wrapped under another one.
    ///
    /// # Errors
    /// `Config` if one of the keys that wrap them is not configured.
    pub async fn rewrap_keys(&self) -> Result<usize> {
        let mut changed = 0;
        let mut work = self.db.across_tenants().begin().await?;
        for row in work.query(WRAPPED, &[]).await? {
            let (tenant, wrapped) = wrapped(&row)?;
            if let Some(new) = self.vault.rewrap_key(PURPOSE, &tenant, &wrapped).map_err(sealing)? {
                let sql = "update gateway_tenant set key_id = $2, sealed = $3 where id = $1";
                work.execute(sql, &[tenant.into(), new.key_id.into(), new.sealed.into()]).await?;
                changed += 1;
            }
        }
        work.commit().await?;
        Ok(changed)
    }

    /// The key that seals a tenant's rows.
    pub(super) async fn sealing_key(&self, tenant: &str) -> Result<DataKey> {
        let sql = "select id, key_id, sealed from gateway_tenant where id = $1";
        let found = self.db.of(tenant).read_one(sql, &[tenant.into()]).await?;
        let row = found.ok_or_else(|| Error::new(ErrorKind::Unexpected, "the tenant is gone"))?;
        self.open_key(tenant, &wrapped(&row)?.1)
    }

    pub(super) fn open_key(&self, tenant: &str, wrapped: &WrappedKey) -> Result<DataKey> {
        self.vault.unwrap_key(PURPOSE, tenant, wrapped).map_err(sealing)
    }
}

const WRAPPED: &str = "select id, key_id, sealed from gateway_tenant";

fn wrapped(row: &Row) -> Result<(String, WrappedKey)> {
    Ok((row.text(0)?, WrappedKey { key_id: row.text(1)?, sealed: row.bytes(2)? }))
}

/// Names are visible in URLs and logs of others, so they are plain words.
pub(super) fn check_name(what: &str, name: &str) -> Result<()> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    // A name that looks like an id could be taken for one.
    let is_id = ["acc_", "ten_"].iter().any(|prefix| name.starts_with(prefix));
    if (1..=64).contains(&name.len()) && name.bytes().all(is_plain) && !is_id {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidRequest, format!("the name of the {what} is invalid"))
        .with_hint("give 1 to 64 of a-z, 0-9, - and _, not beginning with acc_ or ten_"))
}
