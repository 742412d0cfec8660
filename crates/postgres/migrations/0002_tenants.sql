-- Hides the rows of tenants from each other, except from the owner of the tables: any other user sees only those of the
-- tenant that its transaction names, and all of them if it names `*`. The tenant of a row is what is before the first `/`
-- of its scope. A nonce is a random number and belongs to no one.

do $$
declare
    found record;
begin
    for found in values
        ('sealing_key', 'scope'), ('call', 'scope'), ('reading', 'scope'), ('sign_in', 'scope'),
        ('envelope_owner', 'scope'), ('token', 'key'), ('seen', 'account')
    loop
        execute format('alter table %I enable row level security', found.column1);
        execute format(
            'create policy tenant on %I using (nullif(current_setting(''countersign.tenant'', true), '''') in (split_part(%I, ''/'', 1), ''*''))',
            found.column1, found.column2);
    end loop;
end $$;
