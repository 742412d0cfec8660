-- What vendors reported and is not an event yet, and what is known of each envelope from it.

create table gateway_inbox (
    account       text not null,
    key           text not null,                      -- the same for every delivery of the same event
    tenant        text not null references gateway_tenant (id),
    sealed        blob not null,                      -- JSON
    received_at   integer not null,
    primary key (account, key)
) strict;
create index gateway_inbox_tenant on gateway_inbox (tenant, received_at);

create table gateway_envelope (
    tenant        text not null references gateway_tenant (id),
    account       text not null,
    envelope      text not null,                      -- the vendor's id
    version       integer not null,                   -- counts its events
    sealed        blob not null,                      -- JSON: statuses and recipients
    changed_at    integer not null,
    primary key (tenant, account, envelope)
) strict;
create index gateway_envelope_changed on gateway_envelope (changed_at);

-- The beginning of a webhook that could not be read, sealed. Lists of events do not read it.
alter table gateway_event add column text blob;
create index gateway_event_text on gateway_event (account, seq) where text is not null;

-- When the reconciler last looked.
alter table gateway_call add column looked_at integer not null default 0;
-- When the unknown outcome began about which the tenant was notified.
alter table gateway_call add column told_since integer;
