-- Foreign servers. Their options may hold hosts, never passwords.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select s.oid, s.xmin, null, s.srvname, null, s.srvowner, to_json(s.srvacl::text[]),
       case when s.srvacl is not null then to_json(acldefault('S', s.srvowner)::text[]) end,
       (select f.fdwname from pg_foreign_data_wrapper f where f.oid = s.srvfdw),
       quote_literal(s.srvtype), quote_literal(s.srvversion),
       (select string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', '
                          order by o.option_name)
        from pg_options_to_table(s.srvoptions) o)
from pg_foreign_server s
where s.oid >= 16384
