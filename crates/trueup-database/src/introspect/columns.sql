-- Columns of relations; of indexes only those that carry options or a statistics target.
select a.attrelid, a.attnum, a.xmin, a.attname, c.relkind,
       format_type(a.atttypid, a.atttypmod),
       case when a.attcollation <> t.typcollation then quote_ident(cn.nspname) || '.' || quote_ident(co.collname) end,
       a.attcollation,
       a.attnotnull,
       a.attidentity,
       a.attgenerated,
       case when a.attstorage <> t.typstorage then a.attstorage end,
       a.attcompression, --@ 14..
       '', --@ ..13
       a.attstattarget,
       to_json(a.attoptions),
       to_json(a.attfdwoptions),
       a.attinhcount > 0 and not a.attislocal,
       to_json(a.attacl::text[])
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_type t on t.oid = a.atttypid
left join pg_collation co on co.oid = a.attcollation and a.attcollation <> t.typcollation
left join pg_namespace cn on cn.oid = co.collnamespace
where a.attrelid >= 16384 and a.attnum > 0 and not a.attisdropped and c.relpersistence <> 't'
  and (c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
       or (c.relkind in ('i', 'I') and (a.attoptions is not null or a.attstattarget >= 0)))
