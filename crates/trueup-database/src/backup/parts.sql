-- What is read of the tables themselves: locked by now, so that none of this waits for anybody.
select a.attrelid, a.attname
from pg_catalog.pg_attribute a
where a.attrelid in ($tables) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
order by a.attrelid, a.attnum;
select coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0) from pg_catalog.pg_class c where c.oid in ($tables);
-- Extensions whose types the columns use, directly, in arrays or in domains.
select distinct e.extname
from pg_catalog.pg_attribute a
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_type i on i.oid = case when t.typcategory = 'A' then t.typelem else t.typbasetype end
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_type'::regclass and d.objid in (t.oid, i.oid) and d.deptype = 'e'
join pg_catalog.pg_extension e on e.oid = d.refobjid
where a.attrelid in ($tables) and a.attnum > 0 and not a.attisdropped
union
select e.extname from pg_catalog.pg_extension e where $everything
order by 1;
select exists (
    select from pg_catalog.pg_attribute a join pg_catalog.pg_collation c on c.oid = a.attcollation
    where a.attrelid in ($tables) and not a.attisdropped and c.collprovider = 'i');
-- Sequences, and the tables that they give numbers to.
select n.nspname, c.relname,
       (select pg_catalog.string_agg(distinct t.oid::text, ' ')
        from (
            select d.refobjid from pg_catalog.pg_depend d
            where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
              and d.refclassid = 'pg_catalog.pg_class'::regclass
            union
            select f.adrelid from pg_catalog.pg_depend d join pg_catalog.pg_attrdef f on f.oid = d.objid
            where d.classid = 'pg_catalog.pg_attrdef'::regclass
              and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid
        ) t (oid)
        where t.oid in ($tables))
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and c.relpersistence <> 't'
  and n.nspname <> 'information_schema' and not pg_catalog.starts_with(n.nspname::text, 'pg_')
  and not exists (select from pg_catalog.pg_depend e
                  where e.classid = 'pg_catalog.pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
order by n.nspname collate "C", c.relname collate "C"
