-- Text search dictionaries.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select d.oid, d.xmin, n.nspname, d.dictname, null, d.dictowner, null, null,
       (select quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname)
        from pg_ts_template t join pg_namespace tn on tn.oid = t.tmplnamespace where t.oid = d.dicttemplate),
       d.dictinitoption
from pg_ts_dict d
join pg_namespace n on n.oid = d.dictnamespace
where d.oid >= 16384
