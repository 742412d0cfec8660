//! The queue of deliveries. Replicas share it: each takes rows for a time, and another takes them over after it.

use std::time::Duration;

use countersign::{Result, Timestamp};

use super::Directory;
use super::endpoints::Endpoint;
use super::feed::{append, take_turn};
use crate::db::{Row, Value};
use crate::events::Event;
use crate::outgoing::{Attempt, GIVE_UP_AFTER, pause};

/// The most deliveries of an endpoint at once.
pub(crate) const AT_ONCE: u32 = 10;

/// How long a process has a delivery: an attempt takes 15 s at most.
const LEASE: i64 = 60 * 1_000_000;

/// A delivery that this process has for a time.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) tenant: String,
    pub(crate) endpoint: String,
    seq: i64,
    /// With this one.
    attempts: i64,
    /// Tells whether another process has taken over.
    fence: i64,
}

/// A delivery in a list.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) event: String,
    pub(crate) event_type: String,
    pub(crate) state: String,
    pub(crate) attempts: i64,
    pub(crate) due_at: Timestamp,
    pub(crate) tried_at: Option<Timestamp>,
    pub(crate) status: Option<i64>,
    pub(crate) error: Option<String>,
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

impl Directory {
    /// Takes what is due at one endpoint, of a tenant that is not among `sated`, ids with blanks between them. `None`
    /// if no such endpoint has anything due; an empty list if another process was faster, so that others may have
    /// something.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn take_due(&self, now: Timestamp, sated: &str) -> Result<Option<Vec<Due>>> {
        let now = now.as_microsecond();
        let mut work = self.db.across_tenants().begin().await?;
        // The endpoint's row is held until the end, so that replicas count one after the other. Of a large backlog, the
        // first row that is due is read; `exists` could read all.
        let sql = "select tenant, id from gateway_endpoint e where state = 'on' and paused_until <= $1 \
            and ' ' || $3 || ' ' not like '% ' || tenant || ' %' \
            and (select d.seq from gateway_delivery d where d.tenant = e.tenant and d.endpoint = e.id \
            and d.state = 'waiting' and d.due_at <= $1 and d.leased_until <= now_us() \
            order by d.due_at, d.seq limit 1) is not null \
            and (select count(*) from gateway_delivery d where d.tenant = e.tenant and d.endpoint = e.id \
            and d.state = 'waiting' and d.leased_until > now_us()) < $2 order by taken_at limit 1 {skip_locked}";
        let rows = work.query(sql, &[now.into(), AT_ONCE.into(), sated.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (tenant, endpoint) = (row.text(0)?, row.text(1)?);
        let at = [tenant.as_str().into(), endpoint.as_str().into()];
        let sql = "update gateway_endpoint set taken_at = now_us() where tenant = $1 and id = $2";
        work.execute(sql, &at).await?;
        // Again, because another replica may have taken some since the first statement began.
        let sql = "select count(*) from gateway_delivery where tenant = $1 and endpoint = $2 \
            and state = 'waiting' and leased_until > now_us()";
        let running = work.query_one(sql, &at).await?.int(0)?;
        let sql = "update gateway_delivery set leased_until = now_us() + $3, attempts = attempts + 1, \
            fence = fence + 1 \
            where tenant = $1 and endpoint = $2 and seq in (select seq from gateway_delivery where tenant = $1 \
            and endpoint = $2 and state = 'waiting' and due_at <= $4 and leased_until <= now_us() \
            order by due_at, seq limit $5) returning seq, attempts, fence";
        let [tenant_value, endpoint_value] = at;
        let values: [Value; 5] = [
            tenant_value,
            endpoint_value,
            LEASE.into(),
            now.into(),
            (i64::from(AT_ONCE) - running).max(0).into(),
        ];
        let rows = work.query(sql, &values).await?;
        work.commit().await?;
        let due = |row: &Row| {
            let (tenant, endpoint) = (tenant.clone(), endpoint.clone());
            Ok(Due { tenant, endpoint, seq: row.int(0)?, attempts: row.int(1)?, fence: row.int(2)? })
        };
        rows.iter().map(due).collect::<Result<_>>().map(Some)
    }

    /// What a delivery sends, and to whom; `None` if the event or the endpoint is gone.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn due_event(&self, due: &Due) -> Result<Option<(Endpoint, Event)>> {
        let endpoint = self.endpoint(&due.tenant, &due.endpoint).await?;
        Ok(endpoint.zip(self.event(&due.tenant, due.seq).await?))
    }

