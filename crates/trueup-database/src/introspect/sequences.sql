-- Sequences, and the column that each of them feeds.
select c.oid, c.xmin, c.relname, c.relnamespace, c.relowner, c.relpersistence,
       format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       d.refobjid, d.refobjsubid, d.deptype,
       to_json(c.relacl::text[]),
       case when c.relacl is not null then to_json(acldefault('s', c.relowner)::text[]) end
from pg_sequence s
join pg_class c on c.oid = s.seqrelid
left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
                     and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
where c.relpersistence <> 't'
