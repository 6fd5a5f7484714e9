//! The definition of an object as one value that any server from 13 to 18 can compute: what guards compare.
//!
//! Two objects have the same text where they are the same by definition; an object that is absent has none. Owner,
//! privileges and comment do not count, nor does where and how rows are kept. A table's columns, and whatever else
//! belongs to it, have definitions of their own.

mod code;
mod others;
mod relations;
mod types;

use trueup_model::path::{ObjectKind, ObjectPath};

use super::text::literal;

/// A scalar subquery in brackets: a text, or NULL where the object is absent. It means what it says under
/// [`super::SETTINGS`]: types of arguments are compared by their qualified names.
pub fn definition_query(path: &ObjectPath) -> String {
    let query = match path.kind {
        ObjectKind::Schema => others::schema(path),
        ObjectKind::Extension => others::extension(path),
        ObjectKind::Enum => types::enumeration(path),
        ObjectKind::CompositeType => types::composite(path),
        ObjectKind::Domain => types::domain(path),
        ObjectKind::RangeType => types::range(path),
        ObjectKind::BaseType => types::base(path),
        ObjectKind::Sequence => relations::sequence(path),
        ObjectKind::Table => relations::table(path, "'r', 'p'"),
        ObjectKind::ForeignTable => relations::table(path, "'f'"),
        ObjectKind::View => relations::view(path, "v"),
        ObjectKind::MaterializedView => relations::view(path, "m"),
        ObjectKind::Column => relations::column(path),
        ObjectKind::PrimaryKey => relations::constraint(path, "p"),
        ObjectKind::UniqueConstraint => relations::constraint(path, "u"),
        ObjectKind::CheckConstraint => relations::constraint(path, "c"),
        ObjectKind::ForeignKey => relations::constraint(path, "f"),
        ObjectKind::ExclusionConstraint => relations::constraint(path, "x"),
        ObjectKind::Index => relations::index(path),
        ObjectKind::Statistics => relations::statistics(path),
        ObjectKind::Trigger => code::trigger(path),
        ObjectKind::Rule => code::rule(path),
        ObjectKind::Policy => code::policy(path),
        ObjectKind::Function => code::routine(path, "'f', 'w'"),
        ObjectKind::Procedure => code::routine(path, "'p'"),
        ObjectKind::Aggregate => code::aggregate(path),
        ObjectKind::EventTrigger => code::event_trigger(path),
        ObjectKind::DefaultPrivileges => others::default_privileges(path),
        ObjectKind::Collation => others::collation(path),
        ObjectKind::Conversion => others::conversion(path),
        ObjectKind::Cast => code::cast(path),
        ObjectKind::Operator => code::operator(path),
        ObjectKind::OperatorClass => code::operator_class(path),
        ObjectKind::OperatorFamily => code::operator_family(path),
        ObjectKind::Language => code::language(path),
        ObjectKind::Transform => code::transform(path),
        ObjectKind::AccessMethod => code::access_method(path),
        ObjectKind::TextSearchParser => others::text_search_parser(path),
        ObjectKind::TextSearchTemplate => others::text_search_template(path),
        ObjectKind::TextSearchDictionary => others::text_search_dictionary(path),
        ObjectKind::TextSearchConfiguration => others::text_search_configuration(path),
        ObjectKind::ForeignDataWrapper => others::foreign_data_wrapper(path),
        ObjectKind::ForeignServer => others::foreign_server(path),
        ObjectKind::UserMapping => others::user_mapping(path),
        ObjectKind::Publication => others::publication(path),
        ObjectKind::Subscription => others::subscription(path),
    };
    format!("({query})")
}

/// `type integer, not null true`: each value behind its name; what is NULL is left out.
fn labelled(values: &[(&str, &str)]) -> String {
    let values: Vec<String> =
        values.iter().map(|(label, value)| format!("'{label} ' || ({value})")).collect();
    format!("pg_catalog.concat_ws(', ', {})", values.join(", "))
}

/// A select over one system catalog whose rows live in a schema: `x` is the row, `n` the schema.
fn in_schema(path: &ObjectPath, catalog: &str, prefix: &str, text: &str) -> String {
    let schema = path.schema.as_ref().map_or("", |schema| schema.as_str());
    format!(
        "select {text} from pg_catalog.{catalog} x join pg_catalog.pg_namespace n on n.oid = x.{prefix}namespace \
         where n.nspname = {} and x.{prefix}name = {}",
        literal(schema),
        literal(path.head.as_str())
    )
}

/// As [`in_schema`], for what lives in no schema.
fn global(path: &ObjectPath, catalog: &str, name: &str, text: &str) -> String {
    format!("select {text} from pg_catalog.{catalog} x where x.{name} = {}", literal(path.head.as_str()))
}

/// The relation that a part belongs to, by number.
fn relation(path: &ObjectPath) -> String {
    let schema = path.schema.as_ref().map_or("", |schema| schema.as_str());
    format!(
        "(select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
         where n.nspname = {} and c.relname = {})",
        literal(schema),
        literal(path.head.as_str())
    )
}

/// A column of a catalog that not every version has.
fn since(row: &str, column: &str) -> String {
    format!("pg_catalog.to_jsonb({row}) ->> '{column}'")
}

/// Elements of an array in their order, or sorted where the order means nothing.
fn sorted(array: &str) -> String {
    format!("select pg_catalog.string_agg(o::text, ', ' order by o::text) from pg_catalog.unnest({array}) o")
}
