//! What vendors' webhooks reported. It is on disk before the vendor gets its answer.

use countersign::Result;
use countersign_vault::{Place, Vault};
use rusqlite::{OptionalExtension, Transaction};
use zeroize::Zeroizing;

use super::Directory;
use super::accounts::AccountRow;
use super::parts::{failed, new_id, now, sealing};
use super::tenants::sealing_key;

/// How long events are kept. A vendor's webhook is too old to be accepted again long before.
const KEEP: i64 = 30 * 24 * 60 * 60 * 1_000_000;

fn place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place { table: "gateway_event", scope: tenant, row: id, column: "sealed" }
}

impl Directory {
    /// The account with this id, of whichever tenant, and the tenant.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn account_of_anyone(&self, id: &str) -> Result<Option<(String, AccountRow)>> {
        let id = id.to_owned();
        let find = move |work: &Transaction<'_>, _: &Vault| {
            let sql = "select tenant from gateway_account where id = ?1";
            work.query_row(sql, [&id], |row| row.get::<_, String>(0))
                .optional()
                .map_err(|error| failed(&error))
                .map(|tenant| (tenant, id))
        };
        let (Some(tenant), id) = self.read(find).await? else { return Ok(None) };
        Ok(self.account(&tenant, &id).await?.map(|account| (tenant, account)))
    }

    /// Keeps an event, unless one with this key was kept; whether it is new.
    ///
    /// # Errors
    /// `Unavailable` if it may not be kept: then the vendor has to send it again.
    pub(crate) async fn add_event(
        &self,
        tenant: &str,
        account: &str,
        key: &str,
        plain: Zeroizing<Vec<u8>>,
    ) -> Result<bool> {
        let (tenant, account, key) = (tenant.to_owned(), account.to_owned(), key.to_owned());
        let add = move |work: &Transaction<'_>, vault: &Vault| {
            let (id, at) = (new_id("evt"), now());
            let sealed =
                sealing_key(work, vault, &tenant)?.seal(&place(&tenant, &id), &plain).map_err(sealing)?;
            let run = || -> rusqlite::Result<usize> {
                work.execute("delete from gateway_event where received_at < ?1", [at.saturating_sub(KEEP)])?;
                let sql = "insert into gateway_event (tenant, id, account, key, sealed, received_at) \
                    values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (account, key) do nothing";
                work.execute(sql, (&tenant, &id, &account, &key, &sealed, at))
            };
            run().map(|added| added == 1).map_err(|error| failed(&error))
        };
        self.run(add).await
    }

    /// The events of a tenant after the one with this id, at most this many: id and content. `None` if there is no
    /// such event.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn events(
        &self,
        tenant: &str,
        after: Option<&str>,
        most: u32,
    ) -> Result<Option<Vec<(String, Zeroizing<Vec<u8>>)>>> {
        let (tenant, after) = (tenant.to_owned(), after.map(str::to_owned));
        let list = move |work: &Transaction<'_>, vault: &Vault| {
            let seq = match &after {
                Some(id) => {
                    let sql = "select seq from gateway_event where tenant = ?1 and id = ?2";
                    let found = work.query_row(sql, (&tenant, id), |row| row.get::<_, i64>(0));
                    let Some(seq) = found.optional().map_err(|error| failed(&error))? else {
                        return Ok(None);
                    };
                    seq
                }
                None => 0,
            };
            let rows = || -> rusqlite::Result<Vec<(String, Vec<u8>)>> {
                let sql = "select id, sealed from gateway_event where tenant = ?1 and seq > ?2 order by seq limit ?3";
                let mut statement = work.prepare(sql)?;
                statement.query_map((&tenant, seq, most), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            };
            let rows = rows().map_err(|error| failed(&error))?;
            let key = sealing_key(work, vault, &tenant)?;
            let open = |(id, sealed): (String, Vec<u8>)| {
                let plain = key.open(&place(&tenant, &id), &sealed).map_err(sealing)?;
                Ok((id, plain))
            };
            rows.into_iter().map(open).collect::<Result<Vec<_>>>().map(Some)
        };
        self.read(list).await
    }
}
