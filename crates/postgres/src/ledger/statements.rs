//! The statements of the ledger, each a transaction of its own, and how they tell a row.
//!
//! `lease_until` is compared with the server's `now()` alone. `effect` has the numbers of `Effect::rank`.

use std::time::Duration;

use countersign_core::Result;
use countersign_vault::SealedCall;
use tokio_postgres::Row;

use crate::database::column;

/// Claims a key that is free, expired, or may be taken over. Returns no row if none of these is so.
///
/// A key that is taken over in flight stays so, with what an earlier call may have done.
pub(super) const CLAIM: &str = "insert into call as c (scope, key, state, fencing_token, lease_until, \
    fingerprint, operation, vendor, account, envelope, recipient) \
    values ($1, $2, 'claimed', nextval('fence'), now() + $3 * interval '1 millisecond', $4, $5, $6, $7, $8, $9) \
    on conflict (scope, key) do update set \
    state = case c.state when 'in_flight' then c.state else 'claimed' end, \
    effect = case c.state when 'in_flight' then c.effect else 0 end, \
    marked_at = case c.state when 'in_flight' then c.marked_at end, \
    error = case c.state when 'in_flight' then c.error end, \
    fencing_token = excluded.fencing_token, lease_until = excluded.lease_until, claimed_at = now(), \
    fingerprint = excluded.fingerprint, operation = excluded.operation, vendor = excluded.vendor, \
    account = excluded.account, envelope = excluded.envelope, recipient = excluded.recipient, \
    ended_at = null, reply = null, resolved_by = null, note = null, expires_at = null \
    where c.expires_at <= now() \
    or (c.state = 'claimed' and c.lease_until <= now()) \
    or (c.state = 'in_flight' and c.lease_until <= now() and c.effect <= $10 \
        and c.fingerprint = excluded.fingerprint) \
    returning fencing_token, case state when 'in_flight' then effect end as earlier_effect";

/// The row of a key, unless it has expired; if wanted, also of a call that did not happen.
pub(super) const FIND: &str = "select scope, key, state, claimed_at, marked_at, ended_at, fingerprint, effect, \
    operation, vendor, account, envelope, recipient, reply, error, resolved_by, note, expires_at = ended_at as is_free, \
    ceil(extract(epoch from lease_until - now()) * 1000)::bigint as lease_left \
    from call where scope = $1 and key = $2 and (expires_at is null or expires_at > now() \
    or ($3 and state = 'resolved' and expires_at = ended_at))";

/// Of the holder only: compares the fencing token.
pub(super) const MARK: &str = "update call set state = 'in_flight', effect = greatest(effect, $4), \
    marked_at = coalesce(marked_at, now()), lease_until = now() + $5 * interval '1 millisecond' \
    where scope = $1 and key = $2 and fencing_token = $3 and state in ('claimed', 'in_flight') returning 1";

pub(super) const RENEW: &str = "update call set lease_until = now() + $4 * interval '1 millisecond' \
    where scope = $1 and key = $2 and fencing_token = $3 and state in ('claimed', 'in_flight') returning 1";

/// Also replaces the holder's own reply: the answer to an earlier attempt may have been lost.
pub(super) const COMPLETE: &str = "update call set state = 'completed', ended_at = now(), reply = $4, error = null, \
    expires_at = now() + $5 * interval '1 millisecond' \
    where scope = $1 and key = $2 and fencing_token = $3 and state <> 'resolved' returning 1";

/// Ends the lease of a call in flight, with its error if there is one; frees a key that was never marked.
pub(super) const UNKNOWN: &str = "with freed as (delete from call where scope = $1 and key = $2 and fencing_token = $3 \
    and state = 'claimed' returning 1), \
    noted as (update call set error = coalesce($4, error), lease_until = least(lease_until, now()) \
    where scope = $1 and key = $2 and fencing_token = $3 and state = 'in_flight' returning 1) \
    select 1 from freed union all select 1 from noted";

pub(super) const RELEASE: &str = "delete from call where scope = $1 and key = $2 and fencing_token = $3 \
    and state in ('claimed', 'in_flight')";

/// The key of a call that did not happen is free at once.
pub(super) const RESOLVE: &str = "update call set state = 'resolved', ended_at = now(), resolved_by = $3, note = $4, \
    expires_at = now() + $5 * interval '1 millisecond' \
    where scope = $1 and key = $2 and state = 'in_flight' and lease_until <= now() returning 1";

/// Of one scope or of all, after a position.
pub(super) const UNRESOLVED: &str = "select scope, key, state, claimed_at, marked_at, ended_at, fingerprint, effect, \
    operation, vendor, account, envelope, recipient, reply, error, resolved_by, note, false as is_free, 0::bigint as lease_left \
    from call where state = 'in_flight' and lease_until <= now() and ($1::text is null or scope = $1) \
    and ($2::text is null or (scope, key) > ($2, $3)) order by scope, key limit $4";

/// A row of the table.
pub(super) fn read(row: &Row) -> Result<SealedCall> {
    let left = u64::try_from(column::<i64>(row, "lease_left")?).ok().filter(|left| *left > 0);
    Ok(SealedCall {
        scope: column(row, "scope")?,
        key: column(row, "key")?,
        state: column(row, "state")?,
        claimed_at: column(row, "claimed_at")?,
        marked_at: column(row, "marked_at")?,
        ended_at: column(row, "ended_at")?,
        is_free: column::<Option<bool>>(row, "is_free")?.unwrap_or_default(),
        lease_left: left.map(Duration::from_millis),
        fingerprint: column(row, "fingerprint")?,
        effect: column(row, "effect")?,
        operation: column(row, "operation")?,
        vendor: column(row, "vendor")?,
        account: column(row, "account")?,
        envelope: column(row, "envelope")?,
        recipient: column(row, "recipient")?,
        reply: column(row, "reply")?,
        error: column(row, "error")?,
        resolved_by: column(row, "resolved_by")?,
        note: column(row, "note")?,
    })
}
