//! The events of a tenant, in one order, and their deliveries.

use countersign::{Result, Timestamp};
use countersign_vault::{DataKey, Place};

use super::Directory;
use super::parts::{AT_ENVELOPE, damaged, json, new_id, sealing};
use crate::db::{Row, Value, Work};
use crate::events::Event;

/// The most texts of an account that are kept: the newest ones.
const TEXTS: u32 = 100;

fn place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place { table: "gateway_event", scope: tenant, row: id, column: "sealed" }
}

fn text_place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place { column: "text", ..place(tenant, id) }
}

/// Waits until no other process writes events of this tenant; until the transaction ends, none does.
pub(super) async fn take_turn(work: &mut Work, tenant: &str) -> Result<()> {
    let sql = "insert into gateway_feed (tenant, turn) values ($1, 1) \
        on conflict (tenant) do update set turn = gateway_feed.turn + 1";
    work.execute(sql, &[tenant.into()]).await.map(drop)
}

/// Writes an event and a delivery for each endpoint that wants it, unless an event of the account has this key;
/// whether it is new. The caller has the tenant's turn.
pub(super) async fn append(
    work: &mut Work,
    sealing_key: &DataKey,
    tenant: &str,
    key: &str,
    event: &mut Event,
    now: Timestamp,
) -> Result<bool> {
    event.shown.id = new_id("evt");
    let shown = &event.shown;
    let sealed = sealing_key.seal(&place(tenant, &shown.id), &json(event)).map_err(sealing)?;
    let seal =
        |text: &String| sealing_key.seal(&text_place(tenant, &shown.id), text.as_bytes()).map_err(sealing);
    let text = event.text.as_ref().map(seal).transpose()?;
    let has_text = text.is_some();
    let sql = "insert into gateway_event (tenant, id, account, key, type, envelope, sealed, text, received_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, now_us()) on conflict (account, key) do nothing returning seq";
    let account = shown.account.as_deref().unwrap_or_default();
    let values = [
        tenant.into(),
        shown.id.as_str().into(),
        account.into(),
        key.into(),
        shown.event.as_str().into(),
        shown.envelope.as_deref().into(),
        sealed.into(),
        text.into(),
    ];
    let Some(row) = work.query(sql, &values).await?.into_iter().next() else { return Ok(false) };
    if has_text {
        let sql = "update gateway_event set text = null where account = $1 and text is not null and seq <= \
            (select seq from gateway_event where account = $1 and text is not null \
            order by seq desc limit 1 offset $2)";
        work.execute(sql, &[account.into(), TEXTS.into()]).await?;
    }
    let sql = "insert into gateway_delivery (tenant, endpoint, seq, state, attempts, due_at, leased_until) \
        select tenant, id, $2, 'waiting', 0, $3, 0 from gateway_endpoint where tenant = $1 and state = 'on' \
        and (types = '' or ' ' || types || ' ' like '% ' || $4 || ' %')";
    let due = now.as_microsecond();
    work.execute(sql, &[tenant.into(), row.int(0)?.into(), due.into(), shown.event.as_str().into()]).await?;
    Ok(true)
}

/// The events of an envelope: tenant, account and id.
pub(super) async fn events_to_change(work: &mut Work, key: &DataKey, at: &[Value; 3]) -> Result<Vec<Event>> {
    let sql = format!("select tenant, id, sealed from gateway_event where {AT_ENVELOPE}");
    let open = |row: &Row| open(key, &row.text(0)?, row.text(1)?, &row.bytes(2)?);
    work.query(&sql, at).await?.iter().map(open).collect()
}

/// Writes an event again.
pub(super) async fn change_event(work: &mut Work, key: &DataKey, tenant: &str, event: &Event) -> Result<()> {
    let id = &event.shown.id;
    let sealed = key.seal(&place(tenant, id), &json(event)).map_err(sealing)?;
    let sql = "update gateway_event set sealed = $3 where tenant = $1 and id = $2";
    work.execute(sql, &[tenant.into(), id.as_str().into(), sealed.into()]).await.map(drop)
}

/// Erases the texts of an account's webhooks that could not be read. Whom they are about is not known, and in which
/// words: so it might be anyone.
pub(super) async fn forget_texts(work: &mut Work, account: &str) -> Result<()> {
    let sql = "update gateway_event set text = null where account = $1 and text is not null";
    work.execute(sql, &[account.into()]).await.map(drop)
}

