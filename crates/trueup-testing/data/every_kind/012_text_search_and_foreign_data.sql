-- Text search, and tables that live somewhere else.

CREATE TEXT SEARCH TEMPLATE shop.plain_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
COMMENT ON TEXT SEARCH TEMPLATE shop.plain_template IS 'As simple';
CREATE TEXT SEARCH PARSER shop.plain_parser (
    START = prsd_start,
    GETTOKEN = prsd_nexttoken,
    END = prsd_end,
    HEADLINE = prsd_headline,
    LEXTYPES = prsd_lextype
);
COMMENT ON TEXT SEARCH PARSER shop.plain_parser IS 'As default';
CREATE TEXT SEARCH DICTIONARY shop.product_words (TEMPLATE = simple, ACCEPT = false);
COMMENT ON TEXT SEARCH DICTIONARY shop.product_words IS 'What customers type';
CREATE TEXT SEARCH DICTIONARY shop.own_words (TEMPLATE = shop.plain_template);
ALTER TEXT SEARCH DICTIONARY shop.own_words OWNER TO app_owner;
CREATE TEXT SEARCH CONFIGURATION shop.products (COPY = simple);
COMMENT ON TEXT SEARCH CONFIGURATION shop.products IS 'For the search box';
ALTER TEXT SEARCH CONFIGURATION shop.products
    ALTER MAPPING FOR asciiword, word WITH shop.product_words, simple;
ALTER TEXT SEARCH CONFIGURATION shop.products DROP MAPPING FOR email;
CREATE TEXT SEARCH CONFIGURATION shop.own (PARSER = shop.plain_parser);
ALTER TEXT SEARCH CONFIGURATION shop.own ADD MAPPING FOR asciiword WITH shop.own_words;
ALTER TEXT SEARCH CONFIGURATION shop.own OWNER TO app_owner;

CREATE FOREIGN DATA WRAPPER elsewhere OPTIONS (debug 'true');
COMMENT ON FOREIGN DATA WRAPPER elsewhere IS 'Reads nothing';
GRANT USAGE ON FOREIGN DATA WRAPPER elsewhere TO app_writer;
CREATE FOREIGN DATA WRAPPER unused_wrapper NO HANDLER NO VALIDATOR;
CREATE SERVER warehouse TYPE 'oracle' VERSION '19' FOREIGN DATA WRAPPER elsewhere
    OPTIONS (host 'warehouse.example', "Strange Option" 'it''s');
COMMENT ON SERVER warehouse IS 'Where the parcels are';
GRANT USAGE ON FOREIGN SERVER warehouse TO app_reader WITH GRANT OPTION;
CREATE SERVER unused_server FOREIGN DATA WRAPPER elsewhere;
ALTER SERVER unused_server OWNER TO "Reporting Team";
CREATE USER MAPPING FOR PUBLIC SERVER warehouse OPTIONS (user 'guest');
CREATE USER MAPPING FOR app_writer SERVER warehouse OPTIONS (user 'writer', password 'not a secret');

CREATE FOREIGN TABLE shop.stock (
    sku char(12) OPTIONS (column_name 'SKU') NOT NULL,
    pieces integer DEFAULT 0,
    place text COLLATE "C",
    CONSTRAINT stock_positive CHECK (pieces >= 0)
) SERVER warehouse OPTIONS (table_name 'STOCK', schema_name 'main');
COMMENT ON FOREIGN TABLE shop.stock IS 'Yesterday''s numbers';
COMMENT ON COLUMN shop.stock.pieces IS 'Whole ones';
ALTER FOREIGN TABLE shop.stock ALTER COLUMN place SET STATISTICS 50;
GRANT SELECT ON shop.stock TO app_reader;
CREATE FOREIGN TABLE shop.words_far PARTITION OF shop.words
    FOR VALUES FROM ('a', MINVALUE) TO ('n', MINVALUE)
    SERVER warehouse;
