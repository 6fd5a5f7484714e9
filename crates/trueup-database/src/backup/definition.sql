-- What is needed to make tables again that take their rows: a statement each, in the order in which they run.
-- The columns are: the kind, its name as it is written, the table that it belongs to, the statement.
select 'schema', pg_catalog.quote_ident(n.nspname), null,
       pg_catalog.format('CREATE SCHEMA %I', n.nspname)
from pg_catalog.pg_namespace n
where n.oid in (select c.relnamespace from pg_catalog.pg_class c where c.oid in ($tables))
order by n.nspname collate "C";
-- Enums, domains and composite types that columns use, directly or inside of other types.
with recursive used(oid) as (
    select a.atttypid from pg_catalog.pg_attribute a
    where a.attrelid in ($tables) and a.attnum > 0 and not a.attisdropped
    union
    select inner_type.oid
    from used u
    join pg_catalog.pg_type t on t.oid = u.oid
    cross join lateral (
        select t.typelem where t.typelem <> 0 and t.typcategory = 'A'
        union all select t.typbasetype where t.typbasetype <> 0
        union all select a.atttypid from pg_catalog.pg_attribute a
                  where a.attrelid = t.typrelid and t.typtype = 'c' and a.attnum > 0 and not a.attisdropped
    ) inner_type (oid)
)
select 'type', pg_catalog.format_type(t.oid, null), null,
       case t.typtype
       when 'e' then pg_catalog.format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
           (select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
            from pg_catalog.pg_enum e where e.enumtypid = t.oid))
       when 'd' then pg_catalog.concat_ws(' ',
           pg_catalog.format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname,
               pg_catalog.format_type(t.typbasetype, t.typtypmod)),
           (select pg_catalog.format('COLLATE %I.%I', cn.nspname, co.collname)
            from pg_catalog.pg_collation co join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
            join pg_catalog.pg_type b on b.oid = t.typbasetype
            where co.oid = t.typcollation and t.typcollation <> b.typcollation),
           'DEFAULT ' || pg_catalog.pg_get_expr(t.typdefaultbin, 0),
           case when t.typnotnull then 'NOT NULL' end,
           (select pg_catalog.string_agg(
                pg_catalog.format('CONSTRAINT %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)), ' '
                order by k.conname collate "C")
            from pg_catalog.pg_constraint k where k.contypid = t.oid and k.contype = 'c' and k.convalidated))
       else pg_catalog.format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
           (select pg_catalog.string_agg(pg_catalog.format('%I %s', a.attname,
                pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' order by a.attnum)
            from pg_catalog.pg_attribute a
            where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped))
       end
from used u
join pg_catalog.pg_type t on t.oid = u.oid
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
left join pg_catalog.pg_class r on r.oid = t.typrelid
where (t.typtype in ('e', 'd') or t.typtype = 'c' and r.relkind = 'c')
  and n.nspname <> 'information_schema' and not pg_catalog.starts_with(n.nspname::text, 'pg_')
  and not exists (select from pg_catalog.pg_depend e
                  where e.classid = 'pg_catalog.pg_type'::regclass and e.objid = t.oid and e.deptype = 'e')
order by t.oid;
-- Sequences that give numbers to the tables; those of identity columns come with their columns.
select distinct 'sequence', pg_catalog.format('%I.%I', n.nspname, c.relname), t.oid,
       pg_catalog.format('CREATE SEQUENCE %I.%I AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s%s',
           n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin,
           s.seqmax, s.seqcache, case when s.seqcycle then ' CYCLE' else '' end)
from pg_catalog.pg_sequence s
join pg_catalog.pg_class c on c.oid = s.seqrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral (
    select d.refobjid from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'a'
      and d.refclassid = 'pg_catalog.pg_class'::regclass
    union
    select f.adrelid from pg_catalog.pg_depend d join pg_catalog.pg_attrdef f on f.oid = d.objid
    where d.classid = 'pg_catalog.pg_attrdef'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
      and d.refobjid = c.oid
) t (oid)
where t.oid in ($tables)
order by 2, 3;
-- Tables with their columns. Partitions are made as tables and attached, so that their columns keep their order.
select 'table', pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid,
       pg_catalog.format('CREATE %sTABLE %I.%I (%s)%s', case c.relpersistence when 'u' then 'UNLOGGED ' else '' end,
           n.nspname, c.relname,
           (select pg_catalog.string_agg(pg_catalog.concat_ws(' ',
                pg_catalog.quote_ident(a.attname), pg_catalog.format_type(a.atttypid, a.atttypmod),
                (select pg_catalog.format('COLLATE %I.%I', cn.nspname, co.collname)
                 from pg_catalog.pg_collation co join pg_catalog.pg_namespace cn on cn.oid = co.collnamespace
                 where co.oid = a.attcollation and a.attcollation <> t.typcollation),
                case a.attgenerated
                when 's' then pg_catalog.format('GENERATED ALWAYS AS (%s) STORED', pg_catalog.pg_get_expr(d.adbin, d.adrelid))
                when 'v' then pg_catalog.format('GENERATED ALWAYS AS (%s) VIRTUAL', pg_catalog.pg_get_expr(d.adbin, d.adrelid))
                end,
                -- The identity of a partition is that of its parent.
                case when a.attidentity <> '' and not (c.relispartition and i.parent in ($tables)) then
                    pg_catalog.format('GENERATED %s AS IDENTITY%s',
                        case a.attidentity when 'a' then 'ALWAYS' else 'BY DEFAULT' end,
                        (select pg_catalog.format(' (SEQUENCE NAME %I.%I START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s%s)',
                             sn.nspname, sc.relname, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
                             case when s.seqcycle then ' CYCLE' else '' end)
                         from pg_catalog.pg_depend o
                         join pg_catalog.pg_sequence s on s.seqrelid = o.objid
                         join pg_catalog.pg_class sc on sc.oid = o.objid
                         join pg_catalog.pg_namespace sn on sn.oid = sc.relnamespace
                         where o.classid = 'pg_catalog.pg_class'::regclass and o.deptype = 'i'
                           and o.refclassid = 'pg_catalog.pg_class'::regclass
                           and o.refobjid = c.oid and o.refobjsubid = a.attnum))
                end,
                case when a.attnotnull then 'NOT NULL' end), ', ' order by a.attnum)
            from pg_catalog.pg_attribute a
            join pg_catalog.pg_type t on t.oid = a.atttypid
            left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
           case when c.relkind = 'p' then ' PARTITION BY ' || pg_catalog.pg_get_partkeydef(c.oid) else '' end)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join lateral (select h.inhparent from pg_catalog.pg_inherits h where h.inhrelid = c.oid limit 1) i (parent) on true
where c.oid in ($tables)
order by n.nspname collate "C", c.relname collate "C";
-- Who belongs to whom.
select 'part', pg_catalog.format('%I.%I', n.nspname, c.relname), c.oid,
       case when c.relispartition
       then pg_catalog.format('ALTER TABLE ONLY %I.%I ATTACH PARTITION %I.%I %s', pn.nspname, p.relname,
                n.nspname, c.relname, pg_catalog.pg_get_expr(c.relpartbound, c.oid))
       else pg_catalog.format('ALTER TABLE ONLY %I.%I INHERIT %I.%I', n.nspname, c.relname, pn.nspname, p.relname)
       end
from pg_catalog.pg_inherits i
join pg_catalog.pg_class c on c.oid = i.inhrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class p on p.oid = i.inhparent
join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
where i.inhrelid in ($tables) and i.inhparent in ($tables)
order by n.nspname collate "C", c.relname collate "C", i.inhseqno;
select 'owned', pg_catalog.format('%I.%I', sn.nspname, s.relname), c.oid,
       pg_catalog.format('ALTER SEQUENCE %I.%I OWNED BY %I.%I.%I', sn.nspname, s.relname, n.nspname, c.relname, a.attname)
from pg_catalog.pg_depend d
join pg_catalog.pg_class s on s.oid = d.objid and s.relkind = 'S'
join pg_catalog.pg_namespace sn on sn.oid = s.relnamespace
join pg_catalog.pg_class c on c.oid = d.refobjid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
where d.classid = 'pg_catalog.pg_class'::regclass and d.deptype = 'a'
  and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid in ($tables)
order by sn.nspname collate "C", s.relname collate "C";
-- Defaults stand alone: one can call a function that is not in the backup, and the table takes its rows without it.
select 'default', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname), c.oid,
       pg_catalog.format('ALTER TABLE ONLY %I.%I ALTER COLUMN %I SET DEFAULT %s', n.nspname, c.relname, a.attname,
           pg_catalog.pg_get_expr(d.adbin, d.adrelid))
from pg_catalog.pg_attrdef d
join pg_catalog.pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
join pg_catalog.pg_class c on c.oid = d.adrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where d.adrelid in ($tables) and a.attgenerated = ''
order by n.nspname collate "C", c.relname collate "C", a.attnum;
-- Constraints, those of a parent before those that are a partition's own. What comes from a parent that is made
-- again is made together with the parent's.
select 'constraint', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, k.conname), c.oid,
       pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname,
           pg_catalog.pg_get_constraintdef(k.oid))
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.conrelid in ($tables) and k.contype in ('p', 'u', 'c', 'x')
  and not ((k.conparentid <> 0 or k.coninhcount > 0)
           and exists (select from pg_catalog.pg_inherits i where i.inhrelid = c.oid and i.inhparent in ($tables)))
