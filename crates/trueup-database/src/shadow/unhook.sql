DISCARD ALL;
SELECT pg_catalog.pg_drop_replication_slot(slot_name)
FROM pg_catalog.pg_replication_slots
WHERE database = pg_catalog.current_database() AND NOT active;
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT subname FROM pg_catalog.pg_subscription
        WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    LOOP
        EXECUTE pg_catalog.format('ALTER SUBSCRIPTION %I DISABLE', name);
        EXECUTE pg_catalog.format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', name);
        EXECUTE pg_catalog.format('DROP SUBSCRIPTION %I', name);
    END LOOP;
END
$$;
