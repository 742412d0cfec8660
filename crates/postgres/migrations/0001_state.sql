-- The state of Countersign. Every key begins with whose entry it is; the server's clock decides all times.

-- Numbers for leases and versions: none is ever given out twice.
create sequence fence;

-- Keys of a scope, by purpose, each wrapped under a key of the operator.
create table sealing_key (
    purpose       text collate "C" not null,          -- seal, fingerprint
    scope         text collate "C" not null,
    key_id        text not null,                      -- of the key that wraps it
    sealed        bytea not null,
    primary key (purpose, scope)
);

-- Calls under an idempotency key.
create table call (
    scope         text collate "C" not null,
    key           text collate "C" not null,
    state         text not null check (state in ('claimed', 'in_flight', 'completed', 'resolved')),
    claimed_at    timestamptz not null default now(),
    marked_at     timestamptz,                        -- when an effect was marked first
    ended_at      timestamptz,                        -- when it was completed or resolved
    fencing_token bigint not null,
    lease_until   timestamptz not null,
    fingerprint   bytea not null,                     -- HMAC of the request
    effect        smallint not null default 0,        -- the strongest that was marked
    operation     text not null,
    vendor        text not null,
    account       text,
    envelope      text not null,
    recipient     bytea,                              -- sealed
    reply         bytea,                              -- sealed
    error         bytea,                              -- sealed
    resolved_by   text,
    note          bytea,                              -- sealed
    expires_at    timestamptz,
    primary key (scope, key)
) with (fillfactor = 70);
create index call_expires on call (expires_at) where expires_at is not null;
create index call_in_flight on call (scope, key) where state = 'in_flight';

-- Tokens of users who have signed in, and the lease for renewing them.
create table token (
    key           text collate "C" primary key,
    sealed        bytea,                              -- null after a sign-out
    version       bigint,
    fencing_token bigint,
    lease_until   timestamptz
) with (fillfactor = 70);

-- Notifications that were processed, or are being processed.
create table seen (
    account       text collate "C" not null,
    notification  text collate "C" not null,
    done          boolean not null default false,
    fencing_token bigint not null,
    lease_until   timestamptz not null,
    primary key (account, notification)
) with (fillfactor = 70);
create index seen_lease on seen (lease_until);

-- Returns of browsers that were used.
create table nonce (
    nonce         bytea primary key,
    until         timestamptz not null
);
create index nonce_until on nonce (until);

-- When envelopes were read, and what was read.
create table reading (
    scope         text collate "C" not null,
    envelope      text collate "C" not null,
    read_at       timestamptz not null,
    list          bytea,                              -- sealed
    primary key (scope, envelope)
) with (fillfactor = 70);
create index reading_at on reading (read_at);

-- Browser sign-ins that have started.
create table sign_in (
    scope         text collate "C" not null,
    handle        text collate "C" not null,
    sealed        bytea not null,
    until         timestamptz not null,
    primary key (scope, handle)
);
create index sign_in_until on sign_in (until);

-- The account that owns an envelope.
create table envelope_owner (
    scope         text collate "C" not null,
    envelope      text collate "C" not null,
    account       text not null,
    primary key (scope, envelope)
);
