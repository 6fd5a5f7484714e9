DROP VIEW parcels_on_the_way;
ALTER TABLE parcels DROP COLUMN delivered_at;
DROP INDEX parcels_tracking_number_key;
DROP TABLE scans;
