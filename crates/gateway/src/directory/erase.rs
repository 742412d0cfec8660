//! Erases what belongs to a tenant, an account or an envelope: also what the library's stores keep, which are in the
//! same database. One transaction, so that nothing is left over.

use countersign::ledger::IdempotencyKey;
use countersign::{Error, ErrorKind, RecipientRef, Result, Timestamp};

use super::Directory;
use super::feed::{change_event, events_to_change, forget_texts, take_turn};
use super::inbox::{keep_known, open_known};
use super::parts::AT_ENVELOPE;
use super::returns::returns_of;
use crate::db::{Value, Work};
use crate::events::Event;
use crate::person::Person;

/// The tables that have a tenant's rows, in the order in which they can be emptied; the column of the tenant, or of the
/// scope in the library's stores.
const TENANT_TABLES: [(&str, &str); 15] = [
    ("gateway_delivery", "tenant"),
    ("gateway_endpoint", "tenant"),
    ("gateway_feed", "tenant"),
    ("gateway_inbox", "tenant"),
    ("gateway_event", "tenant"),
    ("gateway_envelope", "tenant"),
    ("gateway_call", "tenant"),
    ("gateway_return", "tenant"),
    ("gateway_key", "tenant"),
    ("gateway_account", "tenant"),
    ("gateway_audit", "tenant"),
    ("call", "scope"),
    ("reading", "scope"),
    ("envelope_owner", "scope"),
    ("sealing_key", "scope"),
];

/// The deliveries of the events with a condition.
const DELIVERIES: &str = "delete from gateway_delivery where tenant = $1 and seq in \
    (select seq from gateway_event where tenant = $1 and";

/// The calls of an envelope.
const CALLS: &str = "select key from call where scope = $1 and account = $2 and lower(envelope) = lower($3)";

/// What was erased about a recipient.
#[derive(Debug, Default)]
pub(crate) struct Erased {
    /// How many calls with an unknown outcome forbade it.
    pub(crate) open: i64,
    pub(crate) events: u64,
    pub(crate) calls: u64,
}

