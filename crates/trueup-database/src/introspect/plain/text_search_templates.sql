-- Text search templates.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select t.oid, t.xmin, n.nspname, t.tmplname, null, null, null, null,
       nullif(t.tmplinit::oid, 0)::regproc, t.tmpllexize::regproc
from pg_ts_template t
join pg_namespace n on n.oid = t.tmplnamespace
where t.oid >= 16384
