-- Subscriptions of this database. Their connection strings hold passwords and are not read; the rest is as far as
-- everybody may read it.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties;
-- '?' stands for what this version does not have or does not show.
select
       s.oid, --@ 14..
       0, --@ ..13
       0, null, s.subname, null, s.subowner, null, null,
       s.subenabled, s.subslotname,
       '?', --@ ..13
       s.subsynccommit, --@ 14..
       (select string_agg(quote_ident(p.name), ', ' order by p.place)
        from unnest(s.subpublications) with ordinality p(name, place)),
       '?', '?', --@ ..13
       s.subbinary, --@ 14..
       case s.substream when true then 'on' else 'off' end, --@ 14..15
       case s.substream when 'f' then 'off' when 't' then 'on' else 'parallel' end, --@ 16..
       '?', '?', --@ ..14
       s.subtwophasestate <> 'd', s.subdisableonerr, --@ 15..
       '?', '?', '?', --@ ..15
       s.subpasswordrequired, s.subrunasowner, s.suborigin, --@ 16..
       '?' --@ ..16
       s.subfailover --@ 17..
from pg_subscription s
where s.subdbid = (select d.oid from pg_database d where d.datname = current_database())
