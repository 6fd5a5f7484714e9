-- +goose NO TRANSACTION
-- +goose Up
CREATE TABLE shipments (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders (id),
    carrier  text NOT NULL,
    sent_at  timestamptz
);

CREATE INDEX CONCURRENTLY shipments_open ON shipments (order_id) WHERE sent_at IS NULL;

ALTER TABLE orders ADD COLUMN shipped boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE orders DROP COLUMN shipped;
DROP TABLE shipments;
