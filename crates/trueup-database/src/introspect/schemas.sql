-- Schemas. Privileges on `public` are measured from what initdb gave, which changed with PostgreSQL 15.
select n.oid, n.xmin, n.nspname, n.nspowner,
       to_json(n.nspacl::text[]),
       to_json(coalesce(i.initprivs, acldefault('n', n.nspowner))::text[])
from pg_namespace n
left join pg_init_privs i on i.objoid = n.oid and i.classoid = 'pg_namespace'::regclass and i.objsubid = 0
where (n.oid >= 16384 or n.oid = 2200)
  and n.nspname !~ '^pg_(toast_)?temp_'
