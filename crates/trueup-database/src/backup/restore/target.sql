-- The server, and whether anything can be written there.
select pg_catalog.current_database(), pg_catalog.pg_is_in_recovery(),
       -- Not that of this transaction, which only looks.
       s.read_only, current_user
from (select coalesce((select s.reset_val from pg_catalog.pg_settings s where s.name = 'default_transaction_read_only'), 'off'))
     s (read_only);
-- What stands where the tables of the backup belong.
select n.nspname, c.relname, c.oid, c.relkind, pg_catalog.pg_has_role(c.relowner, 'USAGE'),
       pg_catalog.pg_get_userbyid(c.relowner)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where (n.nspname, c.relname) in ($names)
order by 1, 2;
select n.nspname, c.relname, a.attname, a.attgenerated <> ''
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid
where (n.nspname, c.relname) in ($names) and a.attnum > 0 and not a.attisdropped
order by 1, 2, a.attnum
