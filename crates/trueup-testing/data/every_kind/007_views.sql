-- Views and materialized views.

CREATE VIEW shop.active_customers AS
    SELECT id, email, full_name AS name, balance
    FROM shop.customers
    WHERE active;
COMMENT ON VIEW shop.active_customers IS 'Who still buys';
COMMENT ON COLUMN shop.active_customers.name IS 'For letters';
ALTER VIEW shop.active_customers ALTER COLUMN balance SET DEFAULT 10;
GRANT SELECT ON shop.active_customers TO app_reader;

CREATE VIEW shop.rich_customers WITH (security_barrier = true, check_option = local) AS
    SELECT id, email, full_name, balance FROM shop.customers WHERE balance > 1000;
CREATE VIEW shop.very_rich_customers AS
    SELECT id, email, full_name, balance FROM shop.rich_customers WHERE balance > 1000000
    WITH CASCADED CHECK OPTION;

CREATE VIEW shop.customer_totals (customer, orders, spent) AS
    SELECT c.id, count(o.id), COALESCE(sum(o.amount - o.discount), 0)
    FROM shop.customers c
    LEFT JOIN shop.orders o ON o.customer_id = c.id
    GROUP BY c.id;

CREATE RECURSIVE VIEW shop.order_tree (id, parent_id, depth) AS
    SELECT id, parent_id, 0 FROM shop.orders WHERE parent_id IS NULL
    UNION ALL
    SELECT o.id, o.parent_id, t.depth + 1 FROM shop.orders o JOIN order_tree t ON t.id = o.parent_id;

CREATE VIEW "Archive 2024"."View of ""Items""" AS
    SELECT "select", "Capital" AS "CAPITAL", 'it''s; 🙂'::text AS "the text" FROM "Archive 2024"."Order ""Items""";

CREATE VIEW shop.unused_view AS SELECT 1 AS one, 'x'::text AS letter;

-- Replaced: a column was added at the end.
CREATE VIEW shop.order_list AS SELECT id, state FROM shop.orders;
CREATE OR REPLACE VIEW shop.order_list AS SELECT id, state, placed_on FROM shop.orders;

CREATE VIEW shop.writable_list AS SELECT id, full_name FROM shop.customers;
ALTER VIEW shop.writable_list OWNER TO app_owner;

CREATE MATERIALIZED VIEW shop.sales_by_day AS
    SELECT placed_on AS day, sum(amount) AS total, count(*) AS orders
    FROM shop.orders
    GROUP BY placed_on;
COMMENT ON MATERIALIZED VIEW shop.sales_by_day IS 'Refreshed at night';
COMMENT ON COLUMN shop.sales_by_day.total IS 'Before tax';
CREATE UNIQUE INDEX sales_by_day_day_idx ON shop.sales_by_day (day);
CREATE INDEX sales_by_day_total_idx ON shop.sales_by_day (total);
ALTER MATERIALIZED VIEW shop.sales_by_day CLUSTER ON sales_by_day_day_idx;
ALTER MATERIALIZED VIEW shop.sales_by_day ALTER COLUMN total SET STATISTICS 300;
GRANT SELECT ON shop.sales_by_day TO app_reader;

CREATE MATERIALIZED VIEW shop.sales_by_state WITH (fillfactor = 60, autovacuum_enabled = false) AS
    SELECT state, count(*) AS orders FROM shop.orders GROUP BY state
    WITH NO DATA;
ALTER MATERIALIZED VIEW shop.sales_by_state OWNER TO app_owner;
