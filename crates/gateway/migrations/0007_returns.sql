-- Signers who return from a vendor's page through the gateway.

-- Hosts to which a tenant's signers may return through it, with blanks between them.
alter table gateway_tenant add column return_hosts text not null default '';

create table gateway_return (
    token         blob not null primary key,          -- SHA-256
    tenant        text not null references gateway_tenant (id),
    account       text not null,
    envelope      text not null,                      -- the vendor's id
    sealed        blob not null,                      -- JSON: where the browser goes, and the recipient
    expires_at    integer not null
) strict;
create index gateway_return_envelope on gateway_return (tenant, account, envelope);
create index gateway_return_expires on gateway_return (expires_at);
