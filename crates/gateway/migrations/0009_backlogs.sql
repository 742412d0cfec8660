-- So that nothing reads a whole backlog: what is due, what is on its way, and what is older than it is kept.

drop index gateway_delivery_waiting;
create index gateway_delivery_due on gateway_delivery (tenant, endpoint, due_at, seq) where state = 'waiting';
create index gateway_delivery_leased on gateway_delivery (tenant, endpoint, leased_until) where state = 'waiting';
create index gateway_delivery_ended on gateway_delivery (tried_at) where state <> 'waiting';
create index gateway_envelope_changed on gateway_envelope (changed_at);
create index gateway_audit_at on gateway_audit (at);

-- When the unknown outcome began about which the tenant was told.
alter table gateway_call add column told_since integer;
