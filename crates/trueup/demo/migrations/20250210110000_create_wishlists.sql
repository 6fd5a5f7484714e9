-- +goose Up
CREATE TABLE wishlists (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    title       text NOT NULL
);

CREATE TABLE wishlist_items (
    wishlist_id bigint NOT NULL REFERENCES wishlists (id) ON DELETE CASCADE,
    product_id  bigint NOT NULL REFERENCES products (id),
    PRIMARY KEY (wishlist_id, product_id)
);

CREATE VIEW wishlist_sizes AS
    SELECT wishlist_id, count(*) AS products FROM wishlist_items GROUP BY wishlist_id;

-- +goose Down
DROP VIEW wishlist_sizes;
DROP TABLE wishlist_items;
DROP TABLE wishlists;
