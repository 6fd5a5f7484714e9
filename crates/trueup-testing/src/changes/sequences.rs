//! Sequences that stand for themselves or feed a serial column.

use trueup_model::ObjectKind::{Column, Sequence};
use trueup_model::finding::NamedCode;

use super::Change;
use super::build::*;

const NUMBERS: &str = "CREATE SEQUENCE depot.numbers";

#[rustfmt::skip]
pub(super) const CHANGES: &[Change] = &[
    missing(Sequence, "depot.numbers", DEPOT, NUMBERS,
        "DROP SEQUENCE depot.numbers"),
    unexpected(Sequence, "depot.more_numbers",
        "CREATE SEQUENCE depot.more_numbers START WITH 77"),
    renamed(Sequence, "depot.numbers", "depot.figures", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers RENAME TO figures"),
    misplaced(Sequence, "depot.numbers", "public.numbers", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers SET SCHEMA public"),
    owner(Sequence, "depot.numbers", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers OWNER TO auditor"),
    different(Sequence, "depot.numbers", "comment", DEPOT, NUMBERS,
        "COMMENT ON SEQUENCE depot.numbers IS 'One after the other'"),
    different(Sequence, "depot.numbers", "type", DEPOT, NUMBERS,
        "DROP SEQUENCE depot.numbers; CREATE SEQUENCE depot.numbers AS integer MAXVALUE 2147483647")
        .also(&[also_different(Sequence, "depot.numbers", "maximum")]),
    different(Sequence, "depot.numbers", "start", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers START WITH 5"),
    different(Sequence, "depot.numbers", "increment", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers INCREMENT BY 3"),
    different(Sequence, "shop.small_steps", "increment", SEQUENCES, "ALTER SEQUENCE shop.small_steps INCREMENT BY",
        "ALTER SEQUENCE shop.small_steps INCREMENT BY 1"),
    different(Sequence, "depot.numbers", "minimum", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers MINVALUE -5"),
    different(Sequence, "depot.numbers", "maximum", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers MAXVALUE 500"),
    different(Sequence, "depot.numbers", "cache", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers CACHE 7"),
    different(Sequence, "depot.numbers", "cycle", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers CYCLE"),
    different(Sequence, "depot.numbers", "owned-by", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers OWNED BY depot.lids.third"),
    different(Sequence, "shop.invoices_serial_like_seq", "owned-by", TABLES,
        "CREATE SEQUENCE shop.invoices_serial_like_seq",
        "ALTER SEQUENCE shop.invoices_serial_like_seq OWNED BY NONE")
        // It still has the default, but no longer what makes it a serial.
        .also(&[also_different(Column, "shop.invoices.serial_like", "default")]),
    different(Sequence, "depot.numbers", "persistence", DEPOT, NUMBERS,
        "ALTER SEQUENCE depot.numbers SET UNLOGGED").needs(15),
    different(Sequence, "shop.fleeting_number", "persistence", SINCE_15, "CREATE UNLOGGED SEQUENCE",
        "ALTER SEQUENCE shop.fleeting_number SET LOGGED").needs(15),
    named(NamedCode::LaggingSequence, Sequence, "depot.tickets_id_seq",
        "SELECT setval('depot.tickets_id_seq', 1)").only_data().not_transactional()
        .claimed_by(DEPOT, "CREATE TABLE depot.tickets"),
    named(NamedCode::LaggingSequence, Sequence, "depot.tickets_id_seq",
        "INSERT INTO depot.tickets (id, seat) VALUES (4, 4)").only_data()
        .claimed_by(DEPOT, "CREATE TABLE depot.tickets"),
];
