-- Operators.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select o.oid, o.xmin, n.nspname, o.oprname,
       case when o.oprleft = 0 then 'none' else format_type(o.oprleft, null) end || ', '
           || case when o.oprright = 0 then 'none' else format_type(o.oprright, null) end,
       o.oprowner, null, null,
       o.oprcode::regprocedure, format_type(o.oprresult, null),
       nullif(o.oprcom, 0)::regoperator, nullif(o.oprnegate, 0)::regoperator,
       nullif(o.oprrest::oid, 0)::regproc, nullif(o.oprjoin::oid, 0)::regproc,
       o.oprcanhash, o.oprcanmerge
from pg_operator o
join pg_namespace n on n.oid = o.oprnamespace
where o.oid >= 16384 and o.oprcode <> 0
