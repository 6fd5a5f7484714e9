-- Constraints of every kind and form.

ALTER TABLE shop.customers
    ADD CONSTRAINT customers_email_key UNIQUE (email) INCLUDE (full_name, active) WITH (fillfactor = 90),
    ADD CONSTRAINT customers_reference_key UNIQUE (reference) DEFERRABLE INITIALLY IMMEDIATE,
    ADD CONSTRAINT customers_nickname_key UNIQUE (nickname, birthday) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT customers_balance_check CHECK (balance > -1000),
    ADD CONSTRAINT customers_birthday_check CHECK (birthday > DATE '1900-01-01') NOT VALID,
    ADD CONSTRAINT customers_never_inherited CHECK (active IS NOT NULL) NO INHERIT;
COMMENT ON CONSTRAINT customers_balance_check ON shop.customers IS 'We are not a bank';
COMMENT ON CONSTRAINT customers_email_key ON shop.customers IS 'One account for each address';
COMMENT ON INDEX shop.customers_email_key IS 'Used at login';

ALTER TABLE shop.regions ADD PRIMARY KEY (country, region);
ALTER TABLE shop.sessions ADD CONSTRAINT sessions_pkey PRIMARY KEY (token) INCLUDE (expires_at);
ALTER TABLE shop.invoices ADD PRIMARY KEY (number) DEFERRABLE;
ALTER TABLE shop.events ADD CONSTRAINT events_pkey PRIMARY KEY (id, happened_at, kind);
ALTER TABLE private.secrets ADD CONSTRAINT secrets_pkey PRIMARY KEY (id);

-- A constraint made from an index that was there before.
CREATE UNIQUE INDEX products_sku ON shop.products (sku);
ALTER TABLE shop.products ADD CONSTRAINT products_sku_key UNIQUE USING INDEX products_sku;

ALTER TABLE shop.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
ALTER TABLE shop.orders
    ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer_id) REFERENCES shop.customers (id)
        ON DELETE CASCADE ON UPDATE RESTRICT,
    ADD CONSTRAINT orders_parent_fkey FOREIGN KEY (parent_id) REFERENCES shop.orders
        ON DELETE SET NULL ON UPDATE CASCADE,
    ADD CONSTRAINT orders_region_fkey FOREIGN KEY (country, region) REFERENCES shop.regions (country, region)
        MATCH FULL ON DELETE SET DEFAULT ON UPDATE SET NULL
        DEFERRABLE INITIALLY DEFERRED;
COMMENT ON CONSTRAINT orders_customer_fkey ON shop.orders IS 'Orders go with the customer';

ALTER TABLE shop.sessions
    ADD CONSTRAINT sessions_customer_fkey FOREIGN KEY (customer_id) REFERENCES shop.customers (id)
        ON UPDATE SET DEFAULT DEFERRABLE INITIALLY IMMEDIATE NOT VALID;

ALTER TABLE shop.invoices
    ADD CONSTRAINT invoices_customer_fkey FOREIGN KEY (customer) REFERENCES shop.customers (id)
        ON DELETE RESTRICT NOT DEFERRABLE;

-- From and to partitioned tables.
CREATE TABLE shop.event_notes (
    event_id bigint,
    happened_at timestamptz,
    kind text,
    note text,
    CONSTRAINT event_notes_event_fkey FOREIGN KEY (event_id, happened_at, kind) REFERENCES shop.events
);
ALTER TABLE shop.parcels ADD PRIMARY KEY (id, country);
ALTER TABLE shop.parcels ADD COLUMN order_id integer;
ALTER TABLE shop.parcels ADD CONSTRAINT parcels_order_fkey FOREIGN KEY (order_id) REFERENCES shop.orders (id);
ALTER TABLE shop.parcels ADD CONSTRAINT parcels_weight_check CHECK (weight > 0);

-- Exclusion constraints

CREATE TABLE shop.bookings (
    room integer,
    area box,
    during tstzrange,
    hours shop.opening_hours,
    cancelled boolean DEFAULT false NOT NULL,
    CONSTRAINT bookings_no_overlap EXCLUDE USING gist (during WITH &&),
    CONSTRAINT bookings_no_collision EXCLUDE USING gist (area WITH &&, hours WITH &&)
        WITH (fillfactor = 80) WHERE (NOT cancelled) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT bookings_one_room EXCLUDE USING btree (room WITH =) WHERE (room > 100)
);
COMMENT ON CONSTRAINT bookings_no_overlap ON shop.bookings IS 'One after the other';
COMMENT ON INDEX shop.bookings_no_overlap IS 'Read by the calendar';

-- Foreign keys whose triggers fire for replicated rows as well.
CREATE TABLE shop.copies (order_id integer CONSTRAINT copies_order_fkey REFERENCES shop.orders (id), note text);
