-- +goose Up
CREATE TABLE reviews (
    product_id  bigint NOT NULL REFERENCES products (id),
    customer_id bigint NOT NULL REFERENCES customers (id),
    stars       smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    body        text,
    PRIMARY KEY (product_id, customer_id)
);

-- +goose Down
DROP TABLE reviews;
