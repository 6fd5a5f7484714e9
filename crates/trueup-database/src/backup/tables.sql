-- About the database, at the time of the snapshot.
select pg_catalog.current_database(), current_user,
       pg_catalog.pg_encoding_to_char(d.encoding),
       pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       (select pg_catalog.count(*) from pg_catalog.pg_largeobject_metadata),
       pg_catalog.pg_is_in_recovery()
from pg_catalog.pg_database d where d.datname = pg_catalog.current_database();
-- All tables that are somebody's: not the server's, not a session's, not an extension's.
select c.oid, n.nspname, c.relname, c.relkind = 'p',
       case when c.relispartition
            then (select i.inhparent from pg_catalog.pg_inherits i where i.inhrelid = c.oid) end,
       pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_table_privilege(c.oid, 'SELECT'),
       exists (select from pg_catalog.pg_depend e
               where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't'
  and n.nspname <> 'information_schema' and not pg_catalog.starts_with(n.nspname::text, 'pg_')
order by n.nspname collate "C", c.relname collate "C"
