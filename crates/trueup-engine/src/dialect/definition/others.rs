//! Definitions of schemas, extensions, default privileges, collations, text search, foreign data and replication.

use trueup_model::path::ObjectPath;

use super::super::text::literal;
use super::{global, in_schema, labelled, since, sorted};

pub(super) fn schema(path: &ObjectPath) -> String {
    global(path, "pg_namespace", "nspname", "'schema'::text")
}

pub(super) fn extension(path: &ObjectPath) -> String {
    let text = labelled(&[
        (
            "schema",
            "select pg_catalog.quote_ident(n.nspname) from pg_catalog.pg_namespace n where n.oid = x.extnamespace",
        ),
        ("version", "x.extversion"),
    ]);
    global(path, "pg_extension", "extname", &text)
}

/// Whoever asks is whoever migrates, where a name says that.
fn named_with_role(path: &ObjectPath, name: impl Fn(&str) -> String, role: &str) -> String {
    let head = literal(path.head.as_str());
    format!(
        "({} = {head} or ({role} = current_user and {} = {head}))",
        name(role),
        name("'whoever migrates'")
    )
}

pub(super) fn default_privileges(path: &ObjectPath) -> String {
    let name = |role: &str| {
        format!(
            "case x.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' \
             when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end \
             || coalesce((select ' in ' || n.nspname from pg_catalog.pg_namespace n where n.oid = x.defaclnamespace), '') \
             || ' by ' || {role}"
        )
    };
    let role = "pg_catalog.pg_get_userbyid(x.defaclrole)::text";
    let text = labelled(&[("privileges", &sorted("x.defaclacl"))]);
    format!("select {text} from pg_catalog.pg_default_acl x where {}", named_with_role(path, name, role))
}

pub(super) fn collation(path: &ObjectPath) -> String {
    let (locale, older, rules) =
        (since("x", "colllocale"), since("x", "colliculocale"), since("x", "collicurules"));
    let text = labelled(&[
        ("provider", "x.collprovider::text"),
        ("deterministic", "x.collisdeterministic::text"),
        ("collate", "x.collcollate::text"),
        ("ctype", "x.collctype::text"),
        ("locale", &format!("coalesce({locale}, {older})")),
        ("rules", &rules),
    ]);
    in_schema(path, "pg_collation", "coll", &text)
}

pub(super) fn conversion(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("from", "pg_catalog.pg_encoding_to_char(x.conforencoding)::text"),
        ("to", "pg_catalog.pg_encoding_to_char(x.contoencoding)::text"),
        ("function", "x.conproc::text"),
        ("default", "x.condefault::text"),
    ]);
    in_schema(path, "pg_conversion", "con", &text)
}

pub(super) fn text_search_parser(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("start", "x.prsstart::text"),
        ("token", "x.prstoken::text"),
        ("end", "x.prsend::text"),
        ("lextypes", "x.prslextype::text"),
        ("headline", "x.prsheadline::text"),
    ]);
    in_schema(path, "pg_ts_parser", "prs", &text)
}

pub(super) fn text_search_template(path: &ObjectPath) -> String {
    let text = labelled(&[("init", "x.tmplinit::text"), ("lexize", "x.tmpllexize::text")]);
    in_schema(path, "pg_ts_template", "tmpl", &text)
}

pub(super) fn text_search_dictionary(path: &ObjectPath) -> String {
    let text = labelled(&[
        (
            "template",
            "select pg_catalog.format('%I.%I', n.nspname, t.tmplname) from pg_catalog.pg_ts_template t \
             join pg_catalog.pg_namespace n on n.oid = t.tmplnamespace where t.oid = x.dicttemplate",
        ),
        ("options", "x.dictinitoption"),
    ]);
    in_schema(path, "pg_ts_dict", "dict", &text)
}

pub(super) fn text_search_configuration(path: &ObjectPath) -> String {
    let text = labelled(&[
        (
            "parser",
            "select pg_catalog.format('%I.%I', n.nspname, p.prsname) from pg_catalog.pg_ts_parser p \
             join pg_catalog.pg_namespace n on n.oid = p.prsnamespace where p.oid = x.cfgparser",
        ),
        (
            "mappings",
            "select pg_catalog.string_agg(pg_catalog.format('%s: %s', m.maptokentype, \
             m.mapdict::pg_catalog.regdictionary), ', ' order by m.maptokentype, m.mapseqno) \
             from pg_catalog.pg_ts_config_map m where m.mapcfg = x.oid",
        ),
    ]);
    in_schema(path, "pg_ts_config", "cfg", &text)
}

pub(super) fn foreign_data_wrapper(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("handler", "x.fdwhandler::pg_catalog.regproc::text"),
        ("validator", "x.fdwvalidator::pg_catalog.regproc::text"),
        ("options", &sorted("x.fdwoptions")),
    ]);
    global(path, "pg_foreign_data_wrapper", "fdwname", &text)
}

