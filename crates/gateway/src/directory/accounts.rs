//! Accounts of tenants at vendors. Their settings are sealed.

use countersign::{Error, ErrorKind, Result, Timestamp};
use countersign_vault::{Place, Vault};
use rusqlite::{OptionalExtension, Row, Transaction};
use serde_json::{Map, Value};

use super::Directory;
use super::parts::{failed, new_id, now, sealing};
use super::tenants::{check_name, sealing_key};

/// An account, without its settings.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountRow {
    /// The id, `acc_…`.
    pub id: String,
    /// The name that the tenant gave.
    pub name: String,
    /// The vendor's short name.
    pub vendor: String,
    /// When it was created.
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, name, vendor, created_at";

fn read(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    let created: i64 = row.get(3)?;
    Ok(AccountRow {
        id: row.get(0)?,
        name: row.get(1)?,
        vendor: row.get(2)?,
        created_at: Timestamp::from_microsecond(created).unwrap_or_default(),
    })
}

fn place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place { table: "gateway_account", scope: tenant, row: id, column: "settings" }
}

impl Directory {
    /// Adds an account; `None` if the tenant has one with this name.
    ///
    /// # Errors
    /// `InvalidRequest` if the name is invalid.
    pub async fn add_account(
        &self,
        tenant: &str,
        name: &str,
        vendor: &str,
        settings: &Map<String, Value>,
    ) -> Result<Option<AccountRow>> {
        check_name("account", name)?;
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(settings).unwrap_or_default());
        let (tenant, name, vendor) = (tenant.to_owned(), name.to_owned(), vendor.to_owned());
        let add = move |work: &Transaction<'_>, vault: &Vault| {
            let id = new_id("acc");
            let key = sealing_key(work, vault, &tenant)?;
            let sealed = key.seal(&place(&tenant, &id), &plain).map_err(sealing)?;
            let sql = format!(
                "insert into gateway_account (tenant, id, name, vendor, settings, created_at) \
                 values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (tenant, name) do nothing returning {COLUMNS}"
            );
            let values = (&tenant, &id, &name, &vendor, &sealed, now());
            work.query_row(&sql, values, read).optional().map_err(|error| failed(&error))
        };
        self.run(add).await
    }

    /// The accounts of a tenant, by name.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn accounts(&self, tenant: &str) -> Result<Vec<AccountRow>> {
        let tenant = tenant.to_owned();
        let list = move |work: &Transaction<'_>, _: &Vault| {
            let list = || -> rusqlite::Result<Vec<AccountRow>> {
                let sql = format!("select {COLUMNS} from gateway_account where tenant = ?1 order by name");
                work.prepare(&sql)?.query_map([&tenant], read)?.collect()
            };
            list().map_err(|error| failed(&error))
        };
        self.read(list).await
    }

    /// The account of a tenant with this id or name.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn account(&self, tenant: &str, named: &str) -> Result<Option<AccountRow>> {
        let (tenant, named) = (tenant.to_owned(), named.to_owned());
        let find = move |work: &Transaction<'_>, _: &Vault| {
            let sql =
                format!("select {COLUMNS} from gateway_account where tenant = ?1 and (id = ?2 or name = ?2)");
            work.query_row(&sql, (&tenant, &named), read).optional().map_err(|error| failed(&error))
        };
        self.read(find).await
    }

    /// The settings of an account; `None` if it was deleted.
    ///
    /// # Errors
    /// `Config` if they cannot be opened.
    pub async fn settings(&self, tenant: &str, id: &str) -> Result<Option<Map<String, Value>>> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        let open = move |work: &Transaction<'_>, vault: &Vault| {
            let sql = "select settings from gateway_account where tenant = ?1 and id = ?2";
            let sealed: Option<Vec<u8>> = work
                .query_row(sql, (&tenant, &id), |row| row.get(0))
                .optional()
                .map_err(|error| failed(&error))?;
            let Some(sealed) = sealed else { return Ok(None) };
            let key = sealing_key(work, vault, &tenant)?;
            let plain = key.open(&place(&tenant, &id), &sealed).map_err(sealing)?;
            let damaged = |_| Error::new(ErrorKind::Unexpected, "the settings of the account are damaged");
            serde_json::from_slice(&plain).map(Some).map_err(damaged)
        };
        self.read(open).await
    }

    /// Deletes an account with its settings and events.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn delete_account(&self, tenant: &str, id: &str) -> Result<()> {
        let (tenant, id) = (tenant.to_owned(), id.to_owned());
        let delete = move |work: &Transaction<'_>, _: &Vault| {
            for table in
                ["gateway_event where tenant = ?1 and account", "gateway_account where tenant = ?1 and id"]
            {
                let sql = format!("delete from {table} = ?2");
                work.execute(&sql, (&tenant, &id)).map_err(|error| failed(&error))?;
            }
            Ok(())
        };
        self.run(delete).await
    }
}
