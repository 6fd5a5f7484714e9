//! Triggers, rules, policies and event triggers.

use trueup_model::Code;
use trueup_model::ObjectKind::{EventTrigger, Policy, Rule, Trigger};
use trueup_model::finding::NamedCode;

use super::Change;
use super::build::*;

const CHANGE: &str = "CREATE TRIGGER boxes_change";
const COLUMNS: &str = "CREATE TRIGGER boxes_columns";
const LATE: &str = "CREATE CONSTRAINT TRIGGER boxes_late";
const KEPT: &str = "CREATE RULE boxes_kept";
const SEEN: &str = "CREATE POLICY boxes_seen";
const CHANGED: &str = "CREATE POLICY boxes_changed";
const COMMAND: &str = "CREATE EVENT TRIGGER depot_command";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    missing(Trigger, "depot.boxes.boxes_change", DEPOT, CHANGE,
        "DROP TRIGGER boxes_change ON depot.boxes"),
    missing(Trigger, "shop.writable_list.writable_list_insert", TRIGGERS, "CREATE TRIGGER writable_list_insert",
        "DROP TRIGGER writable_list_insert ON shop.writable_list"),
    missing(Trigger, "shop.orders.Orders \"Deleted\"", TRIGGERS, "Orders \"\"Deleted",
        "DROP TRIGGER \"Orders \"\"Deleted\"\"\" ON shop.orders"),
    unexpected(Trigger, "depot.lids.lids_change",
        "CREATE TRIGGER lids_change BEFORE INSERT ON depot.lids FOR EACH ROW EXECUTE FUNCTION depot.on_change()"),
    renamed(Trigger, "depot.boxes.boxes_change", "depot.boxes.a_change", DEPOT, CHANGE,
        "ALTER TRIGGER boxes_change ON depot.boxes RENAME TO a_change"),
    different(Trigger, "depot.boxes.boxes_change", "comment", DEPOT, CHANGE,
        "COMMENT ON TRIGGER boxes_change ON depot.boxes IS 'Before all others'"),
    different(Trigger, "shop.orders.orders_touch", "comment", TRIGGERS, "COMMENT ON TRIGGER orders_touch",
        "COMMENT ON TRIGGER orders_touch ON shop.orders IS NULL"),
    different(Trigger, "depot.boxes.boxes_change", "timing", DEPOT, CHANGE,
        "DROP TRIGGER boxes_change ON depot.boxes; CREATE TRIGGER boxes_change AFTER INSERT OR UPDATE ON depot.boxes \
            FOR EACH ROW EXECUTE FUNCTION depot.on_change()"),
    different(Trigger, "depot.boxes.boxes_change", "events", DEPOT, CHANGE,
        "DROP TRIGGER boxes_change ON depot.boxes; CREATE TRIGGER boxes_change BEFORE INSERT OR DELETE ON depot.boxes \
            FOR EACH ROW EXECUTE FUNCTION depot.on_change()"),
    different(Trigger, "depot.boxes.boxes_columns", "columns", DEPOT, COLUMNS,
        "DROP TRIGGER boxes_columns ON depot.boxes; CREATE TRIGGER boxes_columns AFTER UPDATE OF label ON depot.boxes \
            FOR EACH ROW WHEN (NEW.height > 1) EXECUTE FUNCTION depot.on_change('once')"),
    different(Trigger, "depot.boxes.boxes_change", "for-each-row", DEPOT, CHANGE,
        "DROP TRIGGER boxes_change ON depot.boxes; CREATE TRIGGER boxes_change BEFORE INSERT OR UPDATE ON depot.boxes \
            FOR EACH STATEMENT EXECUTE FUNCTION depot.on_change()"),
    different(Trigger, "depot.boxes.boxes_change", "function", DEPOT, CHANGE,
        "DROP TRIGGER boxes_change ON depot.boxes; CREATE TRIGGER boxes_change BEFORE INSERT OR UPDATE ON depot.boxes \
            FOR EACH ROW EXECUTE FUNCTION depot.on_other_change()"),
    different(Trigger, "depot.boxes.boxes_columns", "arguments", DEPOT, COLUMNS,
        "DROP TRIGGER boxes_columns ON depot.boxes; \
         CREATE TRIGGER boxes_columns AFTER UPDATE OF label, note ON depot.boxes \
            FOR EACH ROW WHEN (NEW.height > 1) EXECUTE FUNCTION depot.on_change('once', 'and ''again''')"),
    different(Trigger, "depot.boxes.boxes_columns", "condition", DEPOT, COLUMNS,
        "DROP TRIGGER boxes_columns ON depot.boxes; \
         CREATE TRIGGER boxes_columns AFTER UPDATE OF label, note ON depot.boxes \
            FOR EACH ROW WHEN (NEW.height > 2) EXECUTE FUNCTION depot.on_change('once')"),
    different(Trigger, "depot.boxes.boxes_rows", "old-table", DEPOT, "CREATE TRIGGER boxes_rows",
        "DROP TRIGGER boxes_rows ON depot.boxes; CREATE TRIGGER boxes_rows AFTER UPDATE ON depot.boxes \
            REFERENCING OLD TABLE AS earlier_rows NEW TABLE AS after_rows \
            FOR EACH STATEMENT EXECUTE FUNCTION depot.on_change()"),
    different(Trigger, "depot.boxes.boxes_rows", "new-table", DEPOT, "CREATE TRIGGER boxes_rows",
        "DROP TRIGGER boxes_rows ON depot.boxes; CREATE TRIGGER boxes_rows AFTER UPDATE ON depot.boxes \
            REFERENCING OLD TABLE AS before_rows FOR EACH STATEMENT EXECUTE FUNCTION depot.on_change()"),
    different(Trigger, "depot.boxes.boxes_late", "deferrable", DEPOT, LATE,
        "DROP TRIGGER boxes_late ON depot.boxes; CREATE CONSTRAINT TRIGGER boxes_late AFTER INSERT ON depot.boxes \
            FROM depot.shelves DEFERRABLE FOR EACH ROW EXECUTE FUNCTION depot.on_change()"),
    different(Trigger, "depot.boxes.boxes_late", "from-table", DEPOT, LATE,
        "DROP TRIGGER boxes_late ON depot.boxes; CREATE CONSTRAINT TRIGGER boxes_late AFTER INSERT ON depot.boxes \
            FROM depot.lids DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION depot.on_change()"),
    // What the partition has now is its own.
    missing(Trigger, "depot.parts.parts_change", DEPOT, "CREATE TRIGGER parts_change",
        "DROP TRIGGER parts_change ON depot.parts; CREATE TRIGGER parts_change AFTER INSERT ON depot.parts_1 \
            FOR EACH ROW EXECUTE FUNCTION depot.on_change()")
        .also(&[
            also_different(Trigger, "depot.parts_1.parts_change", "inherited"),
            // As PostgreSQL 13 keeps it.
            also(Code::Unexpected(Trigger), Trigger, "depot.parts_1.parts_change"),
        ]),
    different(Trigger, "depot.boxes.boxes_change", "enabled", DEPOT, CHANGE,
        "ALTER TABLE depot.boxes ENABLE ALWAYS TRIGGER boxes_change"),
    different(Trigger, "depot.boxes.boxes_change", "enabled", DEPOT, CHANGE,
        "ALTER TABLE depot.boxes ENABLE REPLICA TRIGGER boxes_change"),
    different(Trigger, "shop.customers.customers_off", "enabled", TRIGGERS, "DISABLE TRIGGER customers_off",
        "ALTER TABLE shop.customers ENABLE TRIGGER customers_off"),
    named(NamedCode::DisabledTrigger, Trigger, "depot.boxes.boxes_change",
        "ALTER TABLE depot.boxes DISABLE TRIGGER boxes_change").aspect("enabled").claimed_by(DEPOT, CHANGE),
    named(NamedCode::DisabledTrigger, Trigger, "shop.customers.customers_always",
        "ALTER TABLE shop.customers DISABLE TRIGGER customers_always")
        .aspect("enabled").claimed_by(TRIGGERS, "ENABLE ALWAYS TRIGGER customers_always"),

    missing(Rule, "depot.boxes.boxes_kept", DEPOT, KEPT,
        "DROP RULE boxes_kept ON depot.boxes"),
    unexpected(Rule, "depot.lids.lids_kept",
        "CREATE RULE lids_kept AS ON DELETE TO depot.lids DO INSTEAD NOTHING"),
    renamed(Rule, "depot.boxes.boxes_kept", "depot.boxes.kept", DEPOT, KEPT,
        "ALTER RULE boxes_kept ON depot.boxes RENAME TO kept"),
    different(Rule, "depot.boxes.boxes_kept", "comment", DEPOT, KEPT,
        "COMMENT ON RULE boxes_kept ON depot.boxes IS 'The tall ones'"),
    different(Rule, "depot.boxes.boxes_kept", "definition", DEPOT, KEPT,
        "CREATE OR REPLACE RULE boxes_kept AS ON DELETE TO depot.boxes WHERE OLD.height > 6 DO INSTEAD NOTHING"),
    different(Rule, "depot.boxes.boxes_kept", "enabled", DEPOT, KEPT,
        "ALTER TABLE depot.boxes ENABLE ALWAYS RULE boxes_kept"),
    different(Rule, "depot.boxes.boxes_kept", "enabled", DEPOT, KEPT,
        "ALTER TABLE depot.boxes DISABLE RULE boxes_kept"),

    missing(Policy, "depot.boxes.boxes_seen", DEPOT, SEEN,
        "DROP POLICY boxes_seen ON depot.boxes"),
    missing(Policy, "shop.orders.Orders of \"known\" people", PRIVILEGES, "Orders of \"\"known",
        "DROP POLICY \"Orders of \"\"known\"\" people\" ON shop.orders"),
    unexpected(Policy, "depot.boxes.boxes_open",
        "CREATE POLICY boxes_open ON depot.boxes FOR DELETE USING (true)"),
    renamed(Policy, "depot.boxes.boxes_seen", "depot.boxes.visible", DEPOT, SEEN,
        "ALTER POLICY boxes_seen ON depot.boxes RENAME TO visible"),
    different(Policy, "depot.boxes.boxes_seen", "comment", DEPOT, SEEN,
        "COMMENT ON POLICY boxes_seen ON depot.boxes IS 'Not the flat ones'"),
    different(Policy, "depot.boxes.boxes_seen", "command", DEPOT, SEEN,
        "DROP POLICY boxes_seen ON depot.boxes; \
         CREATE POLICY boxes_seen ON depot.boxes FOR DELETE TO app_reader USING (height > 0)"),
    different(Policy, "depot.boxes.boxes_seen", "permissive", DEPOT, SEEN,
        "DROP POLICY boxes_seen ON depot.boxes; \
         CREATE POLICY boxes_seen ON depot.boxes AS RESTRICTIVE FOR SELECT TO app_reader USING (height > 0)"),
    different(Policy, "depot.boxes.boxes_seen", "roles", DEPOT, SEEN,
        "ALTER POLICY boxes_seen ON depot.boxes TO app_reader, auditor"),
    different(Policy, "depot.boxes.boxes_seen", "roles", DEPOT, SEEN,
        "ALTER POLICY boxes_seen ON depot.boxes TO PUBLIC"),
    different(Policy, "depot.boxes.boxes_seen", "using", DEPOT, SEEN,
        "ALTER POLICY boxes_seen ON depot.boxes USING (true)"),
    different(Policy, "depot.boxes.boxes_changed", "with-check", DEPOT, CHANGED,
        "ALTER POLICY boxes_changed ON depot.boxes WITH CHECK (height > 2)"),

    missing(EventTrigger, "depot_command", DEPOT, COMMAND,
        "DROP EVENT TRIGGER depot_command"),
    unexpected(EventTrigger, "new_command",
        "CREATE EVENT TRIGGER new_command ON sql_drop EXECUTE FUNCTION depot.on_command()"),
    renamed(EventTrigger, "depot_command", "the_command", DEPOT, COMMAND,
        "ALTER EVENT TRIGGER depot_command RENAME TO the_command"),
    different(EventTrigger, "depot_command", "comment", DEPOT, COMMAND,
        "COMMENT ON EVENT TRIGGER depot_command IS 'Does nothing'"),
    different(EventTrigger, "depot_command", "event", DEPOT, COMMAND,
        "DROP EVENT TRIGGER depot_command; CREATE EVENT TRIGGER depot_command ON ddl_command_start \
            WHEN TAG IN ('DROP VIEW', 'DROP RULE') EXECUTE FUNCTION depot.on_command()"),
    different(EventTrigger, "depot_command", "tags", DEPOT, COMMAND,
        "DROP EVENT TRIGGER depot_command; CREATE EVENT TRIGGER depot_command ON ddl_command_end \
            WHEN TAG IN ('DROP VIEW') EXECUTE FUNCTION depot.on_command()"),
    different(EventTrigger, "depot_command", "function", DEPOT, COMMAND,
        "DROP EVENT TRIGGER depot_command; CREATE EVENT TRIGGER depot_command ON ddl_command_end \
            WHEN TAG IN ('DROP VIEW', 'DROP RULE') EXECUTE FUNCTION private.notice_change()"),
    different(EventTrigger, "depot_command", "enabled", DEPOT, COMMAND,
        "ALTER EVENT TRIGGER depot_command ENABLE ALWAYS"),
    different(EventTrigger, "notice_start", "enabled", PUBLICATIONS, "ALTER EVENT TRIGGER notice_start DISABLE",
        "ALTER EVENT TRIGGER notice_start ENABLE"),
];
