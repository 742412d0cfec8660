//! Signers who return through the gateway. Where they go is sealed, and of each token only a hash is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::{Result, Timestamp};
use countersign_vault::{DataKey, Place};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Directory;
use super::feed::take_turn;
use super::parts::{AT_ENVELOPE, damaged, json, sealing};
use crate::db::{Row, Value, Work};
use crate::hosts;
use crate::person::name;

/// Where the browser of a signer goes. It has no `Debug`: the URL may have what only the caller should know.
#[derive(Serialize, Deserialize)]
pub(crate) struct Return {
    pub(crate) target: String,
    /// The recipient, as the caller wrote the reference.
    pub(crate) reference: String,
    /// The recipient's id.
    pub(crate) recipient: String,
    /// When the link ends, if the vendor says so.
    pub(crate) link_ends: Option<Timestamp>,
}

/// A return that was found by its token, and whose it is.
pub(crate) struct FoundReturn {
    /// The hash of the token.
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) account: String,
    pub(crate) vendor: String,
    pub(crate) envelope: String,
    /// The hosts to which the tenant's signers may return now.
    pub(crate) hosts: Vec<String>,
    pub(crate) to: Return,
}

impl Return {
    /// The names of the recipient.
    pub(super) fn names(&self) -> Vec<String> {
        vec![name(&self.reference), format!("id:{}", self.recipient)]
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn open(key: &DataKey, tenant: &str, id: &str, sealed: &[u8]) -> Result<Return> {
    let plain = key.open(&place(tenant, id), sealed).map_err(sealing)?;
    serde_json::from_slice(&plain).map_err(|_| damaged("a return"))
}

fn place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place { table: "gateway_return", scope: tenant, row: id, column: "sealed" }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The returns of an envelope: tenant, account and id.
pub(super) async fn returns_of(
    work: &mut Work,
    key: &DataKey,
    at: &[Value; 3],
) -> Result<Vec<(Vec<u8>, Return)>> {
    let sql = format!("select tenant, token, sealed from gateway_return where {AT_ENVELOPE}");
    let open = |row: &Row| {
        let hash = row.bytes(1)?;
        let to = open(key, &row.text(0)?, &URL_SAFE_NO_PAD.encode(&hash), &row.bytes(2)?)?;
        Ok((hash, to))
    };
    work.query(&sql, at).await?.iter().map(open).collect()
}

impl Directory {
    /// The token of a return: the same one for the same parts, so that a repetition under an idempotency key is the
    /// same request to the vendor. Without the tenant's sealing key it cannot be told from a random one.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn return_token(&self, tenant: &str, parts: [&str; 5]) -> Result<String> {
        let key = self.sealing_key(tenant).await?;
        // A key of one block, as the standard pads any shorter one: creating an HMAC with it cannot fail.
        let mut block = zeroize::Zeroizing::new([0; 64]);
        block.iter_mut().zip(key.bytes()).for_each(|(to, from)| *to = *from);
        let mut mac = Hmac::<Sha256>::new(&(*block).into());
        for part in ["gateway_return", "1"].into_iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// Keeps where the signer of an envelope (tenant, account and id) goes who returns with this token. Not if the call
    /// that made the link was erased meanwhile; whether it was kept.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn keep_return(
        &self,
        [tenant, account, envelope]: [&str; 3],
        call: &str,
        token: &str,
        to: &Return,
        until: Timestamp,
    ) -> Result<bool> {
        let hash = hash(token);
        let id = URL_SAFE_NO_PAD.encode(&hash);
        let key = self.sealing_key(tenant).await?;
        let sealed = key.seal(&place(tenant, &id), &json(to)).map_err(sealing)?;
        let sql = "insert into gateway_return (token, tenant, account, envelope, sealed, expires_at) \
            select $1, $2, $3, $4, $5, $6 where exists (select 1 from call where scope = $2 and key = $7) \
            on conflict (token) do update set sealed = excluded.sealed, expires_at = excluded.expires_at";
        let (until, call) = (until.as_microsecond().into(), call.into());
        let values =
            [hash.into(), tenant.into(), account.into(), envelope.into(), sealed.into(), until, call];
        let mut work = self.db.of(tenant).begin().await?;
        // Erasures have it too: this one sees all of an earlier one, and a later one sees this row.
        take_turn(&mut work, tenant).await?;
        let kept = work.execute(sql, &values).await? > 0;
        work.commit().await?;
        Ok(kept)
    }

    /// The return with this token; `None` if there is none, or it is too old.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn find_return(&self, token: &str, now: Timestamp) -> Result<Option<FoundReturn>> {
        let hash = hash(token);
        let sql = "select r.tenant, r.account, a.vendor, r.envelope, t.return_hosts, r.sealed \
            from gateway_return r join gateway_tenant t on t.id = r.tenant \
            join gateway_account a on a.tenant = r.tenant and a.id = r.account \
            where r.token = $1 and r.expires_at > $2";
        let id = URL_SAFE_NO_PAD.encode(&hash);
        let values = [hash.into(), now.as_microsecond().into()];
        let Some(row) = self.db.across_tenants().read_one(sql, &values).await? else { return Ok(None) };
        let tenant = row.text(0)?;
        let key = self.sealing_key(&tenant).await?;
        let to = open(&key, &tenant, &id, &row.bytes(5)?)?;
        let (account, vendor, envelope) = (row.text(1)?, row.text(2)?, row.text(3)?);
        let hosts = words(&row.text(4)?);
        Ok(Some(FoundReturn { id, tenant, account, vendor, envelope, hosts, to }))
    }

    /// The hosts to which a tenant's signers may return through the gateway.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn return_hosts(&self, tenant: &str) -> Result<Vec<String>> {
        let sql = "select return_hosts from gateway_tenant where id = $1";
        let found = self.db.of(tenant).read_one(sql, &[tenant.into()]).await?;
        Ok(found.map(|row| row.text(0)).transpose()?.map(|text| words(&text)).unwrap_or_default())
    }

    /// Sets the hosts, with a port other than the usual one, to which the signers of the tenant with this name or id
    /// may return through the gateway.
    ///
    /// # Errors
    /// `InvalidRequest` if there is no such tenant; `Config` for a text that is not a host with an optional port.
    pub async fn set_return_hosts(&self, named: &str, hosts: &[String]) -> Result<()> {
        let tenant = self.tenant_named(named).await?;
        let hosts = hosts.iter().map(|host| hosts::read(host)).collect::<Result<Vec<_>>>()?.join(" ");
        let mut work = self.db.of(&tenant).begin().await?;
        let sql = "update gateway_tenant set return_hosts = $2 where id = $1";
        work.execute(sql, &[(&tenant).into(), (&hosts).into()]).await?;
        let note = format!("return hosts: {hosts}");
        self.record(&mut work, &tenant, "tenant.changed", &tenant, note.trim_end()).await?;
        work.commit().await
    }
}
