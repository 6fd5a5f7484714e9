//! Definitions of functions and of what calls them.

use trueup_model::path::ObjectPath;

use super::super::names::{access_method as method_name, cast_types, transform_parts};
use super::super::text::literal;
use super::{global, in_schema, labelled, relation, sorted};

fn arguments(path: &ObjectPath) -> String {
    literal(path.arguments.as_ref().map_or("", |arguments| arguments.as_str()))
}

pub(super) fn routine(path: &ObjectPath, kinds: &str) -> String {
    format!(
        "{} and x.prokind in ({kinds}) and pg_catalog.oidvectortypes(x.proargtypes) = {}",
        in_schema(path, "pg_proc", "pro", "pg_catalog.pg_get_functiondef(x.oid)"),
        arguments(path)
    )
}

pub(super) fn aggregate(path: &ObjectPath) -> String {
    let function = |column: &str| format!("nullif(a.{column}::pg_catalog.oid, 0)::pg_catalog.regproc::text");
    let text = labelled(&[
        ("arguments", "pg_catalog.pg_get_function_arguments(x.oid)"),
        ("result", "pg_catalog.pg_get_function_result(x.oid)"),
        ("parallel", "x.proparallel::text"),
        ("kind", "a.aggkind::text"),
        ("direct arguments", "a.aggnumdirectargs::text"),
        ("step", &function("aggtransfn")),
        ("state", "pg_catalog.format_type(a.aggtranstype, null)"),
        ("space", "a.aggtransspace::text"),
        ("end", &function("aggfinalfn")),
        ("end extra", "a.aggfinalextra::text"),
        ("end modifies", "a.aggfinalmodify::text"),
        ("combine", &function("aggcombinefn")),
        ("serialize", &function("aggserialfn")),
        ("deserialize", &function("aggdeserialfn")),
        ("initial", "a.agginitval"),
        ("moving step", &function("aggmtransfn")),
        ("moving back", &function("aggminvtransfn")),
        ("moving state", "pg_catalog.format_type(nullif(a.aggmtranstype, 0), null)"),
        ("moving space", "a.aggmtransspace::text"),
        ("moving end", &function("aggmfinalfn")),
        ("moving end extra", "a.aggmfinalextra::text"),
        ("moving end modifies", "a.aggmfinalmodify::text"),
        ("moving initial", "a.aggminitval"),
        ("sort", "nullif(a.aggsortop, 0)::pg_catalog.regoperator::text"),
    ]);
    let text = format!("(select {text} from pg_catalog.pg_aggregate a where a.aggfnoid = x.oid)");
    format!(
        "{} and x.prokind = 'a' and pg_catalog.oidvectortypes(x.proargtypes) = {}",
        in_schema(path, "pg_proc", "pro", &text),
        arguments(path)
    )
}

pub(super) fn trigger(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("trigger", "pg_catalog.pg_get_triggerdef(x.oid)"),
        ("enabled", "x.tgenabled::text"),
        ("of parent", "(x.tgparentid <> 0)::text"),
    ]);
    part(path, "pg_trigger", "tgrelid", "tgname", &text) + " and not x.tgisinternal"
}

pub(super) fn rule(path: &ObjectPath) -> String {
    let text = labelled(&[("rule", "pg_catalog.pg_get_ruledef(x.oid)"), ("enabled", "x.ev_enabled::text")]);
    part(path, "pg_rewrite", "ev_class", "rulename", &text)
}

pub(super) fn policy(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("command", "x.polcmd::text"),
        ("permissive", "x.polpermissive::text"),
        (
            "roles",
            "select pg_catalog.string_agg(case when r.role = 0 then 'public' \
             else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r.role)) end, ', ' \
             order by r.role <> 0, pg_catalog.pg_get_userbyid(r.role)) \
             from pg_catalog.unnest(x.polroles) r (role)",
        ),
        ("using", "pg_catalog.pg_get_expr(x.polqual, x.polrelid)"),
        ("check", "pg_catalog.pg_get_expr(x.polwithcheck, x.polrelid)"),
    ]);
    part(path, "pg_policy", "polrelid", "polname", &text)
}

fn part(path: &ObjectPath, catalog: &str, of: &str, name: &str, text: &str) -> String {
    format!(
        "select {text} from pg_catalog.{catalog} x where x.{of} = {} and x.{name} = {}",
        relation(path),
        literal(path.part.as_str())
    )
}

pub(super) fn event_trigger(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("event", "x.evtevent::text"),
        ("tags", &sorted("x.evttags")),
        ("function", "x.evtfoid::pg_catalog.regproc::text"),
        ("enabled", "x.evtenabled::text"),
    ]);
    global(path, "pg_event_trigger", "evtname", &text)
}

pub(super) fn cast(path: &ObjectPath) -> String {
    let (source, target) = cast_types(path);
    let text = labelled(&[
        ("method", "x.castmethod::text"),
        ("function", "nullif(x.castfunc, 0)::pg_catalog.regprocedure::text"),
        ("context", "x.castcontext::text"),
    ]);
    format!(
        "select {text} from pg_catalog.pg_cast x where pg_catalog.format_type(x.castsource, null) = {} \
         and pg_catalog.format_type(x.casttarget, null) = {}",
        literal(source),
        literal(target)
    )
}

