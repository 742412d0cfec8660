//! Keys of tenants.

use std::time::Duration;

use countersign::{Error, ErrorKind, Result, Timestamp};
use subtle::ConstantTimeEq;

use super::Directory;
use super::accounts::{self, AccountRow};
use crate::api_key::{ApiKey, KeyScope};
use crate::db::Row;

/// Microseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Who calls: the tenant of a key, and what the key may do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Caller {
    /// The tenant's id.
    pub tenant: String,
    /// The public part of the key.
    pub key: String,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// The ids of the accounts that it may use; `None` for all.
    pub accounts: Option<Vec<String>>,
    /// How many requests it may send in a minute.
    pub per_minute: Option<u32>,
}

/// What limits a key beside its scopes.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct KeyLimits {
    /// The names or ids of the accounts that it may use; empty for all.
    pub accounts: Vec<String>,
    /// How many requests it may send in a minute.
    pub per_minute: Option<u32>,
}

impl KeyLimits {
    /// Only these accounts, by name or id; all if there are none.
    #[must_use]
    pub fn with_accounts(mut self, accounts: Vec<String>) -> Self {
        self.accounts = accounts;
        self
    }

    /// At most this many requests in a minute.
    #[must_use]
    pub fn with_per_minute(mut self, requests: Option<u32>) -> Self {
        self.per_minute = requests;
        self
    }
}

/// A key in a list, without its secret.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyRow {
    /// The public part.
    pub id: String,
    /// The tenant's name.
    pub tenant: String,
    /// What it may do, as words with blanks between them.
    pub scopes: String,
    /// The ids of the accounts that it may use, with blanks between them; `None` for all.
    pub accounts: Option<String>,
    /// How many requests it may send in a minute.
    pub per_minute: Option<i64>,
    /// What it is for.
    pub note: String,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// The day of its last use, at 0:00 UTC.
    pub used_on: Option<Timestamp>,
    /// Whether it can be used.
    pub is_valid: bool,
}

impl Directory {
    /// Adds a key without further limits to the tenant with this name or id.
    ///
    /// # Errors
    /// As [`Directory::add_limited_key`].
    pub async fn add_key(
        &self,
        tenant: &str,
        scopes: &[KeyScope],
        note: &str,
        test: bool,
        life: Option<Duration>,
    ) -> Result<ApiKey> {
        self.add_limited_key(tenant, scopes, note, test, life, &KeyLimits::default()).await
    }

    /// Adds a key to the tenant with this name or id.
    ///
    /// # Errors
    /// `InvalidRequest` if there is no such tenant or account.
    pub async fn add_limited_key(
        &self,
        tenant: &str,
        scopes: &[KeyScope],
        note: &str,
        test: bool,
        life: Option<Duration>,
        limits: &KeyLimits,
    ) -> Result<ApiKey> {
        let tenant = self.tenant_named(tenant).await?;
        let mut accounts = Vec::with_capacity(limits.accounts.len());
        for named in &limits.accounts {
            let found = self.account(&tenant, named).await?.ok_or_else(|| {
                Error::new(ErrorKind::InvalidRequest, "the tenant has no account with this name or id")
                    .with_hint("see `GET /v1/accounts` with a key of the tenant")
            });
            accounts.push(found?.id);
        }
        let accounts = (!accounts.is_empty()).then(|| accounts.join(" "));
        let scopes = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        let key = ApiKey::random(test)?;
        let life = life.map(|life| i64::try_from(life.as_micros()).unwrap_or(i64::MAX / 2));
        let sql = "insert into gateway_key \
            (id, tenant, hash, scopes, note, created_at, expires_at, accounts, per_minute) \
            values ($2, $1, $3, $4, $5, now_us(), now_us() + $6, $7, $8)";
        let values = [
            (&tenant).into(),
            key.id().into(),
            key.hash().into(),
            scopes.into(),
            note.into(),
            life.into(),
            accounts.into(),
            limits.per_minute.into(),
        ];
        let mut work = self.db.of(&tenant).begin().await?;
        work.execute(sql, &values).await?;
        self.record(&mut work, &tenant, "key.created", key.id(), note).await?;
        work.commit().await?;
        Ok(key)
    }