fn open(key: &DataKey, tenant: &str, id: String, sealed: &[u8]) -> Result<Event> {
    let plain = key.open(&place(tenant, &id), sealed).map_err(sealing)?;
    let mut event: Event = serde_json::from_slice(&plain).map_err(|_| damaged("an event"))?;
    event.shown.id = id;
    Ok(event)
}

impl Directory {
    /// Writes an event of the gateway itself, unless there is one with this key; whether it is new. `audited` is an
    /// entry of the audit that goes with it: what, of what, and a note.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn add_event(
        &self,
        tenant: &str,
        key: &str,
        mut event: Event,
        audited: Option<[&str; 3]>,
        now: Timestamp,
    ) -> Result<bool> {
        // Browsers repeat themselves as fast as they like, and no one else should wait for that.
        let sql = "select seq from gateway_event where account = $1 and key = $2";
        let at = [event.shown.account.as_deref().unwrap_or_default().into(), key.into()];
        if self.db.of(tenant).read_one(sql, &at).await?.is_some() {
            return Ok(false);
        }
        event.shown.received_at = now.to_string();
        let sealing_key = self.sealing_key(tenant).await?;
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
        let added = append(&mut work, &sealing_key, tenant, key, &mut event, now).await?;
        if let (true, Some([what, target, note])) = (added, audited) {
            self.record(&mut work, tenant, what, target, note).await?;
        }
        work.commit().await?;
        Ok(added)
    }

    /// The events of a tenant after the one with this id, at most this many. `None` if there is no such event.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn events(
        &self,
        tenant: &str,
        after: Option<&str>,
        most: u32,
    ) -> Result<Option<Vec<Event>>> {
        let seq = match after {
            Some(id) => {
                let sql = "select seq from gateway_event where tenant = $1 and id = $2";
                let found = self.db.of(tenant).read_one(sql, &[tenant.into(), id.into()]).await?;
                let Some(row) = found else { return Ok(None) };
                row.int(0)?
            }
            None => 0,
        };
        let sql = "select id, sealed from gateway_event where tenant = $1 and seq > $2 order by seq limit $3";
        self.read_events(tenant, sql, &[tenant.into(), seq.into(), most.into()]).await.map(Some)
    }

    /// The newest events of an envelope, at most 200.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn events_of_envelope(
        &self,
        tenant: &str,
        account: &str,
        envelope: &str,
    ) -> Result<Vec<Event>> {
        let sql = "select id, sealed from gateway_event where tenant = $1 and account = $2 and envelope = $3 \
            order by seq desc limit 200";
        self.read_events(tenant, sql, &[tenant.into(), account.into(), envelope.into()]).await
    }

    /// The event of a tenant with this id.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn event_with_id(&self, tenant: &str, id: &str) -> Result<Option<Event>> {
        let sql = "select id, sealed from gateway_event where tenant = $1 and id = $2";
        Ok(self.read_events(tenant, sql, &[tenant.into(), id.into()]).await?.pop())
    }

    /// The text of an event, if it is one of a webhook that could not be read, and the text is still kept.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn webhook_text(&self, tenant: &str, id: &str) -> Result<Option<String>> {
        let sql = "select text from gateway_event where tenant = $1 and id = $2";
        let row = self.db.of(tenant).read_one(sql, &[tenant.into(), id.into()]).await?;
        let Some(sealed) = row.map(|row| row.opt_bytes(0)).transpose()?.flatten() else { return Ok(None) };
        let key = self.sealing_key(tenant).await?;
        let text = key.open(&text_place(tenant, id), &sealed).map_err(sealing)?;
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }

    /// The event with this number, if it is still there.
    pub(super) async fn event(&self, tenant: &str, seq: i64) -> Result<Option<Event>> {
        let sql = "select id, sealed from gateway_event where tenant = $1 and seq = $2";
        Ok(self.read_events(tenant, sql, &[tenant.into(), seq.into()]).await?.pop())
    }

    async fn read_events(&self, tenant: &str, sql: &str, values: &[Value]) -> Result<Vec<Event>> {
        let rows = self.db.of(tenant).read(sql, values).await?;
        let key = self.sealing_key(tenant).await?;
        rows.iter().map(|row| open(&key, tenant, row.text(0)?, &row.bytes(1)?)).collect()
    }
}
