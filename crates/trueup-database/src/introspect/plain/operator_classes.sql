-- Operator classes, with the operators and functions that they hold.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select o.oid, o.xmin, n.nspname, o.opcname, 'using ' || a.amname, o.opcowner, null, null,
       format_type(o.opcintype, null), o.opcdefault, quote_ident(fn.nspname) || '.' || quote_ident(f.opfname),
       case when o.opckeytype <> 0 then format_type(o.opckeytype, null) end,
       (select string_agg('operator ' || x.amopstrategy || ' ' || x.amopopr::regoperator
               || case when x.amoppurpose = 'o' then
                      (select ' for order by ' || quote_ident(sn.nspname) || '.' || quote_ident(s.opfname)
                       from pg_opfamily s join pg_namespace sn on sn.oid = s.opfnamespace
                       where s.oid = x.amopsortfamily)
                  else '' end, ', ' order by x.amopstrategy)
        from pg_amop x join pg_depend d on d.classid = 'pg_amop'::regclass and d.objid = x.oid
        where d.refclassid = 'pg_opclass'::regclass and d.refobjid = o.oid),
       (select string_agg('function ' || x.amprocnum || ' (' || format_type(x.amproclefttype, null) || ', '
               || format_type(x.amprocrighttype, null) || ') ' || x.amproc::regprocedure, ', ' order by x.amprocnum)
        from pg_amproc x join pg_depend d on d.classid = 'pg_amproc'::regclass and d.objid = x.oid
        where d.refclassid = 'pg_opclass'::regclass and d.refobjid = o.oid)
from pg_opclass o
join pg_am a on a.oid = o.opcmethod
join pg_namespace n on n.oid = o.opcnamespace
join pg_opfamily f on f.oid = o.opcfamily
join pg_namespace fn on fn.oid = f.opfnamespace
where o.oid >= 16384
