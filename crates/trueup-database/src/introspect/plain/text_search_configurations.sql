-- Text search configurations with their mappings.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select c.oid, c.xmin, n.nspname, c.cfgname, null, c.cfgowner, null, null,
       (select quote_ident(pn.nspname) || '.' || quote_ident(p.prsname)
        from pg_ts_parser p join pg_namespace pn on pn.oid = p.prsnamespace where p.oid = c.cfgparser),
       (select string_agg(k.alias || ': ' || k.dictionaries, '; ' order by k.alias)
        from (select t.alias, string_agg(m.mapdict::regdictionary::text, ', ' order by m.mapseqno) as dictionaries
              from pg_ts_config_map m
              join ts_token_type(c.cfgparser) t on t.tokid = m.maptokentype
              where m.mapcfg = c.oid
              group by t.alias) k)
from pg_ts_config c
join pg_namespace n on n.oid = c.cfgnamespace
where c.oid >= 16384
