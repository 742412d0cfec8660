//! Endpoints of tenants, to which events go out. Their URLs and secrets are sealed.

use std::fmt;
use std::time::Duration;

use countersign::{Result, Timestamp};
use countersign_vault::{DataKey, Place};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Directory;
use super::feed::take_turn;
use super::parts::{damaged, json, new_id, sealing};
use crate::db::{Row, Value, Work};
use crate::outgoing::SigningSecret;

/// The most endpoints of a tenant.
const MOST: i64 = 20;

/// How long a replaced secret still signs.
const OVERLAP: Duration = Duration::from_secs(24 * 60 * 60);

/// An endpoint.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) id: String,
    pub(crate) url: String,
    /// Empty for all.
    pub(crate) types: Vec<String>,
    /// Whether messages have names and addresses.
    pub(crate) people: bool,
    pub(crate) enabled: bool,
    /// Why the gateway switched it off.
    pub(crate) off_why: Option<String>,
    pub(crate) failing_since: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    secrets: Vec<Secret>,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    url: String,
    secrets: Vec<Secret>,
}

/// The newest one has no end.
#[derive(Clone, Serialize, Deserialize)]
struct Secret {
    text: Zeroizing<String>,
    until: Option<Timestamp>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("id", &self.id).finish_non_exhaustive()
    }
}

const COLUMNS: &str = "id, sealed, types, people, state, off_why, failing_since, created_at";

fn place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place { table: "gateway_endpoint", scope: tenant, row: id, column: "sealed" }
}

fn time(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}

impl Endpoint {
    /// A new one, with a secret.
    ///
    /// # Errors
    /// `Unexpected` if the machine has no random numbers.
    pub(crate) fn new(url: String, types: Vec<String>, people: bool, now: Timestamp) -> Result<Self> {
        let text = SigningSecret::random()?.expose();
        Ok(Self {
            id: new_id("end"),
            url,
            types,
            people,
            enabled: true,
            off_why: None,
            failing_since: None,
            created_at: now,
            secrets: vec![Secret { text, until: None }],
        })
    }

    /// The newest secret. It is shown once.
    pub(crate) fn newest_secret(&self) -> Zeroizing<String> {
        self.secrets.last().map(|secret| secret.text.clone()).unwrap_or_default()
    }

    /// The secrets that sign now.
    pub(crate) fn secrets(&self, now: Timestamp) -> Vec<SigningSecret> {
        let is_valid = |secret: &&Secret| secret.until.is_none_or(|until| until > now);
        self.secrets.iter().filter(is_valid).filter_map(|secret| SigningSecret::parse(&secret.text)).collect()
    }

    /// Adds a secret; the others sign for another day. Returns until when.
    ///
    /// # Errors
    /// `Unexpected` if the machine has no random numbers.
    pub(crate) fn rotate(&mut self, now: Timestamp) -> Result<Timestamp> {
        let end = now.checked_add(OVERLAP).unwrap_or(now);
        self.secrets.retain(|secret| secret.until.is_none_or(|until| until > now));
        for secret in &mut self.secrets {
            secret.until.get_or_insert(end);
        }
        self.secrets.push(Secret { text: SigningSecret::random()?.expose(), until: None });
        Ok(end)
    }

    /// Switches it on or off. On, it has a clean record.
    pub(crate) fn switch(&mut self, enabled: bool) {
        (self.enabled, self.off_why, self.failing_since) = (enabled, None, None);
    }

    fn read(row: &Row, key: &DataKey, tenant: &str) -> Result<Self> {
        let id = row.text(0)?;
        let plain = key.open(&place(tenant, &id), &row.bytes(1)?).map_err(sealing)?;
        let sealed: Sealed = serde_json::from_slice(&plain).map_err(|_| damaged("an endpoint"))?;
        Ok(Self {
            id,
            url: sealed.url,
            secrets: sealed.secrets,
            types: row.text(2)?.split_whitespace().map(str::to_owned).collect(),
            people: row.int(3)? == 1,
            enabled: row.text(4)? == "on",
            off_why: row.opt_text(5)?,
            failing_since: row.opt_int(6)?.map(time),
            created_at: time(row.int(7)?),
        })
    }

