-- Indexes, those behind constraints included: the reader of constraints takes its own.
select i.indexrelid, c.xmin, i.indrelid, c.relname, a.amname,
       i.indisunique, i.indisvalid and i.indisready, i.indisclustered, i.indisreplident,
       i.indnullsnotdistinct, --@ 15..
       false, --@ ..14
       i.indnkeyatts, i.indkey, i.indclass, i.indcollation, i.indoption,
       case when i.indexprs is not null then
           (select to_json(array_agg(pg_get_indexdef(i.indexrelid, k, false) order by k))
            from generate_series(1, i.indnkeyatts) k)
       end,
       pg_get_expr(i.indpred, i.indrelid),
       to_json(c.reloptions),
       s.spcname,
       c.relispartition
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_am a on a.oid = c.relam
left join pg_tablespace s on s.oid = c.reltablespace
where i.indrelid >= 16384 and c.relpersistence <> 't'
