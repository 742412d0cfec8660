-- Since when calls under keys that the ledger does not know are held, after a restore; null if they are not.
alter table gateway_tenant add column held_since integer;
