-- Extended statistics.
select s.oid, s.xmin, s.stxname, s.stxnamespace, s.stxowner, s.stxrelid,
       array_to_string(s.stxkind::text[], ''), s.stxkeys, s.stxstattarget,
       to_json(pg_get_statisticsobjdef_expressions(s.oid)) --@ 14..
       null --@ ..13
from pg_statistic_ext s
