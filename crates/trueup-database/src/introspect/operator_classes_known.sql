-- Names of operator classes and collations, to be looked up by the reader of indexes.
select 'o', o.oid, quote_ident(n.nspname), quote_ident(o.opcname), o.opcdefault
from pg_opclass o
join pg_namespace n on n.oid = o.opcnamespace
union all
select 'c', c.oid, quote_ident(n.nspname), quote_ident(c.collname), c.collname = 'default'
from pg_collation c
join pg_namespace n on n.oid = c.collnamespace
where c.oid in (select unnest(i.indcollation) from pg_index i)
