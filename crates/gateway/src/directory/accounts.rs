//! Accounts of tenants at vendors. Their settings are sealed.

use countersign::{Result, Timestamp};
use countersign_vault::{DataKey, Place, WrappedKey};
use serde_json::{Map, Value};

use super::Directory;
use super::erase::forget_sign_ins;
use super::parts::{damaged, new_id, sealing};
use super::tenants::check_name;
use crate::db::Row;

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
    /// What a client of it must have been made for.
    pub(crate) generation: i64,
}

const COLUMNS: &str = "id, name, vendor, created_at, generation";

/// Reads [`COLUMNS`].
pub(super) fn read(row: &Row) -> Result<AccountRow> {
    Ok(AccountRow {
        id: row.text(0)?,
        name: row.text(1)?,
        vendor: row.text(2)?,
        created_at: Timestamp::from_microsecond(row.int(3)?).unwrap_or_default(),
        generation: row.int(4)?,
    })
}

fn place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place { table: "gateway_account", scope: tenant, row: id, column: "settings" }
}

/// What decides whose tokens are used. A new secret of the same application goes on with them.
fn signs_in_as(settings: &Map<String, Value>) -> Option<Value> {
    let mut auth = settings.get("auth")?.clone();
    if let Value::Object(auth) = &mut auth {
        auth.remove("client_secret");
    }
    Some(auth)
}

fn open_settings(key: &DataKey, [tenant, id]: [&str; 2], sealed: &[u8]) -> Result<Map<String, Value>> {
    let plain = key.open(&place(tenant, id), sealed).map_err(sealing)?;
    serde_json::from_slice(&plain).map_err(|_| damaged("the settings of an account"))
}

/// The account that a webhook is for.
pub(crate) struct Addressed {
    pub(crate) tenant: String,
    pub(crate) account: AccountRow,
    pub(crate) settings: Map<String, Value>,
    /// Seals the tenant's rows.
    pub(crate) key: DataKey,
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
        let id = new_id("acc");
        let sealed = self.sealing_key(tenant).await?.seal(&place(tenant, &id), &plain).map_err(sealing)?;
        let sql = format!(
            "insert into gateway_account (tenant, id, name, vendor, settings, created_at) \
             values ($1, $2, $3, $4, $5, now_us()) on conflict (tenant, name) do nothing returning {COLUMNS}"
        );
        let values = [tenant.into(), (&id).into(), name.into(), vendor.into(), sealed.into()];
        let mut work = self.db.of(tenant).begin().await?;
        let Some(row) = work.query(&sql, &values).await?.into_iter().next() else { return Ok(None) };
        self.record(&mut work, tenant, "account.created", &id, name).await?;
        work.commit().await?;
        read(&row).map(Some)
    }

    /// Changes an account; its clients are then built again, and the tokens of a former sign-in are forgotten. `None`
    /// if it has changed since `account` was read, or the tenant has another account with the new name.
    ///
    /// # Errors
    /// `InvalidRequest` if the name is invalid.
    pub(crate) async fn change_account(
        &self,
        tenant: &str,
        account: &AccountRow,
        name: Option<&str>,
        settings: Option<&Map<String, Value>>,
    ) -> Result<Option<AccountRow>> {
        name.map_or(Ok(()), |name| check_name("account", name))?;
        let mut signs_in_anew = false;
        let sealed = match settings {
            Some(settings) => {
                let former = self.settings(tenant, &account.id).await?;
                signs_in_anew = former.is_some_and(|former| signs_in_as(&former) != signs_in_as(settings));
                let plain = zeroize::Zeroizing::new(serde_json::to_vec(settings).unwrap_or_default());
                let key = self.sealing_key(tenant).await?;
                Some(key.seal(&place(tenant, &account.id), &plain).map_err(sealing)?)
            }
            None => None,
        };
        let sql = format!(
            "update gateway_account set name = coalesce($4, name), settings = coalesce($5, settings), \
             generation = generation + 1 where tenant = $1 and id = $2 and generation = $3 and not exists \
             (select 1 from gateway_account other where other.tenant = $1 and other.name = $4 and other.id <> $2) \
             returning {COLUMNS}"
        );
        let generation = account.generation.into();
        let values = [tenant.into(), (&account.id).into(), generation, name.into(), sealed.into()];
        let mut work = self.db.of(tenant).begin().await?;
        let Some(row) = work.query(&sql, &values).await?.into_iter().next() else { return Ok(None) };
        if signs_in_anew {
            forget_sign_ins(&mut work, &format!("{tenant}/{}", account.id)).await?;
        }
        let changed = [name.map(|_| "name"), settings.map(|_| "settings")];
        let note = changed.into_iter().flatten().collect::<Vec<_>>().join(" ");
        self.record(&mut work, tenant, "account.changed", &account.id, &note).await?;
        work.commit().await?;
        read(&row).map(Some)
    }

    /// The accounts of a tenant, by name.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn accounts(&self, tenant: &str) -> Result<Vec<AccountRow>> {
        let sql = format!("select {COLUMNS} from gateway_account where tenant = $1 order by name");
        self.db.of(tenant).read(&sql, &[tenant.into()]).await?.iter().map(read).collect()
    }

    /// The account of a tenant with this id or name.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub async fn account(&self, tenant: &str, named: &str) -> Result<Option<AccountRow>> {
        let sql =
            format!("select {COLUMNS} from gateway_account where tenant = $1 and (id = $2 or name = $2)");
        let found = self.db.of(tenant).read_one(&sql, &[tenant.into(), named.into()]).await?;
        found.as_ref().map(read).transpose()
    }

    /// The account with this id, of whichever tenant, with all that a webhook needs.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer, `Config` if the settings cannot be opened.
    pub(crate) async fn addressed(&self, id: &str) -> Result<Option<Addressed>> {
        let sql = format!(
            "select {COLUMNS}, settings, tenant, (select key_id from gateway_tenant where gateway_tenant.id = tenant), \
             (select sealed from gateway_tenant where gateway_tenant.id = tenant) from gateway_account where id = $1"
        );
        let Some(row) = self.db.across_tenants().read_one(&sql, &[id.into()]).await? else { return Ok(None) };
        let tenant = row.text(6)?;
        let key = self.open_key(&tenant, &WrappedKey { key_id: row.text(7)?, sealed: row.bytes(8)? })?;
        let settings = open_settings(&key, [&tenant, id], &row.bytes(5)?)?;
        Ok(Some(Addressed { account: read(&row)?, tenant, settings, key }))
    }

    /// The settings of an account; `None` if it was deleted.
    ///
    /// # Errors
    /// `Config` if they cannot be opened.
    pub async fn settings(&self, tenant: &str, id: &str) -> Result<Option<Map<String, Value>>> {
        let sql = "select settings from gateway_account where tenant = $1 and id = $2";
        let Some(row) = self.db.of(tenant).read_one(sql, &[tenant.into(), id.into()]).await? else {
            return Ok(None);
        };
        let key = self.sealing_key(tenant).await?;
        open_settings(&key, [tenant, id], &row.bytes(0)?).map(Some)
    }

    /// After a sign-in or a sign-out: makes every replica make a new client of an account.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn begin_generation(&self, tenant: &str, id: &str, what: &str) -> Result<()> {
        let sql = "update gateway_account set generation = generation + 1 where tenant = $1 and id = $2";
        let mut work = self.db.of(tenant).begin().await?;
        work.execute(sql, &[tenant.into(), id.into()]).await?;
        self.record(&mut work, tenant, what, id, "").await?;
        work.commit().await
    }
}
