-- Procedural languages.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select l.oid, l.xmin, null, l.lanname, null, l.lanowner, to_json(l.lanacl::text[]),
       case when l.lanacl is not null then to_json(acldefault('l', l.lanowner)::text[]) end,
       nullif(l.lanplcallfoid, 0)::regproc, nullif(l.laninline, 0)::regproc, nullif(l.lanvalidator, 0)::regproc,
       l.lanpltrusted
from pg_language l
where l.oid >= 16384
