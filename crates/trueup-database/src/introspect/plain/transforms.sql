-- Transforms.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select t.oid, t.xmin, null, 'for ' || format_type(t.trftype, null) || ' language ' || l.lanname, null, null, null, null,
       nullif(t.trffromsql::oid, 0)::regprocedure, nullif(t.trftosql::oid, 0)::regprocedure
from pg_transform t
join pg_language l on l.oid = t.trflang
where t.oid >= 16384
