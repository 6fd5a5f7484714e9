//! Definitions of types.

use trueup_model::path::ObjectPath;

use super::{in_schema, labelled, since};

pub(super) fn enumeration(path: &ObjectPath) -> String {
    let text = labelled(&[(
        "labels",
        "coalesce((select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' order by e.enumsortorder) \
         from pg_catalog.pg_enum e where e.enumtypid = x.oid), '')",
    )]);
    of_kind(path, "e", &text)
}

pub(super) fn composite(path: &ObjectPath) -> String {
    let text = labelled(&[(
        "attributes",
        "coalesce((select pg_catalog.string_agg(pg_catalog.concat_ws(' ', pg_catalog.quote_ident(a.attname), \
         pg_catalog.format_type(a.atttypid, a.atttypmod), \
         case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::pg_catalog.regcollation end), \
         ', ' order by a.attnum) \
         from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid \
         where a.attrelid = x.typrelid and a.attnum > 0 and not a.attisdropped), '')",
    )]);
    of_kind(path, "c", &text)
}

pub(super) fn domain(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("type", "pg_catalog.format_type(x.typbasetype, x.typtypmod)"),
        (
            "collation",
            "select x.typcollation::pg_catalog.regcollation::text from pg_catalog.pg_type b \
             where b.oid = x.typbasetype and b.typcollation <> x.typcollation",
        ),
        ("not null", "x.typnotnull::text"),
        ("default", "pg_catalog.pg_get_expr(x.typdefaultbin, 0)"),
        (
            "checks",
            "select pg_catalog.string_agg(pg_catalog.format('%I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid)), \
             ', ' order by k.conname) from pg_catalog.pg_constraint k where k.contypid = x.oid and k.contype = 'c'",
        ),
    ]);
    of_kind(path, "d", &text)
}

pub(super) fn range(path: &ObjectPath) -> String {
    let multirange = since("r", "rngmultitypid");
    let of_range =
        |value: &str| format!("select {value} from pg_catalog.pg_range r where r.rngtypid = x.oid");
    let text = labelled(&[
        ("subtype", &of_range("pg_catalog.format_type(r.rngsubtype, null)")),
        (
            "operator class",
            &of_range(
                "(select pg_catalog.format('%I.%I', n.nspname, o.opcname) from pg_catalog.pg_opclass o \
                 join pg_catalog.pg_namespace n on n.oid = o.opcnamespace where o.oid = r.rngsubopc)",
            ),
        ),
        ("collation", &of_range("nullif(r.rngcollation, 0)::pg_catalog.regcollation::text")),
        ("canonical", &of_range("nullif(r.rngcanonical::oid, 0)::pg_catalog.regproc::text")),
        ("difference", &of_range("nullif(r.rngsubdiff::oid, 0)::pg_catalog.regproc::text")),
        ("multirange", &of_range(&format!("({multirange})::pg_catalog.oid::pg_catalog.regtype::text"))),
    ]);
    of_kind(path, "r", &text)
}

pub(super) fn base(path: &ObjectPath) -> String {
    let subscript = since("x", "typsubscript");
    let text = labelled(&[
        ("input", "x.typinput::text"),
        ("output", "x.typoutput::text"),
        ("receive", "x.typreceive::text"),
        ("send", "x.typsend::text"),
        ("modifiers in", "x.typmodin::text"),
        ("modifiers out", "x.typmodout::text"),
        ("analyze", "x.typanalyze::text"),
        ("length", "x.typlen::text"),
        ("by value", "x.typbyval::text"),
        ("alignment", "x.typalign::text"),
        ("storage", "x.typstorage::text"),
        ("category", "x.typcategory::text"),
        ("preferred", "x.typispreferred::text"),
        ("element", "pg_catalog.format_type(nullif(x.typelem, 0), null)"),
        ("subscript", &subscript),
        ("delimiter", "x.typdelim::text"),
        ("default", "x.typdefault"),
        ("collatable", "(x.typcollation <> 0)::text"),
    ]);
    of_kind(path, "b", &text)
}

/// A composite type is one of its own, not the one of a table; a shell is no type yet.
fn of_kind(path: &ObjectPath, kind: &str, text: &str) -> String {
    let own = if kind == "c" {
        " and exists (select from pg_catalog.pg_class c where c.oid = x.typrelid and c.relkind = 'c')"
    } else {
        ""
    };
    format!("{} and x.typtype = '{kind}' and x.typisdefined{own}", in_schema(path, "pg_type", "typ", text))
}
