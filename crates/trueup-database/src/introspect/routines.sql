-- Functions and procedures. Those that a range type brings along are the type's: PostgreSQL makes and drops them.
select p.oid, p.xmin, p.proname, p.pronamespace, p.proowner, p.prokind,
       oidvectortypes(p.proargtypes),
       pg_get_function_arguments(p.oid),
       case when p.prokind <> 'p' then pg_get_function_result(p.oid) end,
       l.lanname,
       coalesce(pg_get_function_sqlbody(p.oid), p.prosrc), --@ 14..
       p.prosrc, --@ ..13
       p.prosqlbody is not null, --@ 14..
       false, --@ ..13
       p.probin,
       p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof, p.proparallel,
       p.procost, p.prorows,
       nullif(p.prosupport::oid, 0)::regproc::text,
       to_json(p.proconfig),
       (select to_json(array_agg(format_type(x.type, null) order by x.place))
        from unnest(p.protrftypes) with ordinality x(type, place)),
       to_json(p.proacl::text[]),
       case when p.proacl is not null then to_json(acldefault('f', p.proowner)::text[]) end
from pg_proc p
join pg_language l on l.oid = p.prolang
where p.oid >= 16384 and p.prokind <> 'a'
  and not exists (select from pg_depend d
                  where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'i')
