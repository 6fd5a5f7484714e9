CREATE TABLE scans (
    id BIGSERIAL PRIMARY KEY,
    parcel_id BIGINT NOT NULL REFERENCES parcels (id),
    depot CHAR(4) NOT NULL REFERENCES depots (code),
    scanned_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE INDEX scans_parcel_id_idx ON scans (parcel_id, scanned_at DESC);

CREATE UNIQUE INDEX parcels_tracking_number_key ON parcels (tracking_number);

ALTER TABLE parcels ADD COLUMN delivered_at TIMESTAMPTZ;

CREATE VIEW parcels_on_the_way AS
SELECT id, tracking_number FROM parcels WHERE delivered_at IS NULL;
