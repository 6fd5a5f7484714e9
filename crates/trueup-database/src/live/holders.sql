-- Who keeps others from even looking at a table, or will as soon as it is its turn. What they run is not asked: there may be secrets in it.
select distinct concat_ws(', ', coalesce('process ' || l.pid, 'a prepared transaction'), 'role ' || a.usename,
                          nullif(a.application_name, ''), a.state,
                          'for ' || extract(epoch from clock_timestamp() - a.xact_start)::integer || ' s')
       || case when l.granted then ' holds ' else ' waits for ' end || c.oid::pg_catalog.regclass
from pg_catalog.pg_locks l
join pg_catalog.pg_class c on c.oid = l.relation
left join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.mode = 'AccessExclusiveLock' and l.pid is distinct from pg_catalog.pg_backend_pid()
  and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
  and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by 1
