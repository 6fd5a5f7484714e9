-- Access methods.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select a.oid, a.xmin, null, a.amname, null, null, null, null,
       case a.amtype when 'i' then 'index' else 'table' end, a.amhandler::regproc
from pg_am a
where a.oid >= 16384
