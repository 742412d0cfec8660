-- What vendors' webhooks reported, in the order in which it arrived.
create table gateway_event (
    seq           integer not null primary key autoincrement,
    tenant        text not null references gateway_tenant (id),
    id            text not null unique,
    account       text not null,
    key           text not null,                      -- the same for every delivery of the same event
    sealed        blob not null,                      -- JSON
    received_at   integer not null,
    unique (account, key)
) strict;
create index gateway_event_tenant on gateway_event (tenant, seq);
create index gateway_event_received on gateway_event (received_at);
