-- What the gateway keeps beside the stores of the library. Times are microseconds since 1970 in UTC.

create table gateway_tenant (
    id            text not null primary key,
    name          text not null unique,
    key_id        text not null,                      -- of the operator's key that wraps the tenant's key
    sealed        blob not null,                      -- the tenant's key; without it, its rows are unreadable
    created_at    integer not null
) strict;

-- API keys: the public part, and a hash of the whole.
create table gateway_key (
    id            text not null primary key,
    tenant        text not null references gateway_tenant (id),
    hash          blob not null,                      -- SHA-256
    scopes        text not null,                      -- words with blanks between them
    note          text not null,
    created_at    integer not null,
    expires_at    integer,
    revoked_at    integer
) strict;
create index gateway_key_tenant on gateway_key (tenant);

create table gateway_account (
    tenant        text not null references gateway_tenant (id),
    id            text not null,
    name          text not null,
    vendor        text not null,
    settings      blob not null,                      -- sealed JSON
    created_at    integer not null,
    primary key (tenant, id),
    unique (tenant, name)
) strict;

-- Webhooks name the account only.
create index gateway_account_id on gateway_account (id);

-- The ids under which calls appear in paths: callers' keys may be addresses.
create table gateway_call (
    tenant        text not null references gateway_tenant (id),
    id            text not null,
    key           text not null,
    used_at       integer not null,
    primary key (tenant, id),
    unique (tenant, key)
) strict;
create index gateway_call_used on gateway_call (used_at);
