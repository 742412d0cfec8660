-- What limits a key, and when it was last used.
alter table gateway_key add column accounts text;               -- ids with blanks between them; null for all
alter table gateway_key add column per_minute integer;          -- requests; null for any number
alter table gateway_key add column used_on integer;             -- the day, counted from 1970

-- Who changed what. It has no reference to the tenant, because its removal is recorded as well.
create table gateway_audit (
    seq           integer not null primary key autoincrement,
    tenant        text not null,
    at            integer not null,
    who           text not null,                      -- `operator`, or `key` and its public part
    what          text not null,
    target        text not null,                      -- the id of what was changed
    note          text not null
) strict;
create index gateway_audit_tenant on gateway_audit (tenant, seq);
create index gateway_audit_at on gateway_audit (at);
