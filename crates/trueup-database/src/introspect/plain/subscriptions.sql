-- Subscriptions of this database. Their connection strings hold passwords and are not read.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select
       s.oid, --@ 14..
       0, --@ ..13
       0, null, s.subname, null, s.subowner, null, null,
       s.subenabled, s.subslotname, s.subsynccommit, (select string_agg(quote_ident(p.name), ', ' order by p.place)
        from unnest(s.subpublications) with ordinality p(name, place))
from pg_subscription s
where s.subdbid = (select d.oid from pg_database d where d.datname = current_database())
