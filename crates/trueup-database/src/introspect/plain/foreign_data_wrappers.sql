-- Foreign-data wrappers.
-- First eight columns: oid, xmin, schema, name, arguments, owner, privileges, default privileges. Then the properties.
select f.oid, f.xmin, null, f.fdwname, null, f.fdwowner, to_json(f.fdwacl::text[]),
       case when f.fdwacl is not null then to_json(acldefault('F', f.fdwowner)::text[]) end,
       nullif(f.fdwhandler, 0)::regproc, nullif(f.fdwvalidator, 0)::regproc,
       (select string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', '
                          order by o.option_name)
        from pg_options_to_table(f.fdwoptions) o)
from pg_foreign_data_wrapper f
where f.oid >= 16384