impl Directory {
    /// Deletes an account with everything that is kept about it. Calls with an unknown outcome forbid it without
    /// `force`: once their rows are gone, a repetition under their keys is sent again. Returns how many forbade it.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn erase_account(&self, tenant: &str, id: &str, force: bool) -> Result<i64> {
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
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
            "delete from gateway_return where tenant = $1 and account = $2",
            "delete from gateway_account where tenant = $1 and id = $2",
        ] {
            work.execute(sql, &at).await?;
        }
        erase_sign_ins(&mut work, &scope).await?;
        self.record(&mut work, tenant, "account.deleted", id, "").await?;
        work.commit().await?;
        self.db.forget_changes().await;
        Ok(0)
    }

    /// Erases what is kept about an envelope. Returns how many calls with an unknown outcome forbade it.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn erase_envelope(&self, of: [&str; 3], force: bool, now: Timestamp) -> Result<i64> {
        let [tenant, account, _] = of;
        self.fold_all(tenant, now).await?;
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
        let at = of.map(Value::from);
        let open = open_calls(&mut work, "and account = $2 and lower(envelope) = lower($3)", &at).await?;
        if open > 0 && !force {
            return Ok(open);
        }
        for sql in [
            &format!("delete from gateway_call where tenant = $1 and key in ({CALLS})"),
            &format!("delete from call where scope = $1 and key in ({CALLS})"),
            &format!("{DELIVERIES} {AT_ENVELOPE})"),
            &format!("delete from gateway_event where {AT_ENVELOPE}"),
            &format!("delete from gateway_envelope where {AT_ENVELOPE}"),
            &format!("delete from gateway_return where {AT_ENVELOPE}"),
        ] {
            work.execute(sql, &at).await?;
        }
        forget_texts(&mut work, account).await?;
        // Not the envelope's id: the entry outlives it.
        self.record(&mut work, tenant, "data.erased", account, "an envelope").await?;
        work.commit().await?;
        self.db.forget_changes().await;
        Ok(0)
    }

    /// The keys of the calls of an envelope.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn calls_of_envelope(&self, at: [&str; 3]) -> Result<Vec<IdempotencyKey>> {
        let rows = self.db.of(at[0]).read(CALLS, &at.map(Value::from)).await?;
        let keys = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        Ok(keys.into_iter().filter_map(|key| IdempotencyKey::new(key).ok()).collect())
    }

    /// Erases what is kept about a recipient of an envelope: events no longer say whom they are about, and calls about
    /// the recipient are gone, and so is where the recipient returns to. Of `calls`, each has its key and its
    /// recipient, `None` for everyone.
    ///
    /// # Errors
    /// `Unavailable` if the database does not answer.
    pub(crate) async fn erase_recipient(
        &self,
        at: [&str; 3],
        recipient: &RecipientRef,
        calls: &[(IdempotencyKey, Option<String>)],
        force: bool,
        now: Timestamp,
    ) -> Result<Erased> {
        let [tenant, account, _] = at;
        self.fold_all(tenant, now).await?;
        let key = self.sealing_key(tenant).await?;
        let mut work = self.db.of(tenant).begin().await?;
        take_turn(&mut work, tenant).await?;
        let values = at.map(Value::from);
        let mut events = events_to_change(&mut work, &key, &values).await?;
        let sql = format!("select envelope, version, sealed from gateway_envelope where {AT_ENVELOPE}");
        let mut known = Vec::new();
        for row in work.query(&sql, &values).await? {
            let envelope = row.text(0)?;
            let of_envelope = open_known(&key, [tenant, account, &envelope], &row.bytes(2)?)?;
            known.push((envelope, row.int(1)?, of_envelope));
        }
        let mut groups: Vec<Vec<String>> = events.iter().map(Event::names).collect();
        groups.extend(known.iter().flat_map(|(_, _, known)| known.people()));
        let returns = returns_of(&mut work, &key, &values).await?;
        groups.extend(returns.iter().map(|(_, to)| to.names()));
        let person = Person::new(recipient, &groups);

        let mut erased = Erased::default();
        for (call, about) in calls {
            let at = [tenant, call.as_str()].map(Value::from);
            let statements: &[&str] = match about {
                // It may have had an effect on others, so its key stays used.
                None => &["update call set reply = null, error = null, note = null, \
                    state = case when state = 'completed' then 'resolved' else state end, \
                    resolved_by = case when state = 'completed' then 'erasure' else resolved_by end \
                    where scope = $1 and key = $2 and state <> 'claimed'"],
                Some(about) if person.is(about) => {
                    erased.open += open_calls(&mut work, "and key = $2", &at).await?;
                    erased.calls += 1;
                    &[
                        "delete from gateway_call where tenant = $1 and key = $2",
                        "delete from call where scope = $1 and key = $2",
                    ]
                }
                Some(_) => &[],
            };
            for sql in statements {
                work.execute(sql, &at).await?;
            }
        }
        if erased.open > 0 && !force {
            // Without a commit, nothing has changed.
            return Ok(erased);
        }
        for event in &mut events {
            // Who wrote the reason of an event about the whole envelope is not known.
            let names = event.names();
            if (names.is_empty() || names.iter().any(|name| person.is(name))) && event.forget_person() {
                erased.events += 1;
                change_event(&mut work, &key, tenant, event).await?;
            }
        }
        for (envelope, version, mut known) in known {
            known.forget_person(&person);
            keep_known(&mut work, &key, [tenant, account, &envelope], version, &known).await?;
        }
        for (hash, to) in returns {
            if to.names().iter().any(|name| person.is(name)) {
                work.execute("delete from gateway_return where token = $1", &[hash.into()]).await?;
            }
        }
        forget_texts(&mut work, account).await?;
        // Keys outlive their calls, and may be addresses.
        for address in person.addresses() {
            let like = address.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let sql = "delete from gateway_call where tenant = $1 and lower(key) like $2 escape '\\' \
                and not exists (select 1 from call where call.scope = $1 and call.key = gateway_call.key)";
            work.execute(sql, &[tenant.into(), format!("%{like}%").into()]).await?;
        }
        self.record(&mut work, tenant, "data.erased", account, "a recipient").await?;
        work.commit().await?;
        self.db.forget_changes().await;
        Ok(Erased { open: 0, ..erased })
    }

    /// Removes the tenant with this name or id, and everything that is kept about it; its keys open nothing from then
    /// on.
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
            erase_sign_ins(&mut work, &format!("{tenant}/{}", account.id)).await?;
        }
        for (table, column) in TENANT_TABLES {
            let sql = format!("delete from {table} where {column} = $1");
            work.execute(&sql, &[(&tenant).into()]).await?;
        }
        work.execute("delete from gateway_tenant where id = $1", &[(&tenant).into()]).await?;
        self.record(&mut work, &tenant, "tenant.removed", &tenant, "").await?;
        work.commit().await?;
        self.db.forget_changes().await;
        Ok(())
    }
}

/// How many calls may still have an effect, or have had one.
async fn open_calls(work: &mut Work, condition: &str, values: &[Value]) -> Result<i64> {
    let sql = format!("select count(*) from call where scope = $1 and state = 'in_flight' {condition}");
    work.query_one(&sql, values).await?.int(0)
}

/// Forgets the tokens of an account and sign-ins that have started, as a sign-out does. The keys that sealed them stay:
/// a replica that has them in memory may seal with them again.
pub(super) async fn forget_sign_ins(work: &mut Work, scope: &str) -> Result<()> {
    let sql =
        "update token set sealed = null, version = null where substr(key, 1, length($1) + 1) = $1 || '-'";
    work.execute(sql, &[scope.into()]).await?;
    work.execute("delete from sign_in where scope = $1", &[scope.into()]).await.map(drop)
}

/// The tokens of an account, whose keys begin with its scope, and sign-ins that have started.
async fn erase_sign_ins(work: &mut Work, scope: &str) -> Result<()> {
    for sql in [
        "delete from token where substr(key, 1, length($1) + 1) = $1 || '-'",
        "delete from sealing_key where substr(scope, 1, length($1) + 1) = $1 || '-'",
        "delete from sign_in where scope = $1",
        "delete from sealing_key where scope = $1",
    ] {
        work.execute(sql, &[scope.into()]).await?;
    }
    Ok(())
}
