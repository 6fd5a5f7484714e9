//! Questions about rows: how many would be in the way of a step, and which. None of them can fail where the tables and
//! columns are there.

use trueup_model::Catalog;
use trueup_model::catalog::{Check, ForeignKey, ForeignKeyMatch, Index, Key, Object};
use trueup_model::name::{Ident, QualifiedName};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Probe;
use trueup_sql::unquote_ident;

use super::text::{ident, literal, qualified};

/// How many rows are shown.
const SHOWN: &str = "LIMIT 5";

/// The columns that tell the rows of a table apart: its primary key, and none where it has none.
pub fn key_of<'c>(table: &QualifiedName, catalog: &'c Catalog) -> &'c [Ident] {
    let path = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
    let key = catalog.parts_of(&path).find_map(|part| match &part.object {
        Object::Key(key) if part.path.kind == ObjectKind::PrimaryKey => Some(&key.columns[..]),
        _ => None,
    });
    key.unwrap_or_default()
}

/// A row by its key, or by where it lies.
fn told_apart(key: &[Ident]) -> String {
    if key.is_empty() { "r.ctid::text".to_owned() } else { said(key, "r") }
}

/// `id = 7, part = 2`.
fn said(columns: &[Ident], alias: &str) -> String {
    let each: Vec<String> = columns
        .iter()
        .map(|column| {
            let name = literal(&format!("{column} = "));
            format!("{name} || coalesce({alias}.{}::text, 'null')", ident(column))
        })
        .collect();
    each.join(" || ', ' || ")
}

/// How a question names a table, which is never an alias.
pub fn from(table: &QualifiedName) -> String {
    format!("FROM {} ", qualified(table))
}

/// Rows for which a condition on the columns of their table holds.
pub fn rows_where(table: &QualifiedName, condition: &str, meaning: &str, row_key: &[Ident]) -> Probe {
    let from = format!("FROM {} AS r WHERE {condition}", qualified(table));
    Probe {
        meaning: meaning.to_owned(),
        count: format!("SELECT pg_catalog.count(*) {from}"),
        sample: format!("SELECT {} {from} {SHOWN}", told_apart(row_key)),
        table: table.clone(),
    }
}

pub fn any_rows(table: &QualifiedName, meaning: &str, row_key: &[Ident]) -> Probe {
    rows_where(table, "true", meaning, row_key)
}

pub fn nulls(table: &QualifiedName, column: &Ident, row_key: &[Ident]) -> Probe {
    let condition = format!("r.{} IS NULL", ident(column));
    rows_where(table, &condition, &format!("rows in which {column} is null"), row_key)
}

/// Rows in which a column holds something.
pub fn values(table: &QualifiedName, column: &Ident, meaning: &str, row_key: &[Ident]) -> Probe {
    rows_where(table, &format!("r.{} IS NOT NULL", ident(column)), meaning, row_key)
}

/// Rows with one of some labels of an enum.
pub fn labelled(table: &QualifiedName, column: &Ident, labels: &[String], row_key: &[Ident]) -> Probe {
    let list: Vec<String> = labels.iter().map(|label| literal(label)).collect();
    let condition = format!("r.{}::text IN ({})", ident(column), list.join(", "));
    rows_where(table, &condition, &format!("rows in which {column} is {}", labels.join(" or ")), row_key)
}

/// Rows that a check does not let pass.
pub fn failing(table: &QualifiedName, name: &Ident, check: &Check, row_key: &[Ident]) -> Probe {
    let condition = format!("NOT ({})", check.expression);
    rows_where(table, &condition, &format!("rows that the check {name} forbids"), row_key)
}

/// The rows of a table, as they are or with columns that it does not have yet.
pub struct Rows<'a> {
    table: &'a QualifiedName,
    from: String,
}

impl<'a> Rows<'a> {
    pub fn of(table: &'a QualifiedName) -> Self {
        Rows { table, from: format!("{} AS r", qualified(table)) }
    }

