-- Whom a process waits for. What they run is not asked: there may be secrets in it.
select pg_catalog.pg_stat_clear_snapshot();
select concat_ws(', ', 'process ' || b.pid, 'role ' || a.usename, nullif(a.application_name, ''), a.state,
                 'for ' || extract(epoch from clock_timestamp() - a.xact_start)::integer || ' s')
from pg_catalog.unnest(pg_catalog.pg_blocking_pids($worker)) as b(pid)
left join pg_catalog.pg_stat_activity a on a.pid = b.pid
