-- Tables, views, materialized views, foreign tables, partitioned tables and composite types.
select c.oid, c.xmin, c.relname, c.relnamespace, c.relkind, c.relowner,
       c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       to_json(c.reloptions),
       to_json(t.reloptions),
       case when a.amname <> 'heap' then a.amname end,
       s.spcname,
       case when c.reloftype <> 0 then format_type(c.reloftype, null) end,
       case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end,
       case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end,
       case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
       c.relispopulated,
       to_json(c.relacl::text[]),
       case when c.relacl is not null then to_json(acldefault('r', c.relowner)::text[]) end,
       f.srvname,
       to_json(f.ftoptions)
from pg_class c
left join (select oid, reloptions from pg_class where relkind = 't' and reloptions is not null) t
       on t.oid = c.reltoastrelid
left join pg_am a on a.oid = c.relam
left join pg_tablespace s on s.oid = c.reltablespace
left join (select ft.ftrelid, fs.srvname, ft.ftoptions
           from pg_foreign_table ft join pg_foreign_server fs on fs.oid = ft.ftserver) f
       on f.ftrelid = c.oid
where c.oid >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and c.relpersistence <> 't'
