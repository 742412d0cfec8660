//! Erases what belongs to a tenant, an account or an envelope: also what the library's stores keep, which are in the
//! same database. One transaction, so that nothing is left over.

use countersign::{Error, ErrorKind, Result};

use super::Directory;
use crate::db::{Value, Work};

/// The tables that have a tenant's rows, in the order in which they can be emptied; the column of the tenant, or of the
/// scope in the library's stores.
const TENANT_TABLES: [(&str, &str); 14] = [
    ("gateway_delivery", "tenant"),
    ("gateway_endpoint", "tenant"),
    ("gateway_feed", "tenant"),
    ("gateway_inbox", "tenant"),
    ("gateway_event", "tenant"),
    ("gateway_envelope", "tenant"),
    ("gateway_call", "tenant"),
    ("gateway_key", "tenant"),
    ("gateway_account", "tenant"),
    ("gateway_audit", "tenant"),
    ("call", "scope"),
    ("reading", "scope"),
    ("envelope_owner", "scope"),
    ("sealing_key", "scope"),
];

/// The deliveries of the events with a condition.
const DELIVERIES: &str = "delete from gateway_delivery where tenant = $1 and seq in (select seq from gateway_event where tenant = $1 and";

impl Directory {
    /// Deletes an account with everything that is kept about it. Calls with an unknown outcome forbid it without `force`:
    /// once their rows are gone, a repetition under their keys is sent again. Returns how many forbade it.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn erase_account(&self, tenant: &str, id: &str, force: bool) -> Result<i64> {
        let mut work = self.db.of(tenant).begin().await?;
        let at = [tenant.into(), id.into()];
        let open = open_calls(&mut work, "and account = $2", &at).await?;
        if open > 0 && !force {
            return Ok(open);
        }
        let scope = format!("{tenant}/{id}");
        for sql in [
            "delete from gateway_call where tenant = $1 and key in \
                (select key from call where scope = $1 and account = $2)",
            "delete from call where scope = $1 and account = $2",
            &format!("{DELIVERIES} account = $2)"),
            "delete from gateway_event where tenant = $1 and account = $2",
            "delete from gateway_inbox where tenant = $1 and account = $2",
            "delete from gateway_envelope where tenant = $1 and account = $2",
            "delete from gateway_account where tenant = $1 and id = $2",
        ] {
            work.execute(sql, &at).await?;
        }
        erase_sign_ins(&mut work, id, &scope).await?;
        self.record(&mut work, tenant, "account.deleted", id, "").await?;
        work.commit().await?;
        Ok(0)
    }

    /// Erases what is kept about an envelope. Returns how many calls with an unknown outcome forbade it.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn erase_envelope(
        &self,
        tenant: &str,
        account: &str,
        envelope: &str,
        force: bool,
    ) -> Result<i64> {
        let mut work = self.db.of(tenant).begin().await?;
        let at = [tenant.into(), account.into(), envelope.into()];
        let open = open_calls(&mut work, "and account = $2 and envelope = $3", &at).await?;
        if open > 0 && !force {
            return Ok(open);
        }
        for sql in [
            "delete from gateway_call where tenant = $1 and key in \
                (select key from call where scope = $1 and account = $2 and envelope = $3)",
            "delete from call where scope = $1 and account = $2 and envelope = $3",
            &format!("{DELIVERIES} account = $2 and envelope = $3)"),
            "delete from gateway_event where tenant = $1 and account = $2 and envelope = $3",
            "delete from gateway_envelope where tenant = $1 and account = $2 and envelope = $3",
        ] {
            work.execute(sql, &at).await?;
        }
        // Not the envelope's id: the entry outlives it.
        self.record(&mut work, tenant, "data.erased", account, "an envelope").await?;
        work.commit().await?;
        Ok(0)
    }

    /// Removes the tenant with this name or id, and everything that is kept about it; its keys open nothing from then on.
    ///
    /// # Errors
    /// `InvalidRequest` if there is no such tenant, or it has calls with an unknown outcome and `force` is not set.
    pub async fn remove_tenant(&self, named: &str, force: bool) -> Result<()> {
        let tenant = self.tenant_named(named).await?;
        let accounts = self.accounts(&tenant).await?;
        let mut work = self.db.of(&tenant).begin().await?;
        let open = open_calls(&mut work, "", &[(&tenant).into()]).await?;
        if open > 0 && !force {
            let message = format!("the outcome of {open} calls of the tenant is unknown");
            return Err(Error::new(ErrorKind::InvalidRequest, message)
                .with_hint("resolve them, or give --force: then their keys are forgotten"));
        }
        for account in &accounts {
            erase_sign_ins(&mut work, &account.id, &format!("{tenant}/{}", account.id)).await?;
        }
        for (table, column) in TENANT_TABLES {
            let sql = format!("delete from {table} where {column} = $1");
            work.execute(&sql, &[(&tenant).into()]).await?;
        }
        work.execute("delete from gateway_tenant where id = $1", &[(&tenant).into()]).await?;
        self.record(&mut work, &tenant, "tenant.removed", &tenant, "").await?;
        work.commit().await
    }
}

/// How many calls may still have an effect, or have had one.
async fn open_calls(work: &mut Work, condition: &str, values: &[Value]) -> Result<i64> {
    let sql = format!("select count(*) from call where scope = $1 and state = 'in_flight' {condition}");
    work.query_one(&sql, values).await?.int(0)
}

/// The tokens of an account, whose names begin with its id, and sign-ins that have started.
async fn erase_sign_ins(work: &mut Work, account: &str, scope: &str) -> Result<()> {
    let sql = "delete from token where substr(key, 1, length($1) + 1) = $1 || '-'";
    work.execute(sql, &[account.into()]).await?;
    let sql = "delete from sealing_key where substr(scope, 1, length($1) + 1) = $1 || '-'";
    work.execute(sql, &[account.into()]).await?;
    for sql in ["delete from sign_in where scope = $1", "delete from sealing_key where scope = $1"] {
        work.execute(sql, &[scope.into()]).await?;
    }
    Ok(())
}
