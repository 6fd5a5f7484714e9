//! Schemas, extensions and types.

use trueup_model::Code;
use trueup_model::ObjectKind::{
    BaseType, Column, CompositeType, Domain, Enum, Extension, Function, RangeType, Schema, Table,
};

use super::Change;
use super::build::*;

const COLOUR: &str = "CREATE TYPE depot.colour AS ENUM";
const PAIR: &str = "CREATE TYPE shop.unused_pair";
const CODE: &str = "CREATE DOMAIN depot.code";
const SPAN: &str = "CREATE TYPE depot.span AS RANGE";
const TOKEN: &str = "INPUT = shop.token_in";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    missing(Schema, "empty", TYPES, "CREATE SCHEMA empty",
        "DROP SCHEMA empty"),
    unexpected(Schema, "new schema",
        "CREATE SCHEMA \"new schema\""),
    renamed(Schema, "empty", "void", TYPES, "CREATE SCHEMA empty",
        "ALTER SCHEMA empty RENAME TO void"),
    owner(Schema, "empty", TYPES, "CREATE SCHEMA empty",
        "ALTER SCHEMA empty OWNER TO auditor"),
    different(Schema, "empty", "comment", TYPES, "CREATE SCHEMA empty",
        "COMMENT ON SCHEMA empty IS 'Still'"),
    different(Schema, "shop", "comment", TYPES, "COMMENT ON SCHEMA shop",
        "COMMENT ON SCHEMA shop IS NULL"),

    missing(Extension, "fuzzystrmatch", CONTRIB, "CREATE EXTENSION fuzzystrmatch",
        "DROP EXTENSION fuzzystrmatch"),
    unexpected(Extension, "unaccent",
        "CREATE EXTENSION unaccent"),
    different(Extension, "fuzzystrmatch", "schema", CONTRIB, "CREATE EXTENSION fuzzystrmatch",
        "ALTER EXTENSION fuzzystrmatch SET SCHEMA extensions"),
    different(Extension, "citext", "version", CONTRIB, "CREATE EXTENSION citext VERSION",
        "ALTER EXTENSION citext UPDATE"),
    different(Extension, "hstore", "comment", CONTRIB, "COMMENT ON EXTENSION hstore",
        "COMMENT ON EXTENSION hstore IS 'Pears'"),

    missing(Enum, "depot.colour", DEPOT, COLOUR,
        "DROP TYPE depot.colour"),
    unexpected(Enum, "depot.size",
        "CREATE TYPE depot.size AS ENUM ('small', 'large')"),
    renamed(Enum, "depot.colour", "depot.color", DEPOT, COLOUR,
        "ALTER TYPE depot.colour RENAME TO color"),
    misplaced(Enum, "depot.colour", "public.colour", DEPOT, COLOUR,
        "ALTER TYPE depot.colour SET SCHEMA public"),
    owner(Enum, "depot.colour", DEPOT, COLOUR,
        "ALTER TYPE depot.colour OWNER TO auditor"),
    different(Enum, "depot.colour", "comment", DEPOT, COLOUR,
        "COMMENT ON TYPE depot.colour IS 'As printed'"),
    different(Enum, "depot.colour", "labels", DEPOT, COLOUR,
        "ALTER TYPE depot.colour ADD VALUE 'yellow' BEFORE 'green'"),
    different(Enum, "depot.colour", "labels", DEPOT, COLOUR,
        "ALTER TYPE depot.colour RENAME VALUE 'red' TO 'crimson'"),
    different(Enum, "depot.colour", "labels", DEPOT, COLOUR,
        "DROP TYPE depot.colour; CREATE TYPE depot.colour AS ENUM ('green', 'red', 'blue')"),
    different(Enum, "shop.order_state", "labels", TYPES, "RENAME VALUE 'draft' TO 'basket'",
        "ALTER TYPE shop.order_state RENAME VALUE 'basket' TO 'draft'"),

    missing(CompositeType, "shop.unused_pair", TYPES, PAIR,
        "DROP TYPE shop.unused_pair"),
    unexpected(CompositeType, "depot.triple",
        "CREATE TYPE depot.triple AS (a numeric(7, 3), b text)"),
    renamed(CompositeType, "shop.unused_pair", "shop.couple", TYPES, PAIR,
        "ALTER TYPE shop.unused_pair RENAME TO couple"),
    misplaced(CompositeType, "shop.unused_pair", "public.unused_pair", TYPES, PAIR,
        "ALTER TYPE shop.unused_pair SET SCHEMA public"),
    owner(CompositeType, "shop.unused_pair", TYPES, PAIR,
        "ALTER TYPE shop.unused_pair OWNER TO auditor"),
    different(CompositeType, "shop.unused_pair", "comment", TYPES, PAIR,
        "COMMENT ON TYPE shop.unused_pair IS 'Two'"),
    different(CompositeType, "shop.unused_pair", "attributes", TYPES, PAIR,
        "ALTER TYPE shop.unused_pair ADD ATTRIBUTE third integer"),
    different(CompositeType, "shop.unused_pair", "attributes", TYPES, PAIR,
        "ALTER TYPE shop.unused_pair RENAME ATTRIBUTE first TO one"),
    different(CompositeType, "shop.unused_pair", "attributes", TYPES, PAIR,
        "ALTER TYPE shop.unused_pair ALTER ATTRIBUTE first TYPE bigint"),
    different(CompositeType, "shop.unused_pair", "attributes", TYPES, PAIR,
        "ALTER TYPE shop.unused_pair ALTER ATTRIBUTE second TYPE text COLLATE \"C\""),
    different(CompositeType, "shop.unused_pair", "attribute-comments", TYPES, PAIR,
        "COMMENT ON COLUMN shop.unused_pair.first IS 'Not the second'"),
    different(CompositeType, "shop.address", "attribute-comments", TYPES, "COMMENT ON COLUMN shop.address.zip",
        "COMMENT ON COLUMN shop.address.zip IS NULL"),

    missing(Domain, "depot.code", DEPOT, CODE,
        "DROP DOMAIN depot.code"),
    unexpected(Domain, "depot.year",
        "CREATE DOMAIN depot.year AS smallint CHECK (VALUE > 1900)"),
    renamed(Domain, "depot.code", "depot.short_code", DEPOT, CODE,
        "ALTER DOMAIN depot.code RENAME TO short_code"),
    misplaced(Domain, "depot.code", "public.code", DEPOT, CODE,
        "ALTER DOMAIN depot.code SET SCHEMA public"),
    owner(Domain, "depot.code", DEPOT, CODE,
        "ALTER DOMAIN depot.code OWNER TO auditor"),
    different(Domain, "depot.code", "comment", DEPOT, CODE,
        "COMMENT ON DOMAIN depot.code IS 'On the lid'"),
    different(Domain, "depot.code", "type", DEPOT, CODE,
        "DROP DOMAIN depot.code; CREATE DOMAIN depot.code AS varchar(9) COLLATE \"C\" \
            DEFAULT 'none' NOT NULL CONSTRAINT code_short CHECK (length(VALUE) < 8)"),
    different(Domain, "depot.code", "collation", DEPOT, CODE,
        "DROP DOMAIN depot.code; CREATE DOMAIN depot.code AS varchar(8) \
            DEFAULT 'none' NOT NULL CONSTRAINT code_short CHECK (length(VALUE) < 8)"),
    different(Domain, "depot.code", "nullability", DEPOT, CODE,
        "ALTER DOMAIN depot.code DROP NOT NULL"),
    different(Domain, "depot.code", "default", DEPOT, CODE,
        "ALTER DOMAIN depot.code SET DEFAULT 'some'"),
    different(Domain, "shop.unused_code", "default", TYPES, "ALTER DOMAIN shop.unused_code SET DEFAULT",
        "ALTER DOMAIN shop.unused_code DROP DEFAULT"),
    different(Domain, "depot.code", "checks", DEPOT, CODE,
        "ALTER DOMAIN depot.code DROP CONSTRAINT code_short"),
    different(Domain, "depot.code", "checks", DEPOT, CODE,
        "ALTER DOMAIN depot.code ADD CONSTRAINT code_filled CHECK (VALUE <> '')"),
    different(Domain, "depot.code", "checks", DEPOT, CODE,
        "ALTER DOMAIN depot.code DROP CONSTRAINT code_short; \
         ALTER DOMAIN depot.code ADD CONSTRAINT code_short CHECK (length(VALUE) < 7)"),
    different(Domain, "depot.code", "checks", DEPOT, CODE,
        "ALTER DOMAIN depot.code RENAME CONSTRAINT code_short TO code_brief"),
    different(Domain, "depot.code", "checks", DEPOT, CODE,
        "COMMENT ON CONSTRAINT code_short ON DOMAIN depot.code IS 'Fits the label'"),
    different(Domain, "shop.email", "checks", TYPES, "ADD CONSTRAINT email_not_endless",
        "ALTER DOMAIN shop.email VALIDATE CONSTRAINT email_not_endless"),

    missing(RangeType, "depot.span", DEPOT, SPAN,
        "DROP TYPE depot.span"),
    unexpected(RangeType, "depot.years",
        "CREATE TYPE depot.years AS RANGE (SUBTYPE = smallint)"),
    renamed(RangeType, "depot.span", "depot.stretch", DEPOT, SPAN,
        "ALTER TYPE depot.span RENAME TO stretch"),
    misplaced(RangeType, "depot.span", "public.span", DEPOT, SPAN,
        "ALTER TYPE depot.span SET SCHEMA public"),
    owner(RangeType, "depot.span", DEPOT, SPAN,
        "ALTER TYPE depot.span OWNER TO auditor"),
    different(RangeType, "depot.span", "comment", DEPOT, SPAN,
        "COMMENT ON TYPE depot.span IS 'From here to there'"),
    different(RangeType, "depot.span", "subtype", DEPOT, SPAN,
        "DROP TYPE depot.span; CREATE TYPE depot.span AS RANGE (SUBTYPE = bigint)"),
    different(RangeType, "depot.span", "subtype-diff", DEPOT, SPAN,
        "DROP TYPE depot.span; CREATE TYPE depot.span AS RANGE (SUBTYPE = integer, SUBTYPE_DIFF = depot.distance)"),
    different(RangeType, "depot.span", "canonical", DEPOT, SPAN,
        "DROP TYPE depot.span; CREATE TYPE depot.span; \
         CREATE FUNCTION depot.span_canonical(depot.span) RETURNS depot.span \
            LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical'; \
         CREATE TYPE depot.span AS RANGE (SUBTYPE = integer, CANONICAL = depot.span_canonical)")
        .also(&[also(Code::Unexpected(Function), Function, "depot.span_canonical(depot.span)")]),
    different(RangeType, "depot.word_span", "operator-class", DEPOT, "CREATE TYPE depot.word_span AS RANGE",
        "DROP TYPE depot.word_span; CREATE TYPE depot.word_span AS RANGE (SUBTYPE = text, COLLATION = \"C\")"),
    different(RangeType, "depot.word_span", "collation", DEPOT, "CREATE TYPE depot.word_span AS RANGE",
        "DROP TYPE depot.word_span; CREATE TYPE depot.word_span AS RANGE \
            (SUBTYPE = text, SUBTYPE_OPCLASS = text_pattern_ops, COLLATION = \"POSIX\")"),
    different(RangeType, "shop.price_range", "multirange", SINCE_14, "CREATE TYPE shop.price_range AS RANGE",
        "ALTER TYPE shop.price_ranges RENAME TO price_lists").needs(14)
        // What is of the type is spelled with its new name.
        .also(&[also_different(Column, "shop.offers.prices", "type")]),

    missing(BaseType, "depot.seal", DEPOT, "CREATE TYPE depot.seal (",
        "DROP TYPE depot.seal CASCADE")
        .also(&[
            also(Code::Missing(Function), Function, "depot.seal_in(cstring)"),
            also(Code::Missing(Function), Function, "depot.seal_out(depot.seal)"),
        ]),
    different(BaseType, "shop.token", "comment", TYPES, "COMMENT ON TYPE shop.token",
        "COMMENT ON TYPE shop.token IS NULL"),
    different(BaseType, "shop.token", "definition", TYPES, TOKEN,
        "ALTER TYPE shop.token SET (STORAGE = main)")
        // The columns of the type keep what they had, and so differ from it now.
        .also(&[also_different(Column, "shop.products.secret", "storage")]),
    owner(BaseType, "shop.token", TYPES, TOKEN,
        "ALTER TYPE shop.token OWNER TO auditor"),
    unexpected(BaseType, "depot.stamp",
        "CREATE TYPE depot.stamp; \
         CREATE FUNCTION depot.stamp_in(cstring) RETURNS depot.stamp LANGUAGE internal IMMUTABLE STRICT AS 'textin'; \
         CREATE FUNCTION depot.stamp_out(depot.stamp) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; \
         CREATE TYPE depot.stamp (INPUT = depot.stamp_in, OUTPUT = depot.stamp_out)")
        .also(&[
            also(Code::Unexpected(Function),
                Function, "depot.stamp_in(cstring)"),
            also(Code::Unexpected(Function),
                Function, "depot.stamp_out(depot.stamp)"),
        ]),
    different(Table, "shop.words", "comment", PARTITIONS, "CREATE TABLE shop.words",
        "COMMENT ON TABLE shop.words IS 'Of every language'"),
];
