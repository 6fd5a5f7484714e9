-- Row security, and who may do what.

ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE private.secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE private.secrets FORCE ROW LEVEL SECURITY;

CREATE POLICY secrets_own ON private.secrets
    USING (owner_name = CURRENT_USER)
    WITH CHECK (owner_name = CURRENT_USER AND level < 5);
COMMENT ON POLICY secrets_own ON private.secrets IS 'Everybody has some';
CREATE POLICY secrets_read ON private.secrets FOR SELECT TO app_reader, "Reporting Team" USING (level = 0);
CREATE POLICY secrets_add ON private.secrets FOR INSERT TO app_writer WITH CHECK (level <= 3);
CREATE POLICY secrets_change ON private.secrets FOR UPDATE TO app_writer USING (level <= 3) WITH CHECK (level <= 4);
CREATE POLICY secrets_remove ON private.secrets AS RESTRICTIVE FOR DELETE TO PUBLIC USING (level < 9);
CREATE POLICY "Orders of ""known"" people" ON shop.orders AS PERMISSIVE FOR ALL TO CURRENT_USER
    USING (customer_id IN (SELECT c.id FROM shop.customers c WHERE c.active));

-- Privileges

GRANT SELECT, INSERT, UPDATE ON shop.customers TO app_writer;
GRANT SELECT ON shop.customers TO app_reader WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON shop.products TO app_writer;
REVOKE TRUNCATE ON shop.products FROM app_writer;
GRANT SELECT ON shop.regions TO PUBLIC;
GRANT REFERENCES, TRIGGER ON shop.regions TO "Reporting Team";
GRANT SELECT (id, full_name), UPDATE (nickname) ON shop.customers TO auditor;
GRANT INSERT (nickname) ON shop.customers TO auditor WITH GRANT OPTION;
GRANT SELECT ON ALL TABLES IN SCHEMA "Archive 2024" TO auditor;

REVOKE ALL ON FUNCTION shop.add(numeric, numeric) FROM PUBLIC;
REVOKE USAGE ON TYPE shop.opening_hours FROM PUBLIC;
GRANT USAGE ON SCHEMA private TO app_writer;

-- What the owner himself may no longer do.
REVOKE DELETE ON shop.deletions FROM CURRENT_USER;

-- What new objects will get.
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT ON TABLES TO app_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT USAGE ON SCHEMAS TO app_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA private
    GRANT SELECT, INSERT ON TABLES TO app_writer WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA private GRANT USAGE ON SEQUENCES TO app_writer;
ALTER DEFAULT PRIVILEGES IN SCHEMA "Archive 2024" GRANT USAGE ON TYPES TO "Reporting Team";
