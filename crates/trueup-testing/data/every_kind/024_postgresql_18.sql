-- needs: 18
-- What PostgreSQL 18 brought.

CREATE TABLE shop.modern (
    id uuid DEFAULT uuidv7(),
    width integer,
    height integer,
    depth integer CONSTRAINT modern_has_depth NOT NULL,
    weight integer CONSTRAINT modern_weight_here NOT NULL NO INHERIT,
    label text,
    CONSTRAINT modern_wide CHECK (width > 0) NOT ENFORCED,
    customer_id bigint
);
ALTER TABLE shop.modern ADD CONSTRAINT modern_label_set NOT NULL label NOT VALID;
ALTER TABLE shop.modern ADD CONSTRAINT modern_customer_fkey
    FOREIGN KEY (customer_id) REFERENCES shop.customers (id) NOT ENFORCED;
COMMENT ON CONSTRAINT modern_has_depth ON shop.modern IS 'Flat things are elsewhere';

CREATE TABLE shop.computed (
    width integer,
    height integer,
    area integer GENERATED ALWAYS AS (width * height) VIRTUAL
);

CREATE TABLE shop.rentals (
    shelves int4range,
    during daterange,
    CONSTRAINT rentals_pkey PRIMARY KEY (shelves, during WITHOUT OVERLAPS)
);
CREATE TABLE shop.rental_notes (
    shelves int4range,
    during daterange,
    note text,
    CONSTRAINT rental_notes_rental_fkey FOREIGN KEY (shelves, PERIOD during)
        REFERENCES shop.rentals (shelves, PERIOD during)
);

CREATE PUBLICATION with_generated FOR TABLE shop.modern WITH (publish_generated_columns = stored, publish = 'insert');
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner GRANT SELECT ON LARGE OBJECTS TO app_reader;