order by c.relispartition, pg_catalog.array_position(array['p', 'u', 'x', 'c']::"char"[], k.contype),
         n.nspname collate "C", c.relname collate "C", k.conname collate "C";
select 'index', pg_catalog.format('%I.%I', n.nspname, x.relname), c.oid, pg_catalog.pg_get_indexdef(x.oid)
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_namespace n on n.oid = x.relnamespace
join pg_catalog.pg_class c on c.oid = i.indrelid
where i.indrelid in ($tables) and i.indisvalid
  and not exists (select from pg_catalog.pg_constraint k where k.conindid = x.oid and k.contype in ('p', 'u', 'x'))
  and not (x.relispartition
           and exists (select from pg_catalog.pg_inherits h where h.inhrelid = c.oid and h.inhparent in ($tables)))
order by c.relispartition, n.nspname collate "C", x.relname collate "C";
select 'foreign-key', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, k.conname), c.oid,
       pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname,
           pg_catalog.pg_get_constraintdef(k.oid))
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.conrelid in ($tables) and k.contype = 'f'
  and not (k.conparentid <> 0
           and exists (select from pg_catalog.pg_inherits i where i.inhrelid = c.oid and i.inhparent in ($tables)))
  -- A foreign key to a partitioned table has one more for each of its partitions.
  and not (k.conparentid <> 0
           and exists (select from pg_catalog.pg_constraint o where o.oid = k.conparentid and o.conrelid = k.conrelid))
order by c.relispartition, n.nspname collate "C", c.relname collate "C", k.conname collate "C"
