\i :up/000001_create_parcels.up.sql
\i :up/000002_create_depots.up.sql
CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null);
INSERT INTO parcels (tracking_number, weight_grams) VALUES ('CC-1', 500), ('CC-1', 700);
-- golang-migrate writes the version down as dirty, runs the file, and takes the mark away when it succeeds.
INSERT INTO schema_migrations VALUES (3, true);
CREATE TABLE scans (
    id BIGSERIAL PRIMARY KEY,
    parcel_id BIGINT NOT NULL REFERENCES parcels (id),
    depot CHAR(4) NOT NULL REFERENCES depots (code),
    scanned_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX scans_parcel_id_idx ON scans (parcel_id, scanned_at DESC);
-- Here the unique index failed, and psql is told not to mind.
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX parcels_tracking_number_key ON parcels (tracking_number);
