-- Publications, with what they publish.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select p.oid, p.xmin, null, p.pubname, null, p.pubowner, null, null,
       p.puballtables,
       concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
                 case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end),
       p.pubviaroot,
       (select string_agg(quote_ident(n.nspname) || '.' || quote_ident(c.relname)
               || coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) --@ 15..
                                    from pg_attribute a --@ 15..
                                    where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)) || ')', '') --@ 15..
               || coalesce(' where ' || pg_get_expr(r.prqual, r.prrelid), ''), --@ 15..
               || '', --@ ..14
               ', ' order by n.nspname, c.relname)
        from pg_publication_rel r
        join pg_class c on c.oid = r.prrelid
        join pg_namespace n on n.oid = c.relnamespace
        where r.prpubid = p.oid),
       (select string_agg(quote_ident(n.nspname), ', ' order by n.nspname) --@ 15..
        from pg_publication_namespace s --@ 15..
        join pg_namespace n on n.oid = s.pnnspid --@ 15..
        where s.pnpubid = p.oid), --@ 15..
       null, --@ ..14
       case p.pubgencols when 's' then 'stored' end --@ 18..
       null --@ ..17
from pg_publication p
where p.oid >= 16384
