-- Text search parsers.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select p.oid, p.xmin, n.nspname, p.prsname, null, null, null, null,
       p.prsstart::regproc, p.prstoken::regproc, p.prsend::regproc, p.prslextype::regproc,
       nullif(p.prsheadline::oid, 0)::regproc
from pg_ts_parser p
join pg_namespace n on n.oid = p.prsnamespace
where p.oid >= 16384
