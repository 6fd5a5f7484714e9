-- +goose Up
CREATE TABLE products (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku    text NOT NULL UNIQUE,
    name   text NOT NULL,
    price  numeric(10,2) NOT NULL CHECK (price >= 0),
    stock  integer NOT NULL DEFAULT 0
);

CREATE INDEX products_name ON products (lower(name));

-- +goose Down
DROP TABLE products;
