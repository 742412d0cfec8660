//! Tenants and their keys.

use std::sync::PoisonError;
use std::time::Duration;

use countersign::{Error, ErrorKind, Result};
use countersign_vault::{DataKey, Vault, WrappedKey};
use rusqlite::{Connection, OptionalExtension, Transaction};
use subtle::ConstantTimeEq;

use super::Directory;
use super::parts::{failed, new_id, now, sealing};
use crate::api_key::{ApiKey, KeyScope};

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
}

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
}

impl Directory {
    /// Adds a tenant; returns its id.
    ///
    /// # Errors
    /// `InvalidRequest` if there is one with this name, or the name is invalid.
    pub async fn add_tenant(&self, name: &str) -> Result<String> {
        check_name("tenant", name)?;
        let name = name.to_owned();
        let add = move |work: &Transaction<'_>, vault: &Vault| {
            let id = new_id("ten");
            let (_, wrapped) = vault.create_key(PURPOSE, &id).map_err(sealing)?;
            let row = "insert into gateway_tenant (id, name, key_id, sealed, created_at) values (?1, ?2, ?3, ?4, ?5) \
                on conflict (name) do nothing";
            let values = (&id, &name, &wrapped.key_id, &wrapped.sealed, now());
            match work.execute(row, values).map_err(|error| failed(&error))? {
                0 => Err(Error::new(ErrorKind::InvalidRequest, "there is a tenant with this name")
                    .with_hint("choose another name, or add a key to that tenant")),
                _ => Ok(id),
            }
        };
        self.run(add).await
    }

    /// All tenants, by name.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn tenants(&self) -> Result<Vec<Tenant>> {
        let list = |work: &Transaction<'_>, _: &Vault| {
            let read = || -> rusqlite::Result<Vec<Tenant>> {
                let mut statement = work.prepare(
                    "select id, name, \
                     (select count(*) from gateway_key where tenant = t.id and revoked_at is null \
                      and coalesce(expires_at, ?1) >= ?1), \
                     (select count(*) from gateway_account where tenant = t.id) \
                     from gateway_tenant t order by name",
                )?;
                let rows = statement.query_map([now()], |row| {
                    Ok(Tenant {
                        id: row.get(0)?,
                        name: row.get(1)?,
                        keys: row.get(2)?,
                        accounts: row.get(3)?,
                    })
                })?;
                rows.collect()
            };
            read().map_err(|error| failed(&error))
        };
        self.read(list).await
    }

    /// Adds a key to the tenant with this name or id.
    ///
    /// # Errors
    /// `InvalidRequest` if there is no such tenant.
    pub async fn add_key(
        &self,
        tenant: &str,
        scopes: &[KeyScope],
        note: &str,
        test: bool,
        life: Option<Duration>,
    ) -> Result<ApiKey> {
        let (tenant, note) = (tenant.to_owned(), note.to_owned());
        let scopes = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        let add = move |work: &Transaction<'_>, _: &Vault| {
            let key = ApiKey::random(test)?;
            let created = now();
            let micros = |life: Duration| i64::try_from(life.as_micros()).unwrap_or(i64::MAX);
            let expires = life.map(|life| created.saturating_add(micros(life)));
            let row = "insert into gateway_key (id, tenant, hash, scopes, note, created_at, expires_at) \
                select ?2, id, ?3, ?4, ?5, ?6, ?7 from gateway_tenant where name = ?1 or id = ?1";
            let values = (&tenant, key.id(), key.hash(), &scopes, &note, created, expires);
            match work.execute(row, values).map_err(|error| failed(&error))? {
                0 => Err(Error::new(ErrorKind::InvalidRequest, "there is no tenant with this name or id")
                    .with_hint("see `countersign-gateway tenant list`")),
                _ => Ok(key),
            }
        };
        self.run(add).await
    }

    /// Revokes a key by its public part; whether there was a valid one.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn revoke_key(&self, id: &str) -> Result<bool> {
        let id = id.to_owned();
        let revoke = move |work: &Transaction<'_>, _: &Vault| {
            let row = "update gateway_key set revoked_at = ?2 where id = ?1 and revoked_at is null";
            work.execute(row, (&id, now())).map(|changed| changed == 1).map_err(|error| failed(&error))
        };
        self.run(revoke).await
    }

    /// The caller with this key; `None` if it is unknown, revoked or expired.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn caller(&self, key: ApiKey) -> Result<Option<Caller>> {
        let find = move |work: &Transaction<'_>, _: &Vault| {
            let row = "select tenant, hash, scopes from gateway_key where id = ?1 \
                and revoked_at is null and coalesce(expires_at, ?2) >= ?2";
            let found = work
                .query_row(row, (key.id(), now()), |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 32]>(1)?, row.get::<_, String>(2)?))
                })
                .optional()
                .map_err(|error| failed(&error))?;
            // An unknown key is compared as well, so that the time of the answer does not tell whether its id exists.
            let (tenant, hash, scopes) = found.unwrap_or_default();
            let is_equal = bool::from(hash.ct_eq(&key.hash()));
            Ok(is_equal.then(|| Caller {
                tenant,
                key: key.id().to_owned(),
                scopes: scopes.split(' ').filter_map(KeyScope::named).collect(),
            }))
        };
        self.read(find).await
    }

    /// Finds out whether the keys of all tenants can be used: better at the start than at a call.
    ///
    /// # Errors
    /// `Config` if one of the keys that wrap them is not configured.
    pub(crate) fn check_keys(&self) -> Result<()> {
        let connection = self.0.connection.lock().unwrap_or_else(PoisonError::into_inner);
        for (tenant, wrapped) in wrapped_keys(&connection).map_err(|error| failed(&error))? {
            self.0.vault.unwrap_key(PURPOSE, &tenant, &wrapped).map_err(|error| {
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
        let rewrap = |work: &Transaction<'_>, vault: &Vault| {
            let mut changed = 0;
            for (tenant, wrapped) in wrapped_keys(work).map_err(|error| failed(&error))? {
                if let Some(new) = vault.rewrap_key(PURPOSE, &tenant, &wrapped).map_err(sealing)? {
                    let row = "update gateway_tenant set key_id = ?2, sealed = ?3 where id = ?1";
                    work.execute(row, (&tenant, &new.key_id, &new.sealed)).map_err(|error| failed(&error))?;
                    changed += 1;
                }
            }
            Ok(changed)
        };
        self.run(rewrap).await
    }
}

fn wrapped_keys(work: &Connection) -> rusqlite::Result<Vec<(String, WrappedKey)>> {
    let mut statement = work.prepare("select id, key_id, sealed from gateway_tenant")?;
    let read = statement
        .query_map([], |row| Ok((row.get(0)?, WrappedKey { key_id: row.get(1)?, sealed: row.get(2)? })))?;
    read.collect()
}

/// The key that seals a tenant's rows.
pub(super) fn sealing_key(work: &Transaction<'_>, vault: &Vault, tenant: &str) -> Result<DataKey> {
    let wrapped = work
        .query_row("select key_id, sealed from gateway_tenant where id = ?1", [tenant], |row| {
            Ok(WrappedKey { key_id: row.get(0)?, sealed: row.get(1)? })
        })
        .map_err(|error| failed(&error))?;
    vault.unwrap_key(PURPOSE, tenant, &wrapped).map_err(sealing)
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
