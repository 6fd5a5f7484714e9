-- Names of roles, to be looked up by the other readers.
select r.oid, r.rolname
from pg_roles r