    /// With other columns besides those that are kept, each with what its value will be.
    pub fn with(table: &'a QualifiedName, kept: &[&Ident], others: &[(&Ident, String)]) -> Self {
        let kept = kept.iter().map(|name| format!("r.{}", ident(name)));
        let others = others.iter().map(|(name, value)| format!("{value} AS {}", ident(name)));
        let all: Vec<String> = kept.chain(others).collect();
        Rows { table, from: format!("(SELECT {} FROM {} AS r) AS r", all.join(", "), qualified(table)) }
    }
}

/// Rows that a check would not let pass.
pub fn failing_with(rows: &Rows<'_>, name: &Ident, check: &Check) -> Probe {
    let from = format!("FROM {} WHERE NOT ({})", rows.from, check.expression);
    Probe {
        meaning: format!("rows that the check {name} forbids"),
        count: format!("SELECT pg_catalog.count(*) {from}"),
        sample: format!("SELECT r::text {from} {SHOWN}"),
        table: rows.table.clone(),
    }
}

pub fn duplicates_of_key(rows: &Rows<'_>, key: &Key) -> Option<Probe> {
    let columns: Vec<String> = key.columns.iter().map(ident).collect();
    (!key.without_overlaps).then(|| duplicates(rows, &columns, key.nulls_not_distinct, None))
}

pub fn duplicates_of_index(rows: &Rows<'_>, index: &Index) -> Probe {
    let columns: Vec<String> = index
        .keys
        .iter()
        .map(|key| {
            let expression = key.expression.as_str();
            let is_name = unquote_ident(expression) == expression || expression.starts_with('"');
            if is_name && !expression.contains('(') {
                ident(&Ident::new(unquote_ident(expression)))
            } else {
                format!("({expression})")
            }
        })
        .collect();
    let predicate = index.predicate.as_ref().map(|predicate| predicate.as_str());
    duplicates(rows, &columns, index.nulls_not_distinct, predicate)
}

fn duplicates(
    rows: &Rows<'_>,
    columns: &[String],
    nulls_not_distinct: bool,
    predicate: Option<&str>,
) -> Probe {
    let mut conditions: Vec<String> = predicate.iter().map(|predicate| format!("({predicate})")).collect();
    if !nulls_not_distinct {
        conditions.extend(columns.iter().map(|column| format!("{column} IS NOT NULL")));
    }
    if conditions.is_empty() {
        conditions.push("true".to_owned());
    }
    let groups = format!(
        "FROM {} WHERE {} GROUP BY {} HAVING pg_catalog.count(*) > 1",
        rows.from,
        conditions.join(" AND "),
        columns.join(", ")
    );
    let texts: Vec<String> =
        columns.iter().map(|column| format!("coalesce({column}::text, 'null')")).collect();
    Probe {
        meaning: format!("rows that have the same {}", columns.join(", ").replace('"', "")),
        count: format!(
            "SELECT coalesce(pg_catalog.sum(same.rows), 0)::bigint FROM (SELECT pg_catalog.count(*) AS rows {groups}) AS same"
        ),
        sample: format!(
            "SELECT {} || ' (' || pg_catalog.count(*) || ' times)' {groups} {SHOWN}",
            texts.join(" || ', ' || ")
        ),
        table: rows.table.clone(),
    }
}

/// Rows of a foreign key that refer to nothing.
pub fn orphans(table: &QualifiedName, key: &ForeignKey) -> Option<Probe> {
    if key.period {
        return None;
    }
    let filled: Vec<String> =
        key.columns.iter().map(|column| format!("r.{} IS NOT NULL", ident(column))).collect();
    let same: Vec<String> = key
        .columns
        .iter()
        .zip(&key.referenced_columns)
        .map(|(own, theirs)| format!("o.{} = r.{}", ident(theirs), ident(own)))
        .collect();
    let nobody =
        format!("NOT EXISTS (SELECT FROM {} AS o WHERE {})", qualified(&key.references), same.join(" AND "));
    let condition = match key.matching {
        ForeignKeyMatch::Simple | ForeignKeyMatch::Partial => {
            format!("{} AND {nobody}", filled.join(" AND "))
        }
        ForeignKeyMatch::Full => {
            format!("({}) AND ({nobody} OR NOT ({}))", filled.join(" OR "), filled.join(" AND "))
        }
    };
    let from = format!("FROM {} AS r WHERE {condition}", qualified(table));
    Some(Probe {
        meaning: format!("rows that refer to a row of {} that is not there", key.references),
        count: format!("SELECT pg_catalog.count(*) {from}"),
        sample: format!("SELECT {} {from} {SHOWN}", said(&key.columns, "r")),
        table: table.clone(),
    })
}

