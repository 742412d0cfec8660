-- Calls under keys that the ledger does not know are held after a restore: when that began and ended last.
-- While they are held, it has no end.
alter table gateway_tenant add column hold_began_at integer not null default 0;
alter table gateway_tenant add column hold_ended_at integer default 0;

-- When someone found last that the call under the key did not happen.
alter table gateway_call add column found_free_at integer not null default 0;
