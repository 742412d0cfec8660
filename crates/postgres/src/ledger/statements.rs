//! The statements of the ledger. Each is a transaction of its own.
//!
//! `lease_until` is compared with the server's `now()` alone. `effect` has the numbers of `Effect::rank`.

use tokio_postgres::types::Type;

use crate::database::Statement;

/// Claims a key that is free, expired, or may be taken over. Returns no row if none of these is so.
///
/// A key that is taken over in flight stays so, with what an earlier call may have done.
pub(super) const CLAIM: Statement = Statement {
    sql: "insert into call as c (scope, key, state, fencing_token, lease_until, fingerprint, operation, vendor, \
          account, envelope, recipient) \
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
          returning fencing_token, case state when 'in_flight' then effect end as earlier_effect",
    types: &[
        Type::TEXT,
        Type::TEXT,
        Type::INT8,
        Type::BYTEA,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::TEXT,
        Type::BYTEA,
        Type::INT2,
    ],
};

/// The row of a key, unless it has expired; if wanted, also of a call that did not happen.
pub(super) const FIND: Statement = Statement {
    sql: "select scope, key, state, claimed_at, marked_at, ended_at, fingerprint, effect, operation, vendor, account, \
          envelope, recipient, reply, error, resolved_by, note, expires_at = ended_at as is_free, \
          ceil(extract(epoch from lease_until - now()) * 1000)::bigint as lease_left \
          from call where scope = $1 and key = $2 and (expires_at is null or expires_at > now() \
          or ($3 and state = 'resolved' and expires_at = ended_at))",
    types: &[Type::TEXT, Type::TEXT, Type::BOOL],
};

/// Of the holder only: compares the fencing token.
pub(super) const MARK: Statement = Statement {
    sql: "update call set state = 'in_flight', effect = greatest(effect, $4), \
          marked_at = coalesce(marked_at, now()), lease_until = now() + $5 * interval '1 millisecond' \
          where scope = $1 and key = $2 and fencing_token = $3 and state in ('claimed', 'in_flight') returning 1",
    types: &[Type::TEXT, Type::TEXT, Type::INT8, Type::INT2, Type::INT8],
};

pub(super) const RENEW: Statement = Statement {
    sql: "update call set lease_until = now() + $4 * interval '1 millisecond' \
          where scope = $1 and key = $2 and fencing_token = $3 and state in ('claimed', 'in_flight') returning 1",
    types: &[Type::TEXT, Type::TEXT, Type::INT8, Type::INT8],
};

/// Also replaces the holder's own reply: the answer to an earlier attempt may have been lost.
pub(super) const COMPLETE: Statement = Statement {
    sql: "update call set state = 'completed', ended_at = now(), reply = $4, error = null, \
          expires_at = now() + $5 * interval '1 millisecond' \
          where scope = $1 and key = $2 and fencing_token = $3 and state <> 'resolved' returning 1",
    types: &[Type::TEXT, Type::TEXT, Type::INT8, Type::BYTEA, Type::INT8],
};

/// Ends the lease of a call in flight, with its error if there is one; frees a key that was never marked.
pub(super) const UNKNOWN: Statement = Statement {
    sql: "with freed as (delete from call where scope = $1 and key = $2 and fencing_token = $3 \
          and state = 'claimed' returning 1), \
          noted as (update call set error = coalesce($4, error), lease_until = least(lease_until, now()) \
          where scope = $1 and key = $2 and fencing_token = $3 and state = 'in_flight' returning 1) \
          select 1 from freed union all select 1 from noted",
    types: &[Type::TEXT, Type::TEXT, Type::INT8, Type::BYTEA],
};

pub(super) const RELEASE: Statement = Statement {
    sql: "delete from call where scope = $1 and key = $2 and fencing_token = $3 \
          and state in ('claimed', 'in_flight')",
    types: &[Type::TEXT, Type::TEXT, Type::INT8],
};

/// The key of a call that did not happen is free at once.
pub(super) const RESOLVE: Statement = Statement {
    sql: "update call set state = 'resolved', ended_at = now(), resolved_by = $3, note = $4, \
          expires_at = now() + $5 * interval '1 millisecond' \
          where scope = $1 and key = $2 and state = 'in_flight' and lease_until <= now() returning 1",
    types: &[Type::TEXT, Type::TEXT, Type::TEXT, Type::BYTEA, Type::INT8],
};

/// Of one scope or of all, after a position.
pub(super) const UNRESOLVED: Statement = Statement {
    sql: "select scope, key, state, claimed_at, marked_at, ended_at, fingerprint, effect, operation, vendor, account, \
          envelope, recipient, reply, error, resolved_by, note, 0::bigint as lease_left \
          from call where state = 'in_flight' and lease_until <= now() and ($1::text is null or scope = $1) \
          and ($2::text is null or (scope, key) > ($2, $3)) order by scope, key limit $4",
    types: &[Type::TEXT, Type::TEXT, Type::TEXT, Type::INT8],
};