/// Rows of a foreign key that refer to anything.
pub fn referring(table: &QualifiedName, key: &ForeignKey, row_key: &[Ident]) -> Probe {
    let filled: Vec<String> =
        key.columns.iter().map(|column| format!("r.{} IS NOT NULL", ident(column))).collect();
    let meaning = format!("rows that refer to a row of {} that is not there", key.references);
    rows_where(table, &filled.join(" AND "), &meaning, row_key)
}

/// A condition that holds for values which another type cannot hold, or holds as something else. `None` where no
/// value is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Every value stays what it is.
    All,
    /// Values for which the condition holds become something else without an error.
    Changed(String),
    /// Values for which it holds are an error.
    Fails(String),
    /// Nobody can tell without trying.
    Unknown,
}

/// Whether the values of a column fit into another type. `labels` are those of the new type, where it is an enum.
pub fn fit(column: &Ident, from: &str, to: &str, labels: Option<&[String]>, major: u32) -> Fit {
    let name = format!("r.{}", ident(column));
    let (from, to) = (Type::of(from), Type::of(to));
    if from.is_array != to.is_array || (from.is_array && from.name != to.name) {
        return Fit::Unknown;
    }
    if from.is_array {
        return if to.modifiers.is_empty() || from.modifiers == to.modifiers {
            Fit::All
        } else {
            Fit::Unknown
        };
    }
    if let Some(labels) = labels {
        let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
        return Fit::Fails(format!("{name}::text NOT IN ({})", labels.join(", ")));
    }
    match (from.sort(), to.sort()) {
        _ if from == to => Fit::All,
        (_, Sort::Text) => match to.modifiers.first() {
            None if to.name != "character" => Fit::All,
            length => {
                let length = length.copied().unwrap_or(1);
                if from.sort() == Sort::Text && from.modifiers.first().is_some_and(|had| *had <= length) {
                    Fit::All
                } else {
                    Fit::Changed(format!("pg_catalog.length({name}::text) > {length}"))
                }
            }
        },
        (Sort::Whole(had), Sort::Whole(has)) if had <= has => Fit::All,
        (Sort::Whole(_), Sort::Whole(has)) => Fit::Fails(outside(&name, has)),
        (Sort::Whole(_), Sort::Double) => {
            Fit::Changed(format!("{name}::double precision::numeric <> {name}::numeric"))
        }
        (Sort::Whole(_), Sort::Single) => Fit::Changed(format!("{name}::real::numeric <> {name}::numeric")),
        (Sort::Single, Sort::Double) => Fit::All,
        (Sort::Whole(_) | Sort::Numeric | Sort::Single | Sort::Double, Sort::Numeric) => {
            numeric(&name, &from, &to)
        }
        (Sort::Numeric | Sort::Single | Sort::Double, Sort::Whole(has)) => Fit::Fails(format!(
            "CASE WHEN {name}::double precision IN ('NaN', 'Infinity', '-Infinity') THEN true \
             ELSE {} OR {name}::numeric <> pg_catalog.trunc({name}::numeric) END",
            outside(&format!("{name}::numeric"), has)
        )),
        (Sort::Text, Sort::Whole(has)) => Fit::Fails(format!(
            "CASE WHEN {name} ~ '^\\s*[-+]?[0-9]{{1,30}}\\s*$' THEN {} ELSE {name} IS NOT NULL END",
            outside(&format!("{name}::text::numeric"), has)
        )),
        (Sort::Time, Sort::Time) => {
            let back = format!("{name}::{}::{} IS DISTINCT FROM {name}", to.text, from.text);
            if to.keeps_time_of(&from) { Fit::All } else { Fit::Changed(back) }
        }
        (Sort::Text, _) if major >= 16 => {
            Fit::Fails(format!("NOT pg_catalog.pg_input_is_valid({name}::text, {})", literal(&to.text)))
        }
        _ => Fit::Unknown,
    }
}

