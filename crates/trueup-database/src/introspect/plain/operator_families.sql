-- Operator families, with the operators and functions that were added to them outside of a class.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select f.oid, f.xmin, n.nspname, f.opfname, 'using ' || a.amname, f.opfowner, null, null,
       (select string_agg('operator ' || x.amopstrategy || ' ' || x.amopopr::regoperator
               || case when x.amoppurpose = 'o' then
                      (select ' for order by ' || quote_ident(sn.nspname) || '.' || quote_ident(s.opfname)
                       from pg_opfamily s join pg_namespace sn on sn.oid = s.opfnamespace
                       where s.oid = x.amopsortfamily)
                  else '' end, ', '
                          order by x.amopstrategy, x.amopopr::regoperator::text)
        from pg_amop x where x.amopfamily = f.oid
          and exists (select from pg_depend d where d.classid = 'pg_amop'::regclass and d.objid = x.oid
                      and d.refclassid = 'pg_opfamily'::regclass and d.refobjid = f.oid and d.deptype = 'a')),
       (select string_agg('function ' || x.amprocnum || ' (' || format_type(x.amproclefttype, null) || ', '
               || format_type(x.amprocrighttype, null) || ') ' || x.amproc::regprocedure, ', '
                          order by x.amprocnum, x.amproc::regprocedure::text)
        from pg_amproc x where x.amprocfamily = f.oid
          and exists (select from pg_depend d where d.classid = 'pg_amproc'::regclass and d.objid = x.oid
                      and d.refclassid = 'pg_opfamily'::regclass and d.refobjid = f.oid and d.deptype = 'a'))
from pg_opfamily f
join pg_am a on a.oid = f.opfmethod
join pg_namespace n on n.oid = f.opfnamespace
where f.oid >= 16384
