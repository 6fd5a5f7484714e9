-- Operators, operator classes and families, casts, collations, access methods.

CREATE COLLATION shop.plain (LOCALE = 'C');
COMMENT ON COLLATION shop.plain IS 'Byte by byte';
CREATE COLLATION shop.posix FROM "POSIX";
ALTER COLLATION shop.posix OWNER TO app_owner;
CREATE TABLE shop.glossary (term text COLLATE shop.plain, meaning text COLLATE "POSIX");


CREATE FUNCTION shop.near(left_side integer, right_side integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT AS 'SELECT abs(left_side - right_side) < 10';
CREATE FUNCTION shop.far(left_side integer, right_side integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT AS 'SELECT abs(left_side - right_side) >= 10';
CREATE FUNCTION shop.negative(integer) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT AS 'SELECT -$1';

CREATE OPERATOR shop.=~= (
    FUNCTION = shop.near,
    LEFTARG = integer,
    RIGHTARG = integer,
    COMMUTATOR = OPERATOR(shop.=~=),
    RESTRICT = eqsel,
    JOIN = eqjoinsel
);
COMMENT ON OPERATOR shop.=~=(integer, integer) IS 'Close enough';
CREATE OPERATOR shop.<~> (
    FUNCTION = shop.far,
    LEFTARG = integer,
    RIGHTARG = integer,
    COMMUTATOR = OPERATOR(shop.<~>),
    NEGATOR = OPERATOR(shop.=~=)
);
CREATE OPERATOR shop.!- (FUNCTION = shop.negative, RIGHTARG = integer);
ALTER OPERATOR shop.!- (NONE, integer) OWNER TO app_owner;

CREATE OPERATOR FAMILY shop.backwards USING btree;
COMMENT ON OPERATOR FAMILY shop.backwards USING btree IS 'From the last to the first';
CREATE FUNCTION shop.backwards_compare(integer, integer) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT AS 'SELECT btint4cmp($2, $1)';
CREATE OPERATOR CLASS shop.backwards_integers FOR TYPE integer USING btree FAMILY shop.backwards AS
    OPERATOR 1 >,
    OPERATOR 2 >=,
    OPERATOR 3 =,
    OPERATOR 4 <=,
    OPERATOR 5 <,
    FUNCTION 1 shop.backwards_compare(integer, integer);
COMMENT ON OPERATOR CLASS shop.backwards_integers USING btree IS 'Whole numbers, from the last to the first';
ALTER OPERATOR CLASS shop.backwards_integers USING btree OWNER TO app_owner;
ALTER OPERATOR FAMILY shop.backwards USING btree ADD
    OPERATOR 1 > (integer, bigint),
    FUNCTION 1 (integer, bigint) btint48cmp(integer, bigint);
CREATE INDEX orders_backwards_idx ON shop.orders (room shop.backwards_integers);
CREATE OPERATOR FAMILY shop.unused_family USING hash;
CREATE OPERATOR CLASS shop.hashed_tokens DEFAULT FOR TYPE shop.token USING hash AS STORAGE shop.token;

CREATE FUNCTION shop.to_address(text) RETURNS shop.address
    LANGUAGE sql IMMUTABLE STRICT AS 'SELECT ROW($1, NULL, NULL, NULL)::shop.address';
CREATE CAST (text AS shop.address) WITH FUNCTION shop.to_address(text) AS ASSIGNMENT;
COMMENT ON CAST (text AS shop.address) IS 'The street only';
CREATE CAST (shop.token AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (text AS shop."Mood") WITH INOUT;

-- Tables and indexes can be kept by others than heap and btree; these are the same under another name.
CREATE ACCESS METHOD second_heap TYPE TABLE HANDLER heap_tableam_handler;
COMMENT ON ACCESS METHOD second_heap IS 'Where nobody looks';
CREATE ACCESS METHOD second_gist TYPE INDEX HANDLER gisthandler;
CREATE TABLE shop.elsewhere (id integer) USING second_heap;
CREATE MATERIALIZED VIEW shop.elsewhere_list USING second_heap AS SELECT id FROM shop.elsewhere;
