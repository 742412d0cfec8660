-- Counts the sign-ins and sign-outs: a replica that has a client of an earlier one makes it anew.
alter table gateway_account add column generation integer not null default 1;

-- The replicas that run. A row that is not renewed is of one that died.
create table gateway_beat (
    replica       text not null primary key,
    version       text not null,
    at            integer not null
) strict;
