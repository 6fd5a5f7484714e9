-- What is replicated, and what runs when somebody changes the schema.

CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, truncate');
COMMENT ON PUBLICATION everything IS 'For the analysts';
CREATE PUBLICATION some_tables FOR TABLE shop.customers, ONLY shop.living
    WITH (publish = 'insert, update, delete');
ALTER PUBLICATION some_tables ADD TABLE shop.products;
CREATE PUBLICATION through_the_root FOR TABLE shop.events WITH (publish_via_partition_root = true, publish = 'insert');
CREATE PUBLICATION nothing_yet;
ALTER PUBLICATION nothing_yet OWNER TO CURRENT_USER;

CREATE FUNCTION private.notice_change() RETURNS event_trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NULL; END $$;
CREATE EVENT TRIGGER notice_tables ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
    EXECUTE FUNCTION private.notice_change();
COMMENT ON EVENT TRIGGER notice_tables IS 'Tells the chat';
CREATE EVENT TRIGGER notice_drops ON sql_drop EXECUTE FUNCTION private.notice_change();
CREATE EVENT TRIGGER notice_start ON ddl_command_start EXECUTE FUNCTION private.notice_change();
CREATE EVENT TRIGGER notice_rewrites ON table_rewrite EXECUTE FUNCTION private.notice_change();
ALTER EVENT TRIGGER notice_start DISABLE;
ALTER EVENT TRIGGER notice_drops ENABLE REPLICA;
ALTER EVENT TRIGGER notice_rewrites ENABLE ALWAYS;