fn outside(value: &str, bytes: u8) -> String {
    let (least, most) = match bytes {
        2 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        4 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    format!("{value} NOT BETWEEN {least} AND {most}")
}

fn numeric(name: &str, from: &Type, to: &Type) -> Fit {
    let Some(precision) = to.modifiers.first().copied() else { return Fit::All };
    let scale = to.modifiers.get(1).copied().unwrap_or(0);
    let whole = match from.sort() {
        Sort::Whole(2) => Some((5, 0)),
        Sort::Whole(4) => Some((10, 0)),
        Sort::Whole(_) => Some((19, 0)),
        _ => from.modifiers.first().map(|precision| {
            (
                precision - from.modifiers.get(1).copied().unwrap_or(0),
                from.modifiers.get(1).copied().unwrap_or(0),
            )
        }),
    };
    if whole.is_some_and(|(digits, had)| digits <= precision - scale && had <= scale) {
        return Fit::All;
    }
    Fit::Changed(format!(
        "CASE WHEN {name}::double precision IN ('NaN', 'Infinity', '-Infinity') THEN true \
         ELSE pg_catalog.round({name}::numeric, {scale}) <> {name}::numeric \
         OR pg_catalog.abs({name}::numeric) >= 1e{} END",
        precision - scale
    ))
}

#[derive(PartialEq, Eq)]
struct Type {
    text: String,
    name: String,
    modifiers: Vec<i64>,
    is_array: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Text,
    /// So many bytes.
    Whole(u8),
    Single,
    Double,
    Numeric,
    Time,
    Other,
}

impl Type {
    fn of(text: &str) -> Self {
        let is_array = text.ends_with("[]");
        let bare = text.trim_end_matches("[]");
        let (mut name, mut modifiers) = (bare.to_owned(), Vec::new());
        if let (Some(open), Some(close)) = (bare.find('('), bare.find(')')) {
            modifiers =
                bare[open + 1..close].split(',').filter_map(|part| part.trim().parse().ok()).collect();
            name = format!("{}{}", &bare[..open], &bare[close + 1..]);
        }
        Type { text: text.to_owned(), name, modifiers, is_array }
    }

    fn sort(&self) -> Sort {
        match self.name.as_str() {
            "text" | "character varying" | "character" | "name" => Sort::Text,
            "smallint" => Sort::Whole(2),
            "integer" => Sort::Whole(4),
            "bigint" => Sort::Whole(8),
            "real" => Sort::Single,
            "double precision" => Sort::Double,
            "numeric" => Sort::Numeric,
            "date" | "timestamp without time zone" | "timestamp with time zone" => Sort::Time,
            _ => Sort::Other,
        }
    }

    fn keeps_time_of(&self, other: &Type) -> bool {
        let digits = |of: &Type| of.modifiers.first().copied().unwrap_or(6);
        match (other.name.as_str(), self.name.as_str()) {
            ("date", _) => true,
            (from, to) if from == to => digits(self) >= digits(other),
            // The same moment in the zone of the session, but for an hour a year.
            ("timestamp without time zone", "timestamp with time zone") => digits(self) >= digits(other),
            _ => false,
        }
    }
}

/// Whether PostgreSQL keeps the rows as they are when a column gets another type.
pub fn keeps_rows(from: &str, to: &str) -> bool {
    let (from, to) = (Type::of(from), Type::of(to));
    let grows = || match (from.modifiers.first(), to.modifiers.first()) {
        (_, None) => true,
        (Some(had), Some(has)) => had <= has,
        (None, Some(_)) => false,
    };
    if from.is_array != to.is_array {
        return false;
    }
    match (from.name.as_str(), to.name.as_str()) {
        ("character varying", "text" | "character varying") | ("text", "character varying") => {
            grows() && (from.name != "text" || to.modifiers.is_empty())
        }
        ("numeric", "numeric") => {
            to.modifiers.is_empty()
                || (!from.modifiers.is_empty() && grows() && from.modifiers.get(1) == to.modifiers.get(1))
        }
        ("timestamp without time zone", "timestamp without time zone")
        | ("timestamp with time zone", "timestamp with time zone")
        | ("bit varying", "bit varying") => grows(),
        ("cidr", "inet") => true,
        (one, other) => one == other && from.modifiers == to.modifiers,
    }
}