    /// Records how an attempt ended; why the endpoint was switched off, if it was.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer: the delivery is then made once more.
    pub(crate) async fn end_attempt(
        &self,
        due: &Due,
        attempt: &Attempt,
        now: Timestamp,
        random: u16,
    ) -> Result<Option<&'static str>> {
        let at = now.as_microsecond();
        let attempts = u32::try_from(due.attempts).unwrap_or(u32::MAX);
        let (state, status, error, next) = match attempt {
            Attempt::Accepted(status) => ("delivered", Some(i64::from(*status)), None, 0),
            Attempt::Gone => ("failed", Some(410), Some("it answered 410"), 0),
            Attempt::Failed { status, why, after } => match pause(attempts, *after, random) {
                Some(pause) => ("waiting", status.map(i64::from), Some(why.as_str()), micros(pause)),
                None => ("failed", status.map(i64::from), Some(why.as_str()), 0),
            },
        };
        let key = self.sealing_key(&due.tenant).await?;
        let mut work = self.db.of(&due.tenant).begin().await?;
        take_turn(&mut work, &due.tenant).await?;
        let sql = "update gateway_delivery set state = $5, leased_until = 0, due_at = $6, tried_at = now_us(), \
            status = $7, error = $8 where tenant = $1 and endpoint = $2 and seq = $3 and fence = $4 and attempts = $9";
        let values: [Value; 9] = [
            due.tenant.as_str().into(),
            due.endpoint.as_str().into(),
            due.seq.into(),
            due.fence.into(),
            state.into(),
            at.saturating_add(next).into(),
            status.into(),
            error.into(),
            due.attempts.into(),
        ];
        if work.execute(sql, &values).await? == 0 {
            // It is replayed from the first attempt on, but the answer still says something about the endpoint.
            let sql = "update gateway_delivery set leased_until = 0 \
                where tenant = $1 and endpoint = $2 and seq = $3 and fence = $4";
            if work.execute(sql, &values[..4]).await? == 0 {
                // Another process has taken over, or the endpoint is gone.
                return Ok(None);
            }
        }
        // Answers that were on their way when the endpoint asked for a pause do not end it.
        let resume = match attempt {
            Attempt::Failed { after: Some(after), .. } => at.saturating_add(micros(*after)),
            _ => 0,
        };
        let [tenant, endpoint, ..] = values;
        let mut at_endpoint = vec![tenant, endpoint, resume.into()];
        // The first failure after a success begins a time of failing.
        let failing = match attempt {
            Attempt::Accepted(_) => "null",
            _ => {
                at_endpoint.push(at.into());
                "coalesce(failing_since, $4)"
            }
        };
        let sql = format!(
            "update gateway_endpoint set failing_since = {failing}, \
             paused_until = case when paused_until > $3 then paused_until else $3 end \
             where tenant = $1 and id = $2 and state = 'on' returning failing_since"
        );
        let rows = work.query(&sql, &at_endpoint).await?;
        let failing = rows.first().map(|row| row.opt_int(0)).transpose()?.flatten();
        let why = match (attempt, failing) {
            (Attempt::Gone, Some(_)) => Some("it answered 410"),
            (Attempt::Failed { .. }, Some(since)) if at.saturating_sub(since) >= micros(GIVE_UP_AFTER) => {
                Some("it accepted nothing for five days")
            }
            _ => None,
        };
        if let Some(why) = why {
            let sql = "update gateway_endpoint set state = 'off', off_why = $3 where tenant = $1 and id = $2";
            let off = [due.tenant.as_str().into(), due.endpoint.as_str().into(), why.into()];
            work.execute(sql, &off).await?;
            let mut event = Event::of_gateway("endpoint.disabled");
            event.shown.received_at = now.to_string();
            (event.shown.endpoint, event.shown.reason) = (Some(due.endpoint.clone()), Some(why.to_owned()));
            let once = format!("endpoint.disabled:{}:{at}", due.endpoint);
            append(&mut work, &key, &due.tenant, &once, &mut event, now).await?;
        }
        work.commit().await?;
        Ok(why)
    }

    /// Deletes a delivery whose event or endpoint is gone.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn forget_delivery(&self, due: &Due) -> Result<()> {
        let sql = "delete from gateway_delivery where tenant = $1 and endpoint = $2 and seq = $3";
        let values = [due.tenant.as_str().into(), due.endpoint.as_str().into(), due.seq.into()];
        self.db.of(&due.tenant).write(sql, &values).await.map(drop)
    }

    /// The newest deliveries of an endpoint.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn deliveries(&self, tenant: &str, endpoint: &str, most: u32) -> Result<Vec<Delivery>> {
        let sql = "select e.id, e.type, d.state, d.attempts, d.due_at, d.tried_at, d.status, d.error \
            from gateway_delivery d join gateway_event e on e.tenant = d.tenant and e.seq = d.seq \
            where d.tenant = $1 and d.endpoint = $2 order by d.seq desc limit $3";
        let rows = self.db.of(tenant).read(sql, &[tenant.into(), endpoint.into(), most.into()]).await?;
        let time = |micros| Timestamp::from_microsecond(micros).unwrap_or_default();
        let read = |row: &Row| {
            Ok(Delivery {
                event: row.text(0)?,
                event_type: row.text(1)?,
                state: row.text(2)?,
                attempts: row.int(3)?,
                due_at: time(row.int(4)?),
                tried_at: row.opt_int(5)?.map(time),
                status: row.opt_int(6)?,
                error: row.opt_text(7)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Delivers the events since then once more to an endpoint, from the first attempt on; how many. What is on its way
    /// keeps its lease, so that it is not sent twice at once.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn replay(
        &self,
        tenant: &str,
        endpoint: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<u64> {
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
        let sql = "insert into gateway_delivery (tenant, endpoint, seq, state, attempts, due_at, leased_until) \
            select p.tenant, p.id, e.seq, 'waiting', 0, $4, 0 from gateway_event e join gateway_endpoint p \
            on p.tenant = e.tenant and p.id = $2 where e.tenant = $1 and e.received_at >= $3 \
            and (p.types = '' or ' ' || p.types || ' ' like '% ' || e.type || ' %') \
            on conflict (tenant, endpoint, seq) do update set state = 'waiting', attempts = 0, \
            due_at = excluded.due_at, status = null, error = null";
        let values: [Value; 4] =
            [tenant.into(), endpoint.into(), since.as_microsecond().into(), now.as_microsecond().into()];
        let count = work.execute(sql, &values).await?;
        self.record(&mut work, tenant, "endpoint.replayed", endpoint, &format!("since {since}")).await?;
        work.commit().await?;
        Ok(count)
    }
}
