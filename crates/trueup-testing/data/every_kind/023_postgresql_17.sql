-- needs: 17
-- What PostgreSQL 17 brought.

-- Identity columns and exclusion constraints on partitioned tables.
CREATE TABLE shop.visits (
    id bigint GENERATED ALWAYS AS IDENTITY,
    room integer NOT NULL,
    during tstzrange NOT NULL,
    CONSTRAINT visits_excluded EXCLUDE USING btree (room WITH =)
) PARTITION BY LIST (room);
CREATE TABLE shop.visits_1 PARTITION OF shop.visits FOR VALUES IN (1);

GRANT MAINTAIN ON shop.customers TO app_writer;
ALTER TABLE shop.products ALTER COLUMN title SET STATISTICS DEFAULT;
ALTER TABLE shop.products ALTER COLUMN title SET STATISTICS 600;

CREATE COLLATION shop.builtin_utf8 (PROVIDER = builtin, LOCALE = 'C.UTF-8');