pub(super) fn operator(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("function", "x.oprcode::pg_catalog.oid::pg_catalog.regprocedure::text"),
        ("result", "pg_catalog.format_type(x.oprresult, null)"),
        ("commutator", "nullif(x.oprcom, 0)::pg_catalog.regoperator::text"),
        ("negator", "nullif(x.oprnegate, 0)::pg_catalog.regoperator::text"),
        ("restrict", "x.oprrest::text"),
        ("join", "x.oprjoin::text"),
        ("hashes", "x.oprcanhash::text"),
        ("merges", "x.oprcanmerge::text"),
    ]);
    let operand = |column: &str| {
        format!("case when x.{column} = 0 then 'none' else pg_catalog.format_type(x.{column}, null) end")
    };
    format!(
        "{} and x.oprcode <> 0 and {} || ', ' || {} = {}",
        in_schema(path, "pg_operator", "opr", &text),
        operand("oprleft"),
        operand("oprright"),
        arguments(path)
    )
}

/// The operators and functions of a class or family: those that depend on it.
fn members(of: &str) -> String {
    let depends = |class: &str| {
        format!(
            "join pg_catalog.pg_depend d on d.objid = m.oid and d.refobjid = x.oid and d.deptype in ('a', 'i') \
             and d.classid = 'pg_catalog.{class}'::pg_catalog.regclass \
             and d.refclassid = 'pg_catalog.{of}'::pg_catalog.regclass"
        )
    };
    format!(
        "select pg_catalog.string_agg(e.text, ', ' order by e.text collate \"C\") from (\
         select pg_catalog.concat_ws(' ', 'operator', m.amopstrategy, m.amopopr::pg_catalog.regoperator, \
         (select pg_catalog.format('for order by %I.%I', n.nspname, f.opfname) from pg_catalog.pg_opfamily f \
         join pg_catalog.pg_namespace n on n.oid = f.opfnamespace where f.oid = m.amopsortfamily)) as text \
         from pg_catalog.pg_amop m {} \
         union all \
         select pg_catalog.concat_ws(' ', 'function', m.amprocnum, pg_catalog.format_type(m.amproclefttype, null), \
         pg_catalog.format_type(m.amprocrighttype, null), m.amproc::pg_catalog.oid::pg_catalog.regprocedure) \
         from pg_catalog.pg_amproc m {}) e",
        depends("pg_amop"),
        depends("pg_amproc")
    )
}

fn with_method(path: &ObjectPath, column: &str) -> String {
    format!(
        " and x.{column} = (select a.oid from pg_catalog.pg_am a where a.amname = {})",
        literal(method_name(path))
    )
}

pub(super) fn operator_class(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("type", "pg_catalog.format_type(x.opcintype, null)"),
        ("default", "x.opcdefault::text"),
        (
            "family",
            "select pg_catalog.format('%I.%I', n.nspname, f.opfname) from pg_catalog.pg_opfamily f \
             join pg_catalog.pg_namespace n on n.oid = f.opfnamespace where f.oid = x.opcfamily",
        ),
        ("storage", "pg_catalog.format_type(nullif(x.opckeytype, 0), null)"),
        ("members", &members("pg_opclass")),
    ]);
    in_schema(path, "pg_opclass", "opc", &text) + &with_method(path, "opcmethod")
}

pub(super) fn operator_family(path: &ObjectPath) -> String {
    let text = labelled(&[
        ("family", "'using ' || (select a.amname from pg_catalog.pg_am a where a.oid = x.opfmethod)"),
        ("members", &members("pg_opfamily")),
    ]);
    in_schema(path, "pg_opfamily", "opf", &text) + &with_method(path, "opfmethod")
}

pub(super) fn language(path: &ObjectPath) -> String {
    let function = |column: &str| format!("nullif(x.{column}, 0)::pg_catalog.regproc::text");
    let text = labelled(&[
        ("handler", &function("lanplcallfoid")),
        ("inline", &function("laninline")),
        ("validator", &function("lanvalidator")),
        ("trusted", "x.lanpltrusted::text"),
    ]);
    global(path, "pg_language", "lanname", &text)
}

pub(super) fn transform(path: &ObjectPath) -> String {
    let (data_type, language) = transform_parts(path);
    let text = labelled(&[("from sql", "x.trffromsql::text"), ("to sql", "x.trftosql::text")]);
    format!(
        "select {text} from pg_catalog.pg_transform x join pg_catalog.pg_language l on l.oid = x.trflang \
         where pg_catalog.format_type(x.trftype, null) = {} and l.lanname = {}",
        literal(data_type),
        literal(language)
    )
}

pub(super) fn access_method(path: &ObjectPath) -> String {
    let text = labelled(&[("type", "x.amtype::text"), ("handler", "x.amhandler::text")]);
    global(path, "pg_am", "amname", &text)
}
