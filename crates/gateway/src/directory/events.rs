//! What vendors' webhooks reported. It is on disk before the vendor gets its answer.

use countersign::Result;
use countersign_vault::Place;
use zeroize::Zeroizing;

use super::Directory;
use super::accounts::AccountRow;
use super::parts::{new_id, sealing};

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
        let sql = "select tenant from gateway_account where id = $1";
        let Some(row) = self.db.across_tenants().read_one(sql, &[id.into()]).await? else { return Ok(None) };
        let tenant = row.text(0)?;
        Ok(self.account(&tenant, id).await?.map(|account| (tenant, account)))
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
        let id = new_id("evt");
        let sealed = self.sealing_key(tenant).await?.seal(&place(tenant, &id), &plain).map_err(sealing)?;
        let mut work = self.db.of(tenant).begin().await?;
        let old = "delete from gateway_event where tenant = $1 and received_at < now_us() - $2";
        work.execute(old, &[tenant.into(), KEEP.into()]).await?;
        let sql = "insert into gateway_event (tenant, id, account, key, sealed, received_at) \
            values ($1, $2, $3, $4, $5, now_us()) on conflict (account, key) do nothing";
        let values = [tenant.into(), id.into(), account.into(), key.into(), sealed.into()];
        let added = work.execute(sql, &values).await?;
        work.commit().await?;
        Ok(added == 1)
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
        let db = self.db.of(tenant);
        let seq = match after {
            Some(id) => {
                let sql = "select seq from gateway_event where tenant = $1 and id = $2";
                let Some(row) = db.read_one(sql, &[tenant.into(), id.into()]).await? else { return Ok(None) };
                row.int(0)?
            }
            None => 0,
        };
        let sql = "select id, sealed from gateway_event where tenant = $1 and seq > $2 order by seq limit $3";
        let rows = db.read(sql, &[tenant.into(), seq.into(), most.into()]).await?;
        let key = self.sealing_key(tenant).await?;
        let open = |row: &crate::db::Row| {
            let id = row.text(0)?;
            let plain = key.open(&place(tenant, &id), &row.bytes(1)?).map_err(sealing)?;
            Ok((id, plain))
        };
        rows.iter().map(open).collect::<Result<Vec<_>>>().map(Some)
    }
}
