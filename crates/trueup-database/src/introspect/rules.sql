-- Rewrite rules, other than those that are views.
select r.oid, r.xmin, r.rulename, r.ev_class, r.ev_enabled, pg_get_ruledef(r.oid)
from pg_rewrite r
where r.oid >= 16384 and r.rulename <> '_RETURN'
