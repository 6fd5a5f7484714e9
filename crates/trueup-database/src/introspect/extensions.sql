-- Extensions that somebody installed.
select e.oid, e.xmin, e.extname, e.extowner, e.extnamespace, e.extversion,
       e.extversion = (select a.default_version from pg_available_extensions a where a.name = e.extname)
from pg_extension e
where e.oid >= 16384