    /// Revokes a key by its public part; whether there was a valid one.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn revoke_key(&self, id: &str) -> Result<bool> {
        let sql = "update gateway_key set revoked_at = now_us() where id = $1 and revoked_at is null \
            returning tenant";
        let mut work = self.db.across_tenants().begin().await?;
        let Some(row) = work.query(sql, &[id.into()]).await?.into_iter().next() else { return Ok(false) };
        self.record(&mut work, &row.text(0)?, "key.revoked", id, "").await?;
        work.commit().await?;
        Ok(true)
    }

    /// The keys of all tenants, or of the one with this name or id.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn keys(&self, tenant: Option<&str>) -> Result<Vec<KeyRow>> {
        let sql = "select k.id, t.name, k.scopes, k.accounts, k.per_minute, k.note, k.expires_at, k.used_on, \
             case when k.revoked_at is null and coalesce(k.expires_at, now_us()) >= now_us() then 1 else 0 end \
             from gateway_key k join gateway_tenant t on t.id = k.tenant \
             where $1 = '' or t.name = $1 or t.id = $1 order by t.name, k.created_at";
        let rows = self.db.across_tenants().read(sql, &[tenant.unwrap_or_default().into()]).await?;
        let at = |micros: Option<i64>| micros.and_then(|at| Timestamp::from_microsecond(at).ok());
        let read = |row: &Row| {
            Ok(KeyRow {
                id: row.text(0)?,
                tenant: row.text(1)?,
                scopes: row.text(2)?,
                accounts: row.opt_text(3)?,
                per_minute: row.opt_int(4)?,
                note: row.text(5)?,
                expires_at: at(row.opt_int(6)?),
                used_on: at(row.opt_int(7)?.map(|day| day.saturating_mul(DAY))),
                is_valid: row.int(8)? == 1,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The caller with this key; `None` if it is unknown, revoked or expired.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn caller(&self, key: ApiKey) -> Result<Option<Caller>> {
        Ok(self.caller_at(key, "").await?.map(|(caller, _)| caller))
    }

    /// The caller with this key, and the tenant's account with this name or id, in one read.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn caller_at(
        &self,
        key: ApiKey,
        account: &str,
    ) -> Result<Option<(Caller, Option<AccountRow>)>> {
        let sql = "select a.id, a.name, a.vendor, a.created_at, a.generation, k.hash, k.tenant, k.scopes, k.accounts, \
            k.per_minute, k.used_on, now_us() from gateway_key k \
            left join gateway_account a on a.tenant = k.tenant and (a.id = $2 or a.name = $2) \
            where k.id = $1 and k.revoked_at is null and coalesce(k.expires_at, now_us()) >= now_us()";
        let found = self.db.across_tenants().read_one(sql, &[key.id().into(), account.into()]).await?;
        // An unknown key is compared as well, so that the time of the answer does not tell whether its id exists.
        let hash = found.as_ref().map_or_else(|| Ok(vec![0; 32]), |row| row.bytes(5))?;
        let is_equal = bool::from(hash.ct_eq(&key.hash()));
        let (Some(row), true) = (found, is_equal) else { return Ok(None) };
        let tenant = row.text(6)?;
        let today = row.int(11)? / DAY;
        if row.opt_int(10)? != Some(today) {
            let sql = "update gateway_key set used_on = $3 where tenant = $1 and id = $2";
            let values = [(&tenant).into(), key.id().into(), today.into()];
            // If it fails, the next request tries again.
            if let Err(error) = self.db.of(&tenant).write(sql, &values).await {
                tracing::debug!(%error, "the use of a key was not noted");
            }
        }
        let caller = Caller {
            tenant,
            key: key.id().to_owned(),
            scopes: row.text(7)?.split(' ').filter_map(KeyScope::named).collect(),
            accounts: row.opt_text(8)?.map(|ids| ids.split(' ').map(str::to_owned).collect()),
            per_minute: row.opt_int(9)?.and_then(|requests| u32::try_from(requests).ok()),
        };
        let account = row.opt_text(0)?.map(|_| accounts::read(&row)).transpose()?;
        Ok(Some((caller, account)))
    }
}
