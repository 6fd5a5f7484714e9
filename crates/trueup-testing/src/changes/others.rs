//! Kinds that are compared property by property: operators, casts, text search, foreign servers, replication.

use trueup_model::Code;
use trueup_model::ObjectKind::{
    AccessMethod, Cast, Collation, Conversion, ForeignDataWrapper, ForeignServer, Language, Operator,
    OperatorClass, OperatorFamily, Publication, Subscription, TextSearchConfiguration, TextSearchDictionary,
    TextSearchParser, TextSearchTemplate, Transform, UserMapping,
};

use super::Change;
use super::build::*;

const BYTES: &str = "CREATE COLLATION depot.bytes";
const LATIN: &str = "CREATE CONVERSION depot.to_latin";
const CAST: &str = "CREATE CAST (bigint AS depot.pair)";
const SAME: &str = "CREATE OPERATOR depot.===";
const SAME_PATH: &str = "depot.===(integer, integer)";
const ODD_CLASS: &str = "CREATE OPERATOR CLASS depot.odd_class";
const ODD_FAMILY: &str = "CREATE OPERATOR FAMILY depot.odd_family";
const LANGUAGE: &str = "CREATE LANGUAGE depot_language";
const TRANSFORM: &str = "CREATE TRANSFORM FOR bigint";
const HEAP: &str = "CREATE ACCESS METHOD depot_heap";
const PARSER: &str = "CREATE TEXT SEARCH PARSER depot.parser";
const TEMPLATE: &str = "CREATE TEXT SEARCH TEMPLATE depot.template";
const DICTIONARY: &str = "CREATE TEXT SEARCH DICTIONARY depot.dictionary";
const CONFIGURATION: &str = "CREATE TEXT SEARCH CONFIGURATION depot.configuration";
const WRAPPER: &str = "CREATE FOREIGN DATA WRAPPER depot_wrapper";
const SERVER: &str = "CREATE SERVER depot_server";
const SPARE: &str = "CREATE SERVER spare_server";
const MAPPING: &str = "CREATE USER MAPPING FOR app_reader";
const NEWS: &str = "CREATE PUBLICATION depot_news";
const OFFICE: &str = "CREATE SUBSCRIPTION from_head_office";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    missing(Collation, "depot.bytes", DEPOT, BYTES,
        "DROP COLLATION depot.bytes"),
    unexpected(Collation, "depot.more_bytes",
        "CREATE COLLATION depot.more_bytes (LOCALE = 'POSIX')"),
    renamed(Collation, "depot.bytes", "depot.octets", DEPOT, BYTES,
        "ALTER COLLATION depot.bytes RENAME TO octets"),
    misplaced(Collation, "depot.bytes", "public.bytes", DEPOT, BYTES,
        "ALTER COLLATION depot.bytes SET SCHEMA public"),
    owner(Collation, "depot.bytes", DEPOT, BYTES,
        "ALTER COLLATION depot.bytes OWNER TO auditor"),
    different(Collation, "depot.bytes", "comment", DEPOT, BYTES,
        "COMMENT ON COLLATION depot.bytes IS 'Quick'"),
    different(Collation, "depot.bytes", "collate", DEPOT, BYTES,
        "DROP COLLATION depot.bytes; CREATE COLLATION depot.bytes (LOCALE = 'POSIX')")
        .also(&[also_different(Collation, "depot.bytes", "ctype")]),
    different(Collation, "shop.ignoring_case", "deterministic", ICU, "CREATE COLLATION shop.ignoring_case",
        "ALTER TABLE shop.phonebook ALTER COLUMN nickname TYPE text COLLATE \"C\"; DROP COLLATION shop.ignoring_case; \
         CREATE COLLATION shop.ignoring_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2'); \
         ALTER TABLE shop.phonebook ALTER COLUMN nickname TYPE text COLLATE shop.ignoring_case").needs_full(),
    different(Collation, "shop.german_phonebook", "rules", ICU, "CREATE COLLATION shop.german_phonebook",
        "ALTER TABLE shop.phonebook ALTER COLUMN name TYPE text COLLATE \"C\"; DROP COLLATION shop.german_phonebook; \
         CREATE COLLATION shop.german_phonebook (PROVIDER = icu, LOCALE = 'de-u-co-phonebk', RULES = '&a < g'); \
         ALTER TABLE shop.phonebook ALTER COLUMN name TYPE text COLLATE shop.german_phonebook")
        .needs(16).needs_full(),
    different(Collation, "depot.bytes", "provider", DEPOT, BYTES,
        "DROP COLLATION depot.bytes; CREATE COLLATION depot.bytes (PROVIDER = builtin, LOCALE = 'C')").needs(17)
        .also(&[
            also_different(Collation, "depot.bytes", "collate"),
            also_different(Collation, "depot.bytes", "ctype"),
            also_different(Collation, "depot.bytes", "locale"),
        ]),

    missing(Conversion, "depot.to_latin", CONVERSIONS, LATIN,
        "DROP CONVERSION depot.to_latin").needs_full(),
    unexpected(Conversion, "depot.from_latin",
        "CREATE CONVERSION depot.from_latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8"),
    renamed(Conversion, "depot.to_latin", "depot.to_west", CONVERSIONS, LATIN,
        "ALTER CONVERSION depot.to_latin RENAME TO to_west").needs_full(),
    misplaced(Conversion, "depot.to_latin", "public.to_latin", CONVERSIONS, LATIN,
        "ALTER CONVERSION depot.to_latin SET SCHEMA public").needs_full(),
    owner(Conversion, "depot.to_latin", CONVERSIONS, LATIN,
        "ALTER CONVERSION depot.to_latin OWNER TO auditor").needs_full(),
    different(Conversion, "depot.to_latin", "comment", CONVERSIONS, LATIN,
        "COMMENT ON CONVERSION depot.to_latin IS 'Of the west'").needs_full(),
    different(Conversion, "depot.to_latin", "default", CONVERSIONS, LATIN,
        "DROP CONVERSION depot.to_latin; \
         CREATE DEFAULT CONVERSION depot.to_latin FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1").needs_full(),
    different(Conversion, "depot.to_latin", "target-encoding", CONVERSIONS, LATIN,
        "DROP CONVERSION depot.to_latin; CREATE CONVERSION depot.to_latin FOR 'UTF8' TO 'LATIN2' FROM utf8_to_iso8859").needs_full()
        .also(&[also_different(Conversion, "depot.to_latin", "function")]),

    missing(Cast, "bigint as depot.pair", DEPOT, CAST,
        "DROP CAST (bigint AS depot.pair)"),
    unexpected(Cast, "depot.colour as text",
        "CREATE CAST (depot.colour AS text) WITH INOUT AS ASSIGNMENT"),
    different(Cast, "bigint as depot.pair", "comment", DEPOT, CAST,
        "COMMENT ON CAST (bigint AS depot.pair) IS 'The first one'"),
    different(Cast, "bigint as depot.pair", "context", DEPOT, CAST,
        "DROP CAST (bigint AS depot.pair); \
         CREATE CAST (bigint AS depot.pair) WITH FUNCTION depot.pair_of(bigint) AS IMPLICIT"),
    different(Cast, "bigint as depot.pair", "function", DEPOT, CAST,
        "DROP CAST (bigint AS depot.pair); \
         CREATE CAST (bigint AS depot.pair) WITH FUNCTION depot.other_pair_of(bigint)"),
    different(Cast, "text as shop.\"Mood\"", "context", OPERATORS, "CREATE CAST (text AS shop.\"Mood\")",
        "DROP CAST (text AS shop.\"Mood\"); CREATE CAST (text AS shop.\"Mood\") WITH INOUT AS IMPLICIT"),
    different(Cast, "shop.token as text", "function", OPERATORS, "CREATE CAST (shop.token AS text)",
        "DROP CAST (shop.token AS text); CREATE CAST (shop.token AS text) WITH INOUT AS IMPLICIT"),

    missing(Operator, SAME_PATH, DEPOT, SAME,
        "DROP OPERATOR depot.=== (integer, integer)"),
    unexpected(Operator, "depot.@@@(none, integer)",
        "CREATE OPERATOR depot.@@@ (FUNCTION = int4abs, RIGHTARG = integer)"),
    misplaced(Operator, SAME_PATH, "public.===(integer, integer)", DEPOT, SAME,
        "ALTER OPERATOR depot.=== (integer, integer) SET SCHEMA public"),
    owner(Operator, SAME_PATH, DEPOT, SAME,
        "ALTER OPERATOR depot.=== (integer, integer) OWNER TO auditor"),
    different(Operator, SAME_PATH, "comment", DEPOT, SAME,
        "COMMENT ON OPERATOR depot.=== (integer, integer) IS 'The same'"),
    different(Operator, SAME_PATH, "function", DEPOT, SAME,
        "DROP OPERATOR depot.=== (integer, integer); \
         CREATE OPERATOR depot.=== (FUNCTION = depot.same_as_ever, LEFTARG = integer, RIGHTARG = integer)"),
    different(Operator, SAME_PATH, "commutator", DEPOT, SAME,
        "DROP OPERATOR depot.=== (integer, integer); CREATE OPERATOR depot.=== \
            (FUNCTION = depot.same, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(depot.===))"),
    different(Operator, "shop.<~>(integer, integer)", "negator", OPERATORS, "CREATE OPERATOR shop.<~>",
        "DROP OPERATOR shop.<~> (integer, integer); CREATE OPERATOR shop.<~> (FUNCTION = shop.far, \
            LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(shop.<~>))")
        // Each of the two is the negator of the other.
        .also(&[also_different(Operator, "shop.=~=(integer, integer)", "negator")]),
    different(Operator, SAME_PATH, "restrict", DEPOT, SAME,
        "ALTER OPERATOR depot.=== (integer, integer) SET (RESTRICT = eqsel)"),
    different(Operator, SAME_PATH, "join", DEPOT, SAME,
        "ALTER OPERATOR depot.=== (integer, integer) SET (JOIN = eqjoinsel)"),
    different(Operator, SAME_PATH, "hashes", DEPOT, SAME,
        "DROP OPERATOR depot.=== (integer, integer); \
         CREATE OPERATOR depot.=== (FUNCTION = depot.same, LEFTARG = integer, RIGHTARG = integer, HASHES)"),
    different(Operator, SAME_PATH, "merges", DEPOT, SAME,
        "DROP OPERATOR depot.=== (integer, integer); \
         CREATE OPERATOR depot.=== (FUNCTION = depot.same, LEFTARG = integer, RIGHTARG = integer, MERGES)"),

    missing(OperatorClass, "depot.odd_class(using hash)", DEPOT, ODD_CLASS,
        "DROP OPERATOR FAMILY depot.odd_class USING hash CASCADE")
        .also(&[also(Code::Missing(OperatorFamily), OperatorFamily, "depot.odd_class(using hash)")]),
    unexpected(OperatorClass, "depot.new_class(using btree)",
        "CREATE OPERATOR CLASS depot.new_class FOR TYPE integer USING btree FAMILY depot.odd_family AS \
            OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer)"),
    renamed(OperatorClass, "depot.odd_class(using hash)", "depot.strange_class(using hash)", DEPOT, ODD_CLASS,
        "ALTER OPERATOR CLASS depot.odd_class USING hash RENAME TO strange_class"),
    misplaced(OperatorClass, "depot.odd_class(using hash)", "public.odd_class(using hash)", DEPOT, ODD_CLASS,
        "ALTER OPERATOR CLASS depot.odd_class USING hash SET SCHEMA public"),
    owner(OperatorClass, "depot.odd_class(using hash)", DEPOT, ODD_CLASS,
        "ALTER OPERATOR CLASS depot.odd_class USING hash OWNER TO auditor"),
    different(OperatorClass, "depot.odd_class(using hash)", "comment", DEPOT, ODD_CLASS,
        "COMMENT ON OPERATOR CLASS depot.odd_class USING hash IS 'Not even'"),
    // A function that is not required counts as the family's, since PostgreSQL 14.
    different(OperatorFamily, "depot.odd_class(using hash)", "functions", DEPOT, ODD_CLASS,
        "DROP OPERATOR CLASS depot.odd_class USING hash; \
         CREATE OPERATOR CLASS depot.odd_class FOR TYPE integer USING hash FAMILY depot.odd_class AS \
            OPERATOR 1 =, FUNCTION 1 hashint4(integer), FUNCTION 2 hashint4extended(integer, bigint)")
        .needs(14),

    different(OperatorClass, "shop.hashed_tokens(using hash)", "default", OPERATORS,
        "CREATE OPERATOR CLASS shop.hashed_tokens",
        "DROP OPERATOR CLASS shop.hashed_tokens USING hash; CREATE OPERATOR CLASS shop.hashed_tokens \
            FOR TYPE shop.token USING hash FAMILY shop.hashed_tokens AS STORAGE shop.token"),
    different(OperatorClass, "depot.odd_class(using hash)", "type", DEPOT, ODD_CLASS,
        "DROP OPERATOR CLASS depot.odd_class USING hash; CREATE OPERATOR CLASS depot.odd_class \
            FOR TYPE bigint USING hash FAMILY depot.odd_class AS OPERATOR 1 =, FUNCTION 1 hashint8(bigint)")
        .also(&[
            also_different(OperatorClass, "depot.odd_class(using hash)", "operators"),
            also_different(OperatorClass, "depot.odd_class(using hash)", "functions"),
        ]),

    missing(OperatorFamily, "depot.odd_family(using btree)", DEPOT, ODD_FAMILY,
        "DROP OPERATOR FAMILY depot.odd_family USING btree"),
    unexpected(OperatorFamily, "depot.new_family(using gist)",
        "CREATE OPERATOR FAMILY depot.new_family USING gist"),
    renamed(OperatorFamily, "depot.odd_family(using btree)", "depot.strange_family(using btree)", DEPOT, ODD_FAMILY,
        "ALTER OPERATOR FAMILY depot.odd_family USING btree RENAME TO strange_family"),
    misplaced(OperatorFamily, "depot.odd_family(using btree)", "public.odd_family(using btree)", DEPOT, ODD_FAMILY,
        "ALTER OPERATOR FAMILY depot.odd_family USING btree SET SCHEMA public"),
    owner(OperatorFamily, "depot.odd_family(using btree)", DEPOT, ODD_FAMILY,
        "ALTER OPERATOR FAMILY depot.odd_family USING btree OWNER TO auditor"),
    different(OperatorFamily, "depot.odd_family(using btree)", "comment", DEPOT, ODD_FAMILY,
        "COMMENT ON OPERATOR FAMILY depot.odd_family USING btree IS 'Everybody has one'"),
    different(OperatorFamily, "depot.odd_family(using btree)", "operators", DEPOT, ODD_FAMILY,
        "ALTER OPERATOR FAMILY depot.odd_family USING btree ADD OPERATOR 1 < (integer, bigint)"),
    different(OperatorFamily, "depot.odd_family(using btree)", "functions", DEPOT, ODD_FAMILY,
        "ALTER OPERATOR FAMILY depot.odd_family USING btree ADD FUNCTION 1 btint48cmp(integer, bigint)"),

    missing(Language, "depot_language", DEPOT, LANGUAGE,
        "DROP LANGUAGE depot_language"),
    unexpected(Language, "new_language",
        "CREATE LANGUAGE new_language HANDLER depot.handler"),
    renamed(Language, "depot_language", "depot_speech", DEPOT, LANGUAGE,
        "ALTER LANGUAGE depot_language RENAME TO depot_speech"),
    owner(Language, "depot_language", DEPOT, LANGUAGE,
        "ALTER LANGUAGE depot_language OWNER TO auditor"),
    different(Language, "depot_language", "comment", DEPOT, LANGUAGE,
        "COMMENT ON LANGUAGE depot_language IS 'Spoken by few'"),
    different(Language, "depot_language", "trusted", DEPOT, LANGUAGE,
        "CREATE OR REPLACE TRUSTED LANGUAGE depot_language HANDLER depot.handler"),
    different(Language, "depot_language", "handler", DEPOT, LANGUAGE,
        "CREATE OR REPLACE LANGUAGE depot_language HANDLER shop.second_plpgsql_handler"),

    different(Language, "depot_language", "inline-handler", DEPOT, LANGUAGE,
        "CREATE OR REPLACE LANGUAGE depot_language HANDLER depot.handler INLINE plpgsql_inline_handler"),
    different(Language, "depot_language", "validator", DEPOT, LANGUAGE,
        "CREATE OR REPLACE LANGUAGE depot_language HANDLER depot.handler VALIDATOR plpgsql_validator"),

    missing(Transform, "for bigint language sql", DEPOT, TRANSFORM,
        "DROP TRANSFORM FOR bigint LANGUAGE sql"),
    unexpected(Transform, "for smallint language sql",
        "CREATE TRANSFORM FOR smallint LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))"),
    different(Transform, "for bigint language sql", "comment", DEPOT, TRANSFORM,
        "COMMENT ON TRANSFORM FOR bigint LANGUAGE sql IS 'Into nothing'"),
    different(Transform, "for bigint language sql", "to-sql", DEPOT, TRANSFORM,
        "CREATE OR REPLACE TRANSFORM FOR bigint LANGUAGE sql \
            (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int8recv(internal))"),
    different(Transform, "for bigint language sql", "from-sql", DEPOT, TRANSFORM,
        "CREATE OR REPLACE TRANSFORM FOR bigint LANGUAGE sql (FROM SQL WITH FUNCTION dsimple_init(internal))"),

    missing(AccessMethod, "depot_heap", DEPOT, HEAP,
        "DROP ACCESS METHOD depot_heap"),
    unexpected(AccessMethod, "new_heap",
        "CREATE ACCESS METHOD new_heap TYPE TABLE HANDLER heap_tableam_handler"),
    different(AccessMethod, "depot_heap", "comment", DEPOT, HEAP,
        "COMMENT ON ACCESS METHOD depot_heap IS 'Unordered'"),
    different(AccessMethod, "depot_heap", "type", DEPOT, HEAP,
        "DROP ACCESS METHOD depot_heap; CREATE ACCESS METHOD depot_heap TYPE INDEX HANDLER gisthandler")
        .also(&[also_different(AccessMethod, "depot_heap", "handler")]),

    missing(TextSearchParser, "depot.parser", DEPOT, PARSER,
        "DROP TEXT SEARCH PARSER depot.parser"),
    unexpected(TextSearchParser, "depot.new_parser",
        "CREATE TEXT SEARCH PARSER depot.new_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, \
            LEXTYPES = prsd_lextype, HEADLINE = prsd_headline)"),
    renamed(TextSearchParser, "depot.parser", "depot.splitter", DEPOT, PARSER,
        "ALTER TEXT SEARCH PARSER depot.parser RENAME TO splitter"),
    misplaced(TextSearchParser, "depot.parser", "public.parser", DEPOT, PARSER,
        "ALTER TEXT SEARCH PARSER depot.parser SET SCHEMA public"),
    different(TextSearchParser, "depot.parser", "comment", DEPOT, PARSER,
        "COMMENT ON TEXT SEARCH PARSER depot.parser IS 'Reads labels'"),
    different(TextSearchParser, "depot.parser", "headline", DEPOT, PARSER,
        "DROP TEXT SEARCH PARSER depot.parser; CREATE TEXT SEARCH PARSER depot.parser (START = prsd_start, \
            GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline)"),
    missing(TextSearchTemplate, "depot.template", DEPOT, TEMPLATE,
        "DROP TEXT SEARCH TEMPLATE depot.template"),
    unexpected(TextSearchTemplate, "depot.new_template",
        "CREATE TEXT SEARCH TEMPLATE depot.new_template (LEXIZE = dispell_lexize, INIT = dispell_init)"),
    renamed(TextSearchTemplate, "depot.template", "depot.pattern", DEPOT, TEMPLATE,
        "ALTER TEXT SEARCH TEMPLATE depot.template RENAME TO pattern"),
    misplaced(TextSearchTemplate, "depot.template", "public.template", DEPOT, TEMPLATE,
        "ALTER TEXT SEARCH TEMPLATE depot.template SET SCHEMA public"),
    different(TextSearchTemplate, "depot.template", "comment", DEPOT, TEMPLATE,
        "COMMENT ON TEXT SEARCH TEMPLATE depot.template IS 'Plain'"),
    different(TextSearchTemplate, "depot.template", "init", DEPOT, TEMPLATE,
        "DROP TEXT SEARCH TEMPLATE depot.template; CREATE TEXT SEARCH TEMPLATE depot.template (LEXIZE = dsimple_lexize)"),
    missing(TextSearchDictionary, "depot.dictionary", DEPOT, DICTIONARY,
        "DROP TEXT SEARCH DICTIONARY depot.dictionary"),
    unexpected(TextSearchDictionary, "depot.new_dictionary",
        "CREATE TEXT SEARCH DICTIONARY depot.new_dictionary (TEMPLATE = simple, STOPWORDS = english)"),
    renamed(TextSearchDictionary, "depot.dictionary", "depot.word_list", DEPOT, DICTIONARY,
        "ALTER TEXT SEARCH DICTIONARY depot.dictionary RENAME TO word_list"),
    misplaced(TextSearchDictionary, "depot.dictionary", "public.dictionary", DEPOT, DICTIONARY,
        "ALTER TEXT SEARCH DICTIONARY depot.dictionary SET SCHEMA public"),
    owner(TextSearchDictionary, "depot.dictionary", DEPOT, DICTIONARY,
        "ALTER TEXT SEARCH DICTIONARY depot.dictionary OWNER TO auditor"),
    different(TextSearchDictionary, "depot.dictionary", "comment", DEPOT, DICTIONARY,
        "COMMENT ON TEXT SEARCH DICTIONARY depot.dictionary IS 'Short'"),
    different(TextSearchDictionary, "depot.dictionary", "options", DEPOT, DICTIONARY,
        "ALTER TEXT SEARCH DICTIONARY depot.dictionary (ACCEPT = true)"),
    different(TextSearchDictionary, "depot.dictionary", "template", DEPOT, DICTIONARY,
        "DROP TEXT SEARCH DICTIONARY depot.dictionary; \
         CREATE TEXT SEARCH DICTIONARY depot.dictionary (TEMPLATE = depot.template, ACCEPT = false)"),
    missing(TextSearchConfiguration, "depot.configuration", DEPOT, CONFIGURATION,
        "DROP TEXT SEARCH CONFIGURATION depot.configuration"),
    unexpected(TextSearchConfiguration, "depot.new_configuration",
        "CREATE TEXT SEARCH CONFIGURATION depot.new_configuration (PARSER = depot.parser)"),
    renamed(TextSearchConfiguration, "depot.configuration", "depot.settings", DEPOT, CONFIGURATION,
        "ALTER TEXT SEARCH CONFIGURATION depot.configuration RENAME TO settings"),
    misplaced(TextSearchConfiguration, "depot.configuration", "public.configuration", DEPOT, CONFIGURATION,
        "ALTER TEXT SEARCH CONFIGURATION depot.configuration SET SCHEMA public"),
    owner(TextSearchConfiguration, "depot.configuration", DEPOT, CONFIGURATION,
        "ALTER TEXT SEARCH CONFIGURATION depot.configuration OWNER TO auditor"),
    different(TextSearchConfiguration, "depot.configuration", "comment", DEPOT, CONFIGURATION,
        "COMMENT ON TEXT SEARCH CONFIGURATION depot.configuration IS 'As simple'"),
    different(TextSearchConfiguration, "depot.configuration", "mappings", DEPOT, CONFIGURATION,
        "ALTER TEXT SEARCH CONFIGURATION depot.configuration ALTER MAPPING FOR word WITH depot.dictionary, simple"),
    different(TextSearchConfiguration, "shop.products", "mappings", FOREIGN, "DROP MAPPING FOR email",
        "ALTER TEXT SEARCH CONFIGURATION shop.products ADD MAPPING FOR email WITH simple"),
    different(TextSearchConfiguration, "shop.own", "parser", FOREIGN, "CREATE TEXT SEARCH CONFIGURATION shop.own",
        "DROP TEXT SEARCH CONFIGURATION shop.own; CREATE TEXT SEARCH CONFIGURATION shop.own (PARSER = \"default\"); \
         ALTER TEXT SEARCH CONFIGURATION shop.own ADD MAPPING FOR asciiword WITH shop.own_words; \
         ALTER TEXT SEARCH CONFIGURATION shop.own OWNER TO app_owner"),

    missing(ForeignDataWrapper, "unused_wrapper", FOREIGN, "CREATE FOREIGN DATA WRAPPER unused_wrapper",
        "DROP FOREIGN DATA WRAPPER unused_wrapper"),
    unexpected(ForeignDataWrapper, "new_wrapper",
        "CREATE FOREIGN DATA WRAPPER new_wrapper OPTIONS (mode 'new')"),
    renamed(ForeignDataWrapper, "depot_wrapper", "depot_paper", DEPOT, WRAPPER,
        "ALTER FOREIGN DATA WRAPPER depot_wrapper RENAME TO depot_paper")
        .also(&[
            also_different(ForeignServer, "depot_server", "wrapper"),
            also_different(ForeignServer, "spare_server", "wrapper"),
        ]),
    different(ForeignDataWrapper, "depot_wrapper", "comment", DEPOT, WRAPPER,
        "COMMENT ON FOREIGN DATA WRAPPER depot_wrapper IS 'Brown paper'"),
    different(ForeignDataWrapper, "depot_wrapper", "options", DEPOT, WRAPPER,
        "ALTER FOREIGN DATA WRAPPER depot_wrapper OPTIONS (SET mode 'fast')"),
    different(ForeignDataWrapper, "depot_wrapper", "validator", DEPOT, WRAPPER,
        "ALTER FOREIGN DATA WRAPPER depot_wrapper VALIDATOR postgresql_fdw_validator"),
    missing(ForeignServer, "spare_server", DEPOT, SPARE,
        "DROP SERVER spare_server"),
    unexpected(ForeignServer, "new_server",
        "CREATE SERVER new_server TYPE 'disk' FOREIGN DATA WRAPPER depot_wrapper"),
    renamed(ForeignServer, "spare_server", "tired_server", DEPOT, SPARE,
        "ALTER SERVER spare_server RENAME TO tired_server"),
    owner(ForeignServer, "spare_server", DEPOT, SPARE,
        "GRANT USAGE ON FOREIGN DATA WRAPPER depot_wrapper TO auditor; ALTER SERVER spare_server OWNER TO auditor")
        .also(&[also_different(ForeignDataWrapper, "depot_wrapper", "privileges")]),
    different(ForeignServer, "spare_server", "comment", DEPOT, SPARE,
        "COMMENT ON SERVER spare_server IS 'In the cellar'"),
    different(ForeignServer, "depot_server", "version", DEPOT, SERVER,
        "ALTER SERVER depot_server VERSION '2'"),
    different(ForeignServer, "spare_server", "type", DEPOT, SPARE,
        "DROP SERVER spare_server; CREATE SERVER spare_server TYPE 'disk' FOREIGN DATA WRAPPER depot_wrapper"),
    different(ForeignServer, "spare_server", "wrapper", DEPOT, SPARE,
        "DROP SERVER spare_server; CREATE SERVER spare_server FOREIGN DATA WRAPPER unused_wrapper"),
    different(ForeignServer, "depot_server", "options", DEPOT, SERVER,
        "ALTER SERVER depot_server OPTIONS (SET host 'other.example')"),
    missing(UserMapping, "app_reader on depot_server", DEPOT, MAPPING,
        "DROP USER MAPPING FOR app_reader SERVER depot_server"),
    unexpected(UserMapping, "public on depot_server",
        "CREATE USER MAPPING FOR PUBLIC SERVER depot_server"),
    different(UserMapping, "app_reader on depot_server", "options", DEPOT, MAPPING,
        "ALTER USER MAPPING FOR app_reader SERVER depot_server OPTIONS (ADD password 'not a secret')"),

    missing(Publication, "depot_news", DEPOT, NEWS,
        "DROP PUBLICATION depot_news"),
    unexpected(Publication, "more_news",
        "CREATE PUBLICATION more_news FOR TABLE depot.tape WITH (publish = 'insert')"),
    renamed(Publication, "depot_news", "depot_gazette", DEPOT, NEWS,
        "ALTER PUBLICATION depot_news RENAME TO depot_gazette"),
    different(Publication, "depot_news", "comment", DEPOT, NEWS,
        "COMMENT ON PUBLICATION depot_news IS 'Monthly'"),
    different(Publication, "depot_news", "tables", DEPOT, NEWS,
        "ALTER PUBLICATION depot_news ADD TABLE depot.tape"),
    different(Publication, "some_tables", "tables", PUBLICATIONS, "ALTER PUBLICATION some_tables ADD TABLE",
        "ALTER PUBLICATION some_tables DROP TABLE shop.products"),
    different(Publication, "depot_news", "operations", DEPOT, NEWS,
        "ALTER PUBLICATION depot_news SET (publish = 'insert, truncate')"),
    different(Publication, "depot_news", "via-root", DEPOT, NEWS,
        "ALTER PUBLICATION depot_news SET (publish_via_partition_root = true)"),
    different(Publication, "nothing_yet", "all-tables", PUBLICATIONS, "CREATE PUBLICATION nothing_yet",
        "DROP PUBLICATION nothing_yet; CREATE PUBLICATION nothing_yet FOR ALL TABLES"),
    different(Publication, "depot_news", "tables", DEPOT, NEWS,
        "ALTER PUBLICATION depot_news SET TABLE depot.loose WHERE (id > 5)").needs(15),
    different(Publication, "filtered_columns", "tables", SINCE_15, "CREATE PUBLICATION filtered_columns",
        "ALTER PUBLICATION filtered_columns SET TABLE shop.customers (id), shop.orders WHERE (amount > 100)").needs(15),
    different(Publication, "depot_news", "schemas", DEPOT, NEWS,
        "ALTER PUBLICATION depot_news ADD TABLES IN SCHEMA empty").needs(15),

    missing(Subscription, "from_head_office", SUBSCRIPTIONS, OFFICE,
        "DROP SUBSCRIPTION from_head_office").needs_full(),
    unexpected(Subscription, "from_nowhere",
        "CREATE SUBSCRIPTION from_nowhere CONNECTION 'host=nowhere.example' PUBLICATION news \
            WITH (connect = false, enabled = false, slot_name = NONE)").needs_full(),
    renamed(Subscription, "from_head_office", "from_above", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office RENAME TO from_above").needs_full(),
    // PostgreSQL 13 shows the numbers of subscriptions, and with them their comments, to nobody but superusers.
    different(Subscription, "from_head_office", "comment", SUBSCRIPTIONS, "COMMENT ON SUBSCRIPTION from_head_office",
        "COMMENT ON SUBSCRIPTION from_head_office IS NULL").needs(14).needs_full(),
    different(Subscription, "from_head_office", "publications", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office SET PUBLICATION prices WITH (refresh = false)").needs_full(),
    different(Subscription, "from_head_office", "synchronous-commit", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office SET (synchronous_commit = local)").needs(14).needs_full(),
    different(Subscription, "from_head_office", "binary", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office SET (binary = true)").needs(14).needs_full(),
    different(Subscription, "from_head_office", "streaming", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office SET (streaming = off)").needs(18).needs_full(),
    different(Subscription, "from_head_office", "disable-on-error", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office SET (disable_on_error = true)").needs(15).needs_full(),
    different(Subscription, "from_head_office", "password-required", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office SET (password_required = false)").needs(16).needs_full(),
    different(Subscription, "from_head_office", "run-as-owner", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office SET (run_as_owner = true)").needs(16).needs_full(),
    different(Subscription, "from_head_office", "origin", SUBSCRIPTIONS, OFFICE,
        "ALTER SUBSCRIPTION from_head_office SET (origin = none)").needs(16).needs_full(),
    different(Subscription, "from_head_office", "two-phase", SUBSCRIPTIONS, OFFICE,
        "DROP SUBSCRIPTION from_head_office; CREATE SUBSCRIPTION from_head_office \
            CONNECTION 'host=head-office.example dbname=shop user=replication' \
            PUBLICATION prices, \"Product Names\" \
            WITH (connect = false, enabled = false, slot_name = NONE, synchronous_commit = off, two_phase = true); \
         COMMENT ON SUBSCRIPTION from_head_office IS 'Prices come from above'").needs(15).needs_full(),
    different(Subscription, "from_head_office", "failover", SUBSCRIPTIONS, OFFICE,
        "DROP SUBSCRIPTION from_head_office; CREATE SUBSCRIPTION from_head_office \
            CONNECTION 'host=head-office.example dbname=shop user=replication' \
            PUBLICATION prices, \"Product Names\" \
            WITH (connect = false, enabled = false, slot_name = NONE, synchronous_commit = off, failover = true); \
         COMMENT ON SUBSCRIPTION from_head_office IS 'Prices come from above'").needs(17).needs_full(),
];
