-- needs: full
-- Collations of a library that not every server is built with.

CREATE COLLATION shop.german_phonebook (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
CREATE COLLATION shop.ignoring_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE TABLE shop.phonebook (name text COLLATE shop.german_phonebook, nickname text COLLATE shop.ignoring_case);
