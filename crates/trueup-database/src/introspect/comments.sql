-- Comments on everything in this database, and on the one schema of the system that people use.
select d.classoid, d.objoid, d.objsubid, d.description, d.xmin
from pg_description d
where d.objoid >= 16384
   or (d.classoid = 'pg_namespace'::regclass and d.objoid = 2200 and d.description <> 'standard public schema')
