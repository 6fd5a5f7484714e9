CREATE TABLE claims (
    id BIGSERIAL PRIMARY KEY,
    parcel_id BIGINT NOT NULL REFERENCES parcels (id),
    reason TEXT NOT NULL
);
