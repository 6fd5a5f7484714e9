-- Triggers and rules.

CREATE FUNCTION shop.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION shop.audit() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RETURN NULL; END $$;

CREATE TRIGGER orders_touch BEFORE INSERT OR UPDATE OF amount, discount ON shop.orders
    FOR EACH ROW WHEN (NEW.amount > 0)
    EXECUTE FUNCTION shop.touch('fast', 'it''s', '🙂');
COMMENT ON TRIGGER orders_touch ON shop.orders IS 'Keeps amounts tidy';
CREATE TRIGGER orders_changed AFTER UPDATE ON shop.orders
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shop.audit();
CREATE TRIGGER orders_emptied BEFORE TRUNCATE ON shop.orders
    FOR EACH STATEMENT EXECUTE FUNCTION shop.audit();
CREATE TRIGGER "Orders ""Deleted""" AFTER DELETE ON shop.orders
    FOR EACH ROW EXECUTE FUNCTION shop.audit();

CREATE CONSTRAINT TRIGGER orders_checked_late AFTER INSERT OR UPDATE ON shop.orders
    FROM shop.customers
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION shop.audit();
CREATE CONSTRAINT TRIGGER orders_checked_soon AFTER DELETE ON shop.orders
    DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW WHEN (OLD.amount IS DISTINCT FROM 0) EXECUTE FUNCTION shop.audit();
CREATE CONSTRAINT TRIGGER orders_checked_now AFTER INSERT ON shop.orders
    FOR EACH ROW EXECUTE FUNCTION shop.audit();

-- When they fire.
CREATE TRIGGER customers_touch BEFORE UPDATE ON shop.customers
    FOR EACH ROW WHEN (OLD.full_name IS DISTINCT FROM NEW.full_name) EXECUTE FUNCTION shop.touch();
CREATE TRIGGER customers_off BEFORE INSERT ON shop.customers FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TRIGGER customers_replica BEFORE INSERT ON shop.customers FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TRIGGER customers_always BEFORE INSERT ON shop.customers FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE shop.customers DISABLE TRIGGER customers_off;
ALTER TABLE shop.customers ENABLE REPLICA TRIGGER customers_replica;
ALTER TABLE shop.customers ENABLE ALWAYS TRIGGER customers_always;

-- On views and on partitioned tables.
CREATE TRIGGER writable_list_insert INSTEAD OF INSERT OR UPDATE OR DELETE ON shop.writable_list
    FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TRIGGER events_touch AFTER INSERT ON shop.events FOR EACH ROW EXECUTE FUNCTION shop.audit();
CREATE TRIGGER events_2023_own AFTER DELETE ON shop.events_2023 FOR EACH ROW EXECUTE FUNCTION shop.audit();

-- The triggers behind a foreign key, turned off, as tools for loading data do.
ALTER TABLE shop.copies DISABLE TRIGGER ALL;

-- Rules

CREATE RULE active_customers_insert AS ON INSERT TO shop.active_customers
    DO INSTEAD INSERT INTO shop.customers (email, full_name) VALUES (NEW.email, NEW.name);
CREATE RULE active_customers_update AS ON UPDATE TO shop.active_customers
    WHERE NEW.name <> OLD.name
    DO INSTEAD UPDATE shop.customers SET full_name = NEW.name WHERE id = OLD.id;
CREATE RULE active_customers_update_rest AS ON UPDATE TO shop.active_customers DO INSTEAD NOTHING;
COMMENT ON RULE active_customers_insert ON shop.active_customers IS 'A view that can be written';

CREATE TABLE shop.deletions (table_name text, at timestamptz DEFAULT now());
CREATE RULE invoices_deleted AS ON DELETE TO shop.invoices
    DO ALSO (
        INSERT INTO shop.deletions (table_name) VALUES ('invoices');
        NOTIFY invoices_deleted
    );
CREATE RULE regions_kept AS ON DELETE TO shop.regions WHERE OLD.region > 0 DO INSTEAD NOTHING;
ALTER TABLE shop.regions DISABLE RULE regions_kept;
CREATE RULE measurements_kept AS ON DELETE TO shop.measurements DO INSTEAD NOTHING;
