-- User mappings. Their options hold passwords: only the names of the options are read, and those only by whoever may
-- see them: '?' stands for the rest.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select u.umid, 0, null, case when u.umuser = 0 then 'public' else u.usename end || ' on ' || u.srvname, null, null,
       null, null,
       case when u.umoptions is not null
                 or (select r.rolsuper from pg_roles r where r.rolname = current_user)
                 or (u.umuser = 0 or u.usename = current_user) and pg_has_role(s.srvowner, 'USAGE')
                 or u.usename = current_user and has_server_privilege(s.oid, 'USAGE')
            then (select string_agg(split_part(o, '=', 1), ', ' order by o) from unnest(u.umoptions) o)
            else '?' end
from pg_user_mappings u join pg_foreign_server s on s.oid = u.srvid
where u.umid >= 16384
