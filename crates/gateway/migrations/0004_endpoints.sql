-- Events go out to endpoints of tenants, one delivery for each endpoint that wants the event.

alter table gateway_event add column type text not null default '';
alter table gateway_event add column envelope text;             -- the vendor's id
create index gateway_event_envelope on gateway_event (account, envelope);

-- Whoever holds the tenant's row writes its next events, so that a later number is never seen before an earlier one.
create table gateway_feed (
    tenant        text not null references gateway_tenant (id) primary key,
    turn          integer not null
) strict;

create table gateway_endpoint (
    tenant        text not null references gateway_tenant (id),
    id            text not null,
    sealed        blob not null,                      -- JSON: the URL and the secrets
    types         text not null,                      -- words with blanks between them; empty for all
    people        integer not null,                   -- 1: messages have names and addresses
    state         text not null,                      -- `on` or `off`
    off_why       text,
    failing_since integer,
    paused_until  integer not null,
    taken_at      integer not null,
    created_at    integer not null,
    primary key (tenant, id)
) strict;

create table gateway_delivery (
    tenant        text not null references gateway_tenant (id),
    endpoint      text not null,
    seq           integer not null,                   -- of the event
    state         text not null,                      -- `waiting`, `delivered` or `failed`
    attempts      integer not null,                   -- since it was made, or replayed
    fence         integer not null default 0,         -- counts all attempts
    due_at        integer not null,
    leased_until  integer not null,
    tried_at      integer,
    status        integer,
    error         text,
    primary key (tenant, endpoint, seq)
) strict;
create index gateway_delivery_due on gateway_delivery (tenant, endpoint, due_at, seq) where state = 'waiting';
create index gateway_delivery_leased on gateway_delivery (tenant, endpoint, leased_until) where state = 'waiting';
create index gateway_delivery_ended on gateway_delivery (tried_at) where state <> 'waiting';
