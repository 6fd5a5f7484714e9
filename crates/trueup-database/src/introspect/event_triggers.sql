-- Event triggers.
select e.oid, e.xmin, e.evtname, e.evtowner, e.evtevent, to_json(e.evttags), n.nspname, p.proname, e.evtenabled
from pg_event_trigger e
join pg_proc p on p.oid = e.evtfoid
join pg_namespace n on n.oid = p.pronamespace
