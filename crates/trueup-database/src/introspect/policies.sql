-- Row security policies.
select p.oid, p.xmin, p.polname, p.polrelid, p.polcmd, p.polpermissive, p.polroles::text[]::text,
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
from pg_policy p
