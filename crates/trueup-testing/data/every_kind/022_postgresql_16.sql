-- needs: 16
-- What PostgreSQL 16 brought.

CREATE TABLE shop.stored (
    id integer,
    body text STORAGE EXTERNAL,
    packed text STORAGE MAIN COMPRESSION pglz
);
CREATE STATISTICS ON tenant, customer_id FROM shop.vouchers;
CREATE VIEW shop.json_view AS SELECT JSON_OBJECT('id': id, 'sum': amount) AS line, id IS JSON SCALAR AS is_scalar
    FROM (SELECT id::text AS id, amount FROM shop.orders) o;
