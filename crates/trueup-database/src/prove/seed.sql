-- The columns of a table that take values, with the type below all domains.
with recursive below (number, type, modifier, needed) as (
    select a.attnum, a.atttypid, a.atttypmod, a.attnotnull
    from pg_catalog.pg_attribute a
    where a.attrelid = $table::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    union all
    select b.number, t.typbasetype, t.typtypmod, b.needed or t.typnotnull
    from below b
    join pg_catalog.pg_type t on t.oid = b.type
    where t.typtype = 'd'
)
select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), b.needed,
       case
           when t.typcategory = 'A' then 'array'
           when t.typtype in ('e', 'm', 'c') or t.typtype = 'r' and t.oid >= 16384 then t.typtype::text
           else t.typname
       end,
       a.atthasdef,
       (select pg_catalog.json_agg(e.enumlabel order by e.enumsortorder)
        from pg_catalog.pg_enum e where e.enumtypid = t.oid),
       (select count(*) from pg_catalog.pg_attribute c
        where c.attrelid = t.typrelid and t.typtype = 'c' and c.attnum > 0 and not c.attisdropped)
from below b
join pg_catalog.pg_attribute a on a.attrelid = $table::regclass and a.attnum = b.number
join pg_catalog.pg_type t on t.oid = b.type
where t.typtype <> 'd'
order by a.attnum
