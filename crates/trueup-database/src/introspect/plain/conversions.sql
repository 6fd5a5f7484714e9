-- Encoding conversions.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select c.oid, c.xmin, n.nspname, c.conname, null, c.conowner, null, null,
       pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc::regproc, c.condefault
from pg_conversion c
join pg_namespace n on n.oid = c.connamespace
where c.oid >= 16384