    async fn write(&self, work: &mut Work, key: &DataKey, tenant: &str) -> Result<()> {
        let sealed = json(&Sealed { url: self.url.clone(), secrets: self.secrets.clone() });
        let sealed = key.seal(&place(tenant, &self.id), &sealed).map_err(sealing)?;
        let sql = "insert into gateway_endpoint (tenant, id, sealed, types, people, state, off_why, failing_since, \
            paused_until, taken_at, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9) \
            on conflict (tenant, id) do update set sealed = excluded.sealed, types = excluded.types, \
            people = excluded.people, state = excluded.state, off_why = excluded.off_why, \
            failing_since = excluded.failing_since, paused_until = 0";
        let values: [Value; 9] = [
            tenant.into(),
            self.id.as_str().into(),
            sealed.into(),
            self.types.join(" ").into(),
            i64::from(self.people).into(),
            if self.enabled { "on" } else { "off" }.into(),
            self.off_why.as_deref().into(),
            self.failing_since.map(Timestamp::as_microsecond).into(),
            self.created_at.as_microsecond().into(),
        ];
        work.execute(sql, &values).await.map(drop)
    }
}

impl Directory {
    /// Adds an endpoint; `false` if the tenant has as many as it may.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn add_endpoint(&self, tenant: &str, endpoint: &Endpoint) -> Result<bool> {
        let key = self.sealing_key(tenant).await?;
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
        let sql = "select count(*) from gateway_endpoint where tenant = $1";
        if work.query_one(sql, &[tenant.into()]).await?.int(0)? >= MOST {
            return Ok(false);
        }
        endpoint.write(&mut work, &key, tenant).await?;
        work.commit().await?;
        Ok(true)
    }

    /// The endpoints of a tenant, oldest first.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn endpoints(&self, tenant: &str) -> Result<Vec<Endpoint>> {
        let sql = format!("select {COLUMNS} from gateway_endpoint where tenant = $1 order by id");
        let rows = self.db.of(tenant).read(&sql, &[tenant.into()]).await?;
        let key = self.sealing_key(tenant).await?;
        rows.iter().map(|row| Endpoint::read(row, &key, tenant)).collect()
    }

    /// An endpoint of a tenant.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn endpoint(&self, tenant: &str, id: &str) -> Result<Option<Endpoint>> {
        let sql = format!("select {COLUMNS} from gateway_endpoint where tenant = $1 and id = $2");
        let Some(row) = self.db.of(tenant).read_one(&sql, &[tenant.into(), id.into()]).await? else {
            return Ok(None);
        };
        Endpoint::read(&row, &self.sealing_key(tenant).await?, tenant).map(Some)
    }

    /// Changes an endpoint; `None` if there is none.
    ///
    /// # Errors
    /// Those of the change; `Unavailable` if the database does not answer.
    pub(crate) async fn change_endpoint<T>(
        &self,
        tenant: &str,
        id: &str,
        change: impl FnOnce(&mut Endpoint) -> Result<T> + Send,
    ) -> Result<Option<(Endpoint, T)>> {
        let key = self.sealing_key(tenant).await?;
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
        let sql = format!("select {COLUMNS} from gateway_endpoint where tenant = $1 and id = $2");
        let rows = work.query(&sql, &[tenant.into(), id.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let mut endpoint = Endpoint::read(row, &key, tenant)?;
        let changed = change(&mut endpoint)?;
        endpoint.write(&mut work, &key, tenant).await?;
        work.commit().await?;
        Ok(Some((endpoint, changed)))
    }

    /// Deletes an endpoint with its deliveries; whether there was one.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn delete_endpoint(&self, tenant: &str, id: &str) -> Result<bool> {
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
        let values = [tenant.into(), id.into()];
        work.execute("delete from gateway_delivery where tenant = $1 and endpoint = $2", &values).await?;
        let found =
            work.execute("delete from gateway_endpoint where tenant = $1 and id = $2", &values).await?;
        work.commit().await?;
        Ok(found == 1)
    }
}
