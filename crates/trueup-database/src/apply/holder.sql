-- Who holds the lock that keeps other runs out.
select concat_ws(', ', nullif(a.application_name, ''), 'role ' || a.usename, 'process ' || l.pid,
                 'since ' || date_trunc('second', a.xact_start))
from pg_catalog.pg_locks l
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.classid = $first and l.objid = $second and l.granted
  and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
