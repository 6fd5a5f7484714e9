-- What ALTER DEFAULT PRIVILEGES set. An entry for a schema adds to the general one; a general one replaces what
-- PostgreSQL gives by itself.
select d.oid, d.xmin, d.defaclrole, d.defaclnamespace, d.defaclobjtype,
       to_json(d.defaclacl::text[]),
       case when d.defaclnamespace = 0 then
           to_json(acldefault(case d.defaclobjtype when 'S' then 's' else d.defaclobjtype end, d.defaclrole)::text[])
       end
from pg_default_acl d
