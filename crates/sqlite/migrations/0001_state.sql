-- The state of Countersign. Every key begins with whose entry it is. Times are microseconds since 1970 in UTC.

-- The latest number for leases and versions: none is ever given out twice.
create table fence (last integer not null) strict;
insert into fence (last) values (0);

-- Keys of a scope, by purpose, each wrapped under a key of the operator.
create table sealing_key (
    purpose       text not null,                      -- seal, fingerprint
    scope         text not null,
    key_id        text not null,                      -- of the key that wraps it
    sealed        blob not null,
    primary key (purpose, scope)
) strict, without rowid;

-- Calls under an idempotency key.
create table call (
    scope         text not null,
    key           text not null,
    state         text not null check (state in ('claimed', 'in_flight', 'completed', 'resolved')),
    claimed_at    integer not null,
    marked_at     integer,                            -- when an effect was marked first
    ended_at      integer,                            -- when it was completed or resolved
    fencing_token integer not null,
    lease_until   integer not null,
    fingerprint   blob not null,                      -- HMAC of the request
    effect        integer not null default 0,         -- the strongest that was marked
    operation     text not null,
    vendor        text not null,
    account       text,
    envelope      text not null,
    recipient     blob,                               -- sealed
    reply         blob,                               -- sealed
    error         blob,                               -- sealed
    resolved_by   text,
    note          blob,                               -- sealed
    expires_at    integer,
    primary key (scope, key)
) strict;
create index call_expires on call (expires_at) where expires_at is not null;
create index call_in_flight on call (scope, key) where state = 'in_flight';

-- Tokens of users who have signed in, and the lease for renewing them.
create table token (
    key           text not null primary key,
    sealed        blob,                               -- null after a sign-out
    version       integer,
    fencing_token integer,
    lease_until   integer
) strict;

-- Notifications that were processed, or are being processed.
create table seen (
    account       text not null,
    notification  text not null,
    done          integer not null default 0,
    fencing_token integer not null,
    lease_until   integer not null,                   -- once done: until when it is remembered
    primary key (account, notification)
) strict;
create index seen_lease on seen (lease_until);

-- Returns of browsers that were used.
create table nonce (
    nonce         blob not null primary key,
    until         integer not null
) strict;
create index nonce_until on nonce (until);

-- When envelopes were read, and what was read.
create table reading (
    scope         text not null,
    envelope      text not null,
    read_at       integer not null,
    list          blob,                               -- sealed
    primary key (scope, envelope)
) strict;
create index reading_at on reading (read_at);

-- Browser sign-ins that have started.
create table sign_in (
    scope         text not null,
    handle        text not null,
    sealed        blob not null,
    until         integer not null,
    primary key (scope, handle)
) strict;
create index sign_in_until on sign_in (until);

-- The account that owns an envelope.
create table envelope_owner (
    scope         text not null,
    envelope      text not null,
    account       text not null,
    primary key (scope, envelope)
) strict;
