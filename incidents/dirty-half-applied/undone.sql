-- What was pending besides was applied as well, and stays when the repair is taken back.
\i :up/000004_create_claims.up.sql
