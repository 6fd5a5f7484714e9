-- Casts, other than those that a range type brings along.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select c.oid, c.xmin, null, format_type(c.castsource, null) || ' as ' || format_type(c.casttarget, null), null, null,
       null, null,
       case c.castmethod when 'f' then c.castfunc::regprocedure::text when 'i' then 'inout' else 'without function' end,
       case c.castcontext when 'i' then 'implicit' when 'a' then 'assignment' else 'explicit' end
from pg_cast c
where c.oid >= 16384
  and not exists (select from pg_depend d
                  where d.classid = 'pg_cast'::regclass and d.objid = c.oid and d.deptype = 'i')