pub(super) fn foreign_server(path: &ObjectPath) -> String {
    let text = labelled(&[
        (
            "wrapper",
            "select pg_catalog.quote_ident(f.fdwname) from pg_catalog.pg_foreign_data_wrapper f where f.oid = x.srvfdw",
        ),
        ("type", "x.srvtype"),
        ("version", "x.srvversion"),
        ("options", &sorted("x.srvoptions")),
    ]);
    global(path, "pg_foreign_server", "srvname", &text)
}

/// Names of options only: their values are passwords.
pub(super) fn user_mapping(path: &ObjectPath) -> String {
    let name = |role: &str| format!("{role} || ' on ' || x.srvname");
    let role = "case when x.umuser = 0 then 'public' else x.usename::text end";
    let text = labelled(&[
        ("server", "pg_catalog.quote_ident(x.srvname)"),
        (
            "options",
            "select pg_catalog.string_agg(pg_catalog.split_part(o, '=', 1), ', ' order by o) \
             from pg_catalog.unnest(x.umoptions) o",
        ),
    ]);
    format!("select {text} from pg_catalog.pg_user_mappings x where {}", named_with_role(path, name, role))
}

pub(super) fn publication(path: &ObjectPath) -> String {
    let generated = since("x", "pubgencols");
    // What not every version has is found by way of what every version has: dependencies, and rows as JSON.
    let filter = format!(
        "select pg_catalog.string_agg(pg_catalog.concat_ws(' ', p.schemaname, p.tablename, {}), ', ' \
         order by p.schemaname, p.tablename) from pg_catalog.pg_publication_tables p \
         where p.pubname = x.pubname and {} is not null",
        since("p", "rowfilter"),
        since("p", "rowfilter"),
    );
    let columns = format!(
        "select pg_catalog.string_agg(r.prrelid::pg_catalog.regclass || ' ' || pg_catalog.quote_ident(a.attname), ', ' \
         order by r.prrelid::pg_catalog.regclass::text, a.attnum) from pg_catalog.pg_publication_rel r \
         join pg_catalog.pg_attribute a on a.attrelid = r.prrelid where r.prpubid = x.oid \
         and ' ' || pg_catalog.translate({}, '[],', '   ') || ' ' like '% ' || a.attnum || ' %'",
        since("r", "prattrs"),
    );
    let text = labelled(&[
        ("all tables", "x.puballtables::text"),
        ("operations", "pg_catalog.concat_ws(' ', x.pubinsert, x.pubupdate, x.pubdelete, x.pubtruncate)"),
        ("via root", "x.pubviaroot::text"),
        ("generated columns", &generated),
        (
            "objects",
            "select pg_catalog.string_agg((pg_catalog.pg_identify_object(d.classid, d.objid, 0)).type || ' ' || \
             (pg_catalog.pg_identify_object(d.classid, d.objid, 0)).identity, ', ' \
             order by (pg_catalog.pg_identify_object(d.classid, d.objid, 0)).identity collate \"C\") \
             from pg_catalog.pg_depend d where d.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass \
             and d.refobjid = x.oid and d.deptype = 'a'",
        ),
        ("columns", &columns),
        ("rows", &filter),
    ]);
    global(path, "pg_publication", "pubname", &text)
}

/// Without its connection, which nobody but a superuser may read.
pub(super) fn subscription(path: &ObjectPath) -> String {
    let options = [
        ("binary", "subbinary"),
        ("streaming", "substream"),
        ("two phase", "subtwophasestate"),
        ("disable on error", "subdisableonerr"),
        ("password required", "subpasswordrequired"),
        ("run as owner", "subrunasowner"),
        ("origin", "suborigin"),
        ("failover", "subfailover"),
    ];
    let options: Vec<(&str, String)> =
        options.into_iter().map(|(label, column)| (label, of_subscription(column))).collect();
    let mut values = vec![
        ("enabled", "x.subenabled::text"),
        ("slot", "x.subslotname::text"),
        ("synchronous commit", "x.subsynccommit"),
        (
            "publications",
            "select pg_catalog.string_agg(pg_catalog.quote_ident(p.name), ', ' order by p.place) \
             from pg_catalog.unnest(x.subpublications) with ordinality p (name, place)",
        ),
    ];
    values.extend(options.iter().map(|(label, value)| (*label, value.as_str())));
    format!(
        "{} and x.subdbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())",
        global(path, "pg_subscription", "subname", &labelled(&values))
    )
}

/// A column that not every version has. A whole row cannot be read, for the connection is part of it; but where the
/// catalog has no column of this name, the outer query has, and it is NULL.
fn of_subscription(column: &str) -> String {
    format!(
        "select (select {column}::text from pg_catalog.pg_subscription y \
         where y.subname = x.subname and y.subdbid = x.subdbid) from (select null::text as {column}) absent"
    )
}
