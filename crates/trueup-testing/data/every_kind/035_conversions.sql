-- needs: full
-- Encoding conversions: the embedded server has no libraries for them.

CREATE CONVERSION shop.to_latin FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
COMMENT ON CONVERSION shop.to_latin IS 'For the old printer';
ALTER CONVERSION shop.to_latin OWNER TO app_owner;
CREATE DEFAULT CONVERSION shop.from_latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE CONVERSION depot.to_latin FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
