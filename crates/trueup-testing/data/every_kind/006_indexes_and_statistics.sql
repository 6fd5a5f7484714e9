-- Indexes with every method and property, and extended statistics.

CREATE INDEX customers_full_name_idx ON shop.customers (full_name);
COMMENT ON INDEX shop.customers_full_name_idx IS 'For the address book';
CREATE INDEX customers_lower_name_idx ON shop.customers (lower(full_name), (balance + 1)) WHERE active;
ALTER INDEX shop.customers_lower_name_idx ALTER COLUMN 2 SET STATISTICS 700;
CREATE INDEX customers_pattern_idx ON shop.customers (nickname varchar_pattern_ops DESC NULLS LAST, full_name ASC NULLS FIRST);
CREATE INDEX customers_collated_idx ON shop.customers (reference COLLATE "POSIX" text_pattern_ops);
CREATE UNIQUE INDEX customers_one_unnamed_idx ON shop.customers (birthday) INCLUDE (nickname) WHERE full_name = '';
CREATE INDEX customers_settings_idx ON shop.customers USING gin (settings jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX customers_tags_idx ON shop.customers USING gin (tags);

CREATE INDEX products_id_hash ON shop.products USING hash (external_id) WITH (fillfactor = 60);
CREATE INDEX products_shelf_idx ON shop.products USING gist (shelf) WITH (buffering = on);
CREATE INDEX products_searchable_idx ON shop.products USING gist (searchable tsvector_ops (siglen = 100));
CREATE INDEX products_address_idx ON shop.products USING spgist (address inet_ops);
CREATE INDEX products_weight_idx ON shop.products USING brin (weight) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX products_title_idx ON shop.products (title) WITH (fillfactor = 75, deduplicate_items = off);
CREATE INDEX products_expression_only_idx ON shop.products ((note || ''));
ALTER TABLE shop.products CLUSTER ON products_title_idx;

CREATE INDEX "Order ""Items"" 🙂 index" ON "Archive 2024"."Order ""Items""" ("select", "Capital");
CREATE INDEX ON shop.orders (placed_on);
CREATE INDEX orders_state_idx ON shop.orders (state) WHERE state <> 'placed';
CREATE UNIQUE INDEX orders_identity_idx ON shop.orders (id, state);

-- On partitioned tables: made on every partition, or on the parent alone and attached one by one.
CREATE INDEX events_kind_idx ON shop.events (kind);
CREATE INDEX hits_visitor_idx ON ONLY shop.hits (visitor);
CREATE INDEX hits_0_visitor_idx ON shop.hits_0 (visitor);
CREATE INDEX hits_1_visitor_idx ON shop.hits_1 (visitor);
ALTER INDEX shop.hits_visitor_idx ATTACH PARTITION shop.hits_0_visitor_idx;
ALTER INDEX shop.hits_visitor_idx ATTACH PARTITION shop.hits_1_visitor_idx;
CREATE INDEX events_2023_payload_idx ON shop.events_2023 USING gin (payload);

-- Which columns a row is known by on a replica.
ALTER TABLE shop.orders REPLICA IDENTITY USING INDEX orders_identity_idx;
ALTER TABLE shop.invoices REPLICA IDENTITY FULL;
ALTER TABLE shop.sessions REPLICA IDENTITY NOTHING;

CREATE STATISTICS shop.orders_place (ndistinct, dependencies) ON country, region FROM shop.orders;
COMMENT ON STATISTICS shop.orders_place IS 'Regions lie in countries';
CREATE STATISTICS shop.orders_amounts (mcv) ON amount, discount FROM shop.orders;
ALTER STATISTICS shop.orders_amounts SET STATISTICS 250;
CREATE STATISTICS shop.customers_all ON active, balance, birthday FROM shop.customers;
ALTER STATISTICS shop.customers_all OWNER TO app_owner;
