-- What has to be right before anything is run: the server, the role, and whoever is in the way right now.
select pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('transaction_read_only'),
       current_user,
       (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user),
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
       pg_catalog.to_regclass('trueup.trueup_runs') is not null,
       pg_catalog.current_database();
-- Tables that this role cannot change.
select c.oid::regclass, pg_catalog.pg_get_userbyid(c.relowner)
from pg_catalog.pg_class c
where c.oid in ($owned) and not pg_catalog.pg_has_role(c.relowner, 'USAGE')
order by 1;
-- Others that hold locks on them and have done so for a while, and others that wait for one.
select distinct c.oid::regclass,
       concat_ws(', ', coalesce('process ' || l.pid, 'a prepared transaction'), 'role ' || a.usename,
                 nullif(a.application_name, ''), a.state),
       extract(epoch from clock_timestamp() - a.xact_start)::integer,
       l.granted
from pg_catalog.pg_locks l
join pg_catalog.pg_class c on c.oid = l.relation
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.relation in ($tables) and l.pid is distinct from pg_catalog.pg_backend_pid()
  and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
  and (not l.granted or l.pid is null or a.xact_start < clock_timestamp() - interval '5 seconds')
order by 1, 2
