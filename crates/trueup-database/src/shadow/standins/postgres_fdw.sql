-- What postgres_fdw declares. Its handler refuses to be called: nothing here reaches another server.

CREATE FUNCTION postgres_fdw_handler() RETURNS fdw_handler
LANGUAGE internal STRICT AS 'fdw_handler_in';
CREATE FUNCTION postgres_fdw_validator(text[], oid) RETURNS void
LANGUAGE plpgsql STRICT AS $$ BEGIN END $$;
CREATE FOREIGN DATA WRAPPER postgres_fdw HANDLER postgres_fdw_handler VALIDATOR postgres_fdw_validator;
CREATE FUNCTION postgres_fdw_get_connections(OUT server_name text, OUT valid boolean) RETURNS SETOF record
LANGUAGE sql STRICT PARALLEL RESTRICTED AS $$ SELECT NULL::text, NULL::boolean WHERE false $$;
CREATE FUNCTION postgres_fdw_disconnect(text) RETURNS bool
LANGUAGE sql STRICT PARALLEL RESTRICTED AS $$ SELECT false $$;
CREATE FUNCTION postgres_fdw_disconnect_all() RETURNS bool
LANGUAGE sql STRICT PARALLEL RESTRICTED AS $$ SELECT false $$;
