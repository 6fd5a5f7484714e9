-- Collations.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select c.oid, c.xmin, n.nspname, c.collname, null, c.collowner, null, null,
       case c.collprovider when 'd' then 'default' when 'c' then 'libc' when 'i' then 'icu' else 'builtin' end,
       c.collisdeterministic,
       c.collcollate, c.collctype,
       c.colllocale, --@ 17..
       c.colliculocale, --@ 15..16
       null, --@ ..14
       c.collicurules --@ 16..
       null --@ ..15
from pg_collation c
join pg_namespace n on n.oid = c.collnamespace
where c.oid >= 16384
