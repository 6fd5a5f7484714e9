CREATE TABLE parcels (
    id BIGSERIAL PRIMARY KEY,
    tracking_number TEXT NOT NULL,
    weight_grams INTEGER NOT NULL CHECK (weight_grams > 0)
);
