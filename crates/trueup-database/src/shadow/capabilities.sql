SELECT EXISTS (SELECT FROM pg_catalog.pg_collation WHERE collname = 'und-x-icu');
SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user;
SELECT name FROM pg_catalog.pg_available_extensions ORDER BY name;
