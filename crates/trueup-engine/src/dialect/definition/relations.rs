//! Definitions of relations and of what belongs to them.

use trueup_model::path::ObjectPath;

use super::super::text::literal;
use super::{in_schema, labelled, relation, sorted};

pub(super) fn table(path: &ObjectPath, kinds: &str) -> String {
    let foreign = |column: &str| {
        format!(
            "select {column} from pg_catalog.pg_foreign_table f join pg_catalog.pg_foreign_server s \
             on s.oid = f.ftserver where f.ftrelid = x.oid"
        )
    };
    let text = labelled(&[
        ("persistence", "x.relpersistence::text"),
        ("partitioned by", "case when x.relkind = 'p' then pg_catalog.pg_get_partkeydef(x.oid) end"),
        (
            "parents",
            "select pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::text, ', ' order by i.inhseqno) \
             from pg_catalog.pg_inherits i where i.inhrelid = x.oid",
        ),
        ("bound", "case when x.relispartition then pg_catalog.pg_get_expr(x.relpartbound, x.oid) end"),
        ("of", "case when x.reloftype <> 0 then pg_catalog.format_type(x.reloftype, null) end"),
        ("row security", "x.relrowsecurity::text"),
        ("forced", "x.relforcerowsecurity::text"),
        ("replica identity", "x.relreplident::text"),
        (
            "replica index",
            "select c.relname from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid \
             where i.indrelid = x.oid and i.indisreplident",
        ),
        ("server", &foreign("s.srvname::text")),
        ("server options", &foreign(&format!("({})", sorted("f.ftoptions")))),
    ]);
    format!("{} and x.relkind in ({kinds})", in_schema(path, "pg_class", "rel", &text))
}

pub(super) fn view(path: &ObjectPath, kind: &str) -> String {
    // Options of a view are part of what it means; those of a materialized view say how its rows are kept.
    let options = if kind == "v" { sorted("x.reloptions") } else { "null::text".to_owned() };
    let text = labelled(&[("definition", "pg_catalog.pg_get_viewdef(x.oid)"), ("options", &options)]);
    format!("{} and x.relkind = '{kind}'", in_schema(path, "pg_class", "rel", &text))
}

/// The numbers of a sequence, by the row of `pg_sequence`.
const NUMBERS: &str = "pg_catalog.format('%s start %s increment %s minimum %s maximum %s cache %s cycle %s', \
     pg_catalog.format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)";

pub(super) fn sequence(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("numbers", &format!("select {NUMBERS} from pg_catalog.pg_sequence s where s.seqrelid = x.oid")),
        ("persistence", "x.relpersistence::text"),
        (
            "owned by",
            "select pg_catalog.format('%s.%I', d.refobjid::pg_catalog.regclass, a.attname) \
             from pg_catalog.pg_depend d join pg_catalog.pg_attribute a \
             on a.attrelid = d.refobjid and a.attnum = d.refobjsubid \
             where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = x.oid \
             and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.deptype = 'a'",
        ),
    ]);
    format!("{} and x.relkind = 'S'", in_schema(path, "pg_class", "rel", &text))
}

pub(super) fn column(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("type", "pg_catalog.format_type(x.atttypid, x.atttypmod)"),
        (
            "collation",
            "select x.attcollation::pg_catalog.regcollation::text from pg_catalog.pg_type t \
             where t.oid = x.atttypid and t.typcollation <> x.attcollation",
        ),
        ("not null", "x.attnotnull::text"),
        // From PostgreSQL 18 a NOT NULL has a name and properties.
        (
            "not null as",
            "select pg_catalog.format('%I %s %s', k.conname, k.connoinherit, k.convalidated) \
             from pg_catalog.pg_constraint k where k.conrelid = x.attrelid and k.contype = 'n' \
             and k.conkey[1] = x.attnum",
        ),
        (
            "default",
            "select pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef d \
             where d.adrelid = x.attrelid and d.adnum = x.attnum",
        ),
        ("generated", "nullif(x.attgenerated::text, '')"),
        ("identity", "nullif(x.attidentity::text, '')"),
        (
            "identity sequence",
            &format!(
                "select pg_catalog.format('%I %s', c.relname, {NUMBERS}) from pg_catalog.pg_depend d \
                 join pg_catalog.pg_sequence s on s.seqrelid = d.objid \
                 join pg_catalog.pg_class c on c.oid = s.seqrelid \
                 where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
                 and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass \
                 and d.refobjid = x.attrelid and d.refobjsubid = x.attnum and d.deptype = 'i'"
            ),
        ),
        ("options", &sorted("x.attfdwoptions")),
    ]);
    format!(
        "select {text} from pg_catalog.pg_attribute x where x.attrelid = {} and x.attname = {} and x.attnum > 0 \
         and not x.attisdropped",
        relation(path),
        literal(path.part.as_str())
    )
}

/// A definition without storage parameters, where its index has some.
fn without_parameters(definition: &str, index: &str) -> String {
    format!(
        "case when exists (select from pg_catalog.pg_class i where i.oid = {index} and i.reloptions is not null) \
         then pg_catalog.regexp_replace({definition}, ' WITH [(][^)]*[)]', '') else {definition} end"
    )
}

pub(super) fn constraint(path: &ObjectPath, letter: &str) -> String {
    let text = labelled(&[
        ("constraint", &without_parameters("pg_catalog.pg_get_constraintdef(x.oid)", "x.conindid")),
        // Its table's own and a parent's as well, or only a parent's.
        ("inherited", "case when x.coninhcount > 0 and not x.conislocal then 'true' end"),
        // Of the triggers that make a foreign key work.
        (
            "fires",
            "select pg_catalog.string_agg(distinct t.tgenabled::text, '' order by t.tgenabled::text) \
             from pg_catalog.pg_trigger t where t.tgconstraint = x.oid and t.tgenabled <> 'O'",
        ),
    ]);
    format!(
        "select {text} from pg_catalog.pg_constraint x where x.conrelid = {} and x.conname = {} \
         and x.contype = '{letter}'",
        relation(path),
        literal(path.part.as_str())
    )
}

pub(super) fn index(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("index", &without_parameters("pg_catalog.pg_get_indexdef(x.indexrelid)", "x.indexrelid")),
        ("valid", "(x.indisvalid and x.indisready)::text"),
    ]);
    format!(
        "select {text} from pg_catalog.pg_index x join pg_catalog.pg_class i on i.oid = x.indexrelid \
         where x.indrelid = {} and i.relname = {} and not exists (select from pg_catalog.pg_constraint k \
         where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))",
        relation(path),
        literal(path.part.as_str())
    )
}

pub(super) fn statistics(path: &ObjectPath) -> String {
    // PostgreSQL lists the columns in the order of the table, which means nothing here.
    let text = labelled(&[
        ("of", "x.stxrelid::pg_catalog.regclass::text"),
        ("kinds", &sorted("x.stxkind")),
        (
            "columns",
            "select pg_catalog.string_agg(a.attname::text, ', ' order by a.attname) from pg_catalog.pg_attribute a \
             where a.attrelid = x.stxrelid and a.attnum = any (x.stxkeys::pg_catalog.int2[])",
        ),
        // The only text of these that every version gives, with the columns behind them.
        (
            "expressions",
            "case when pg_catalog.to_jsonb(x) ->> 'stxexprs' is not null \
             then pg_catalog.pg_get_statisticsobjdef(x.oid) end",
        ),
    ]);
    in_schema(path, "pg_statistic_ext", "stx", &text)
}
