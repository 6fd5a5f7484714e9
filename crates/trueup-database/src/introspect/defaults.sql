-- Defaults: each text once, with the columns that have it. A default names no column, so that equal trees are equal texts,
-- and most are written more than once; what is generated from columns stays by itself.
select pg_get_expr(o.adbin, o.adrelid), s.relations, s.numbers, s.written
from (select min(d.oid) as one,
             array_agg(d.adrelid) as relations, array_agg(d.adnum) as numbers, array_agg(d.xmin) as written
      from pg_attrdef d
      where d.adrelid >= 16384
      group by d.adbin::text, case when strpos(d.adbin::text, '{VAR ') > 0 then d.oid end) s
join pg_attrdef o on o.oid = s.one
