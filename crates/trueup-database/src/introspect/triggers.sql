-- Triggers; of PostgreSQL's own only those of foreign keys whose state somebody changed.
select t.oid, t.xmin, t.tgname, t.tgrelid, t.tgtype, t.tgattr, t.tgenabled, t.tgisinternal,
       t.tgconstraint, t.tgdeferrable, t.tginitdeferred, t.tgconstrrelid,
       p.proname, n.nspname,
       t.tgnargs, encode(t.tgargs, 'hex'),
       case when t.tgqual is not null then pg_get_triggerdef(t.oid) end,
       t.tgoldtable, t.tgnewtable,
       t.tgparentid <> 0
from pg_trigger t
join pg_proc p on p.oid = t.tgfoid
join pg_namespace n on n.oid = p.pronamespace
where not t.tgisinternal or t.tgenabled <> 'O'
