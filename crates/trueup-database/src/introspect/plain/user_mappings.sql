-- User mappings. Their options hold passwords: only the names of the options are read.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select u.umid, 0, null, case when u.umuser = 0 then 'public' else u.usename end || ' on ' || u.srvname, null, null,
       null, null,
       (select string_agg(split_part(o, '=', 1), ', ' order by o) from unnest(u.umoptions) o)
from pg_user_mappings u
where u.umid >= 16384
