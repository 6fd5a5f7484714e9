//! Judges differences: which code, how grave, who claims it, what to know about it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use trueup_model::catalog::Object;
use trueup_model::difference::{Aspect, Change, Difference, Nature};
use trueup_model::finding::NamedCode;
use trueup_model::path::ObjectKind;
use trueup_model::{Catalog, Code, Finding, Ident, ObjectPath, Severity};

use crate::duplicates;
use crate::provenance::Claims;

/// Both catalogs, for judgements that need more than the difference.
pub struct Sides<'a> {
    pub expected: &'a Catalog,
    pub found: &'a Catalog,
}

/// One finding for each difference, in report order.
pub fn judge(differences: &[Difference], sides: &Sides<'_>, claims: &Claims<'_>) -> Vec<Finding> {
    let bench = Bench::of(differences, sides, claims);
    let mut findings: Vec<Finding> =
        differences.iter().map(|difference| finding(difference, &bench)).collect();
    findings.sort_by(Finding::report_order);
    findings
}

/// What one difference is judged by: the catalogs, the history, and the other differences.
struct Bench<'a> {
    sides: &'a Sides<'a>,
    claims: &'a Claims<'a>,
    /// Where every object is owned alike, owners and rights differ by environment and say nothing.
    owned_alike: bool,
    /// What differs in more than its name or place, and relations of which a part does.
    not_alike: BTreeSet<&'a ObjectPath>,
    relations_not_alike: BTreeSet<Place<'a>>,
    /// Where something was found, and what it is in the history.
    known: BTreeMap<&'a ObjectPath, &'a ObjectPath>,
    /// As [`Bench::unlisted`] gives it, counted for all schemas when the first one is asked for.
    unlisted: OnceCell<BTreeMap<&'a Ident, usize>>,
}

/// Schema and name of a relation.
type Place<'a> = (Option<&'a Ident>, &'a Ident);

fn place(path: &ObjectPath) -> Place<'_> {
    (path.schema.as_ref(), &path.head)
}

impl<'a> Bench<'a> {
    fn of(differences: &'a [Difference], sides: &'a Sides<'a>, claims: &'a Claims<'a>) -> Self {
        let mut bench = Self {
            sides,
            claims,
            owned_alike: true,
            not_alike: BTreeSet::new(),
            relations_not_alike: BTreeSet::new(),
            known: BTreeMap::new(),
            unlisted: OnceCell::new(),
        };
        for Difference { path, change } in differences {
            match change {
                Change::Renamed { to } | Change::Misplaced { to } => {
                    bench.known.insert(to, path);
                }
                Change::Different(aspect) => {
                    bench.owned_alike &= aspect.name != "owner";
                    bench.not_alike.insert(path);
                }
                Change::Missing | Change::Unexpected => {}
            }
            if path.is_part() {
                bench.relations_not_alike.insert(place(path));
            }
        }
        bench
    }

    /// How many objects stand in a schema without being listed; what was meant for another schema is said with that
    /// one.
    fn unlisted(&self, schema: &Ident) -> usize {
        let counts = self.unlisted.get_or_init(|| {
            let meant: BTreeSet<(ObjectKind, &Ident)> = self
                .sides
                .expected
                .entries()
                .iter()
                .filter(|entry| !entry.path.is_part() && !self.sides.found.contains(&entry.path))
                .map(|entry| (entry.path.kind, &entry.path.head))
                .collect();
            let mut counts = BTreeMap::new();
            for path in self.sides.found.entries().iter().map(|entry| &entry.path) {
                if let Some(schema) = path.schema.as_ref().filter(|_| !path.is_part())
                    && !meant.contains(&(path.kind, &path.head))
                {
                    *counts.entry(schema).or_default() += 1;
                }
            }
            counts
        });
        counts.get(schema).copied().unwrap_or_default()
    }

    fn only_the_name_differs(&self, path: &ObjectPath, to: &ObjectPath) -> bool {
        let parts_differ = !path.is_part()
            && path.kind.is_relation()
            && [place(path), place(to)].iter().any(|place| self.relations_not_alike.contains(place));
        !self.not_alike.contains(path) && !parts_differ
    }
}

fn finding(difference: &Difference, bench: &Bench<'_>) -> Finding {
    let path = &difference.path;
    let (sides, claims) = (bench.sides, bench.claims);
    let mut finding = match &difference.change {
        Change::Missing => {
            let mut finding =
                Finding::new(Code::Missing(path.kind), severity_of_missing(path, sides.expected));
            finding.expected = Some(described(sides.expected, path));
            finding
        }
        Change::Unexpected => unexpected(path, bench),
        Change::Renamed { to } => {
            let severity = if path.kind.is_constraint() || path.kind == ObjectKind::Index {
                Severity::Warning
            } else {
                Severity::Error
            };
            let mut finding = Finding::new(Code::Renamed(path.kind), severity);
            finding.expected = Some(path.name().to_string());
            finding.found = Some(to.name().to_string());
            finding.hint = bench
                .only_the_name_differs(path, to)
                .then(|| "the definition is the same: only the name differs".to_owned());
            finding
        }
        Change::Misplaced { to } => {
            let mut finding = Finding::new(Code::Misplaced(path.kind), Severity::Error);
            finding.expected = path.schema.as_ref().map(ToString::to_string);
            finding.found = to.schema.as_ref().map(ToString::to_string);
            finding.hint = Some(format!("it stands at {to}"));
            finding
        }
        Change::Different(aspect) => different(path, aspect, bench.owned_alike),
    };
    finding.object = Some(path.clone());
    if finding.origin.is_none() && !matches!(difference.change, Change::Unexpected) {
        finding.origin = match &difference.change {
            Change::Renamed { .. } => claims.origin(path, Some("name")),
            Change::Different(aspect) if aspect.name == "privileges" => {
                claims.privilege(path, &roles_that_differ(aspect)).and_then(|at| claims.origin_of(at))
            }
            _ => claims.origin(path, finding.aspect),
        };
    }
    finding
}

/// The roles in the phrases (`SELECT to app`) that only one side has.
fn roles_that_differ(aspect: &Aspect) -> Vec<String> {
    let phrases = |text: &str| text.split("; ").map(str::to_owned).collect::<Vec<_>>();
    let (expected, found) = (phrases(&aspect.expected), phrases(&aspect.found));
    let only = |one: &[String], other: &[String]| {
        one.iter().filter(|phrase| !other.contains(phrase)).cloned().collect::<Vec<_>>()
    };
    let mut differing = only(&expected, &found);
    differing.extend(only(&found, &expected));
    differing
        .iter()
        .filter_map(|phrase| phrase.rsplit_once(" to "))
        .map(|(_, role)| role.to_owned())
        .collect()
}

fn severity_of_missing(path: &ObjectPath, expected: &Catalog) -> Severity {
    let Some(entry) = expected.find(path) else { return Severity::Error };
    match &entry.object {
        Object::Index(index) if !index.unique => Severity::Warning,
        Object::Statistics(_) | Object::DefaultPrivileges(_) => Severity::Warning,
        _ => Severity::Error,
    }
}

fn unexpected(path: &ObjectPath, bench: &Bench<'_>) -> Finding {
    let (sides, claims) = (bench.sides, bench.claims);
    let unusable = sides
        .found
        .find(path)
        .is_some_and(|entry| matches!(&entry.object, Object::Index(index) if !index.valid));
    if unusable {
        let mut finding = Finding::new(Code::Named(NamedCode::InvalidIndex), Severity::Warning);
        finding.found = Some(described(sides.found, path));
        finding.hint = Some(
            "left by a concurrent build that failed: it costs every write and serves no query".to_owned(),
        );
        return finding;
    }
    if let Some(twin) = duplicates::twin(sides.found, path) {
        let code = if path.kind == ObjectKind::Index {
            NamedCode::DuplicateIndex
        } else {
            NamedCode::DuplicateConstraint
        };
        let mut finding = Finding::new(Code::Named(code), Severity::Warning);
        finding.found = Some(described(sides.found, path));
        finding.hint = Some(if sides.expected.contains(twin) {
            format!("{twin}, which the history knows, says the same")
        } else {
            format!("{twin} says the same, and no migration makes either")
        });
        return finding;
    }
    if let Some(original) = copied_from(path, sides.found) {
        let mut finding = Finding::new(Code::Named(NamedCode::BackupTable), Severity::Warning);
        finding.found = Some(described(sides.found, path));
        finding.hint = Some(format!("by its name and columns somebody's copy of {original}"));
        return finding;
    }
    if let Some(former) = (path.kind == ObjectKind::Table).then(|| claims.former(path)).flatten() {
        let mut finding = Finding::new(Code::Named(NamedCode::ZombieTable), Severity::Warning);
        finding.found = Some(described(sides.found, path));
        finding.origin = claims.origin_of(former);
        finding.hint =
            Some("the history made a table of this name, and later dropped or renamed it".to_owned());
        return finding;
    }
    let entry = sides.found.find(path);
    let is_partition = matches!(entry.map(|entry| &entry.object), Some(Object::Table(table))
    if table.partition_of.as_ref().is_some_and(|partition| {
        let parent = ObjectPath::in_schema(ObjectKind::Table, &partition.parent.schema, partition.parent.name.as_str());
        sides.expected.contains(&parent)
    }));
    let (severity, hint) = match path.kind {
        _ if is_partition => (
            Severity::Info,
            Some("a partition of a table that the history knows: partitions come and go".to_owned()),
        ),
        ObjectKind::Schema => {
            let hint = match bench.unlisted(&path.head) {
                0 => "all that is in it was meant for another schema".to_owned(),
                1 => "with 1 object in it that is not listed".to_owned(),
                many => format!("with {many} objects in it that are not listed"),
            };
            (Severity::Warning, Some(hint))
        }
        ObjectKind::Extension => (Severity::Info, Some("no migration installs it".to_owned())),
        _ => (Severity::Warning, Some("no migration makes it".to_owned())),
    };
    let mut finding = Finding::new(Code::Unexpected(path.kind), severity);
    finding.found = Some(described(sides.found, path));
    finding.hint = hint;
    finding
}

fn different(path: &ObjectPath, aspect: &Aspect, owned_alike: bool) -> Finding {
    let severity = match aspect.nature {
        Nature::Physical => Severity::Info,
        Nature::Access if owned_alike => Severity::Info,
        Nature::Access => Severity::Warning,
        Nature::Logical if aspect.name.contains("comment") => Severity::Info,
        Nature::Logical => Severity::Error,
    };
    let (code, severity, hint) = match (aspect.name, aspect.found.as_str()) {
        ("valid", "no") => (
            Code::Named(NamedCode::InvalidIndex),
            Severity::Error,
            Some("a concurrent build failed: PostgreSQL keeps the index up to date and never uses it"),
        ),
        ("validated" | "not-null-validated", "no") => (
            Code::Named(NamedCode::UnvalidatedConstraint),
            Severity::Warning,
            Some("rows from before the constraint were never checked"),
        ),
        ("enabled", "disabled") if path.kind == ObjectKind::Trigger => (
            Code::Named(NamedCode::DisabledTrigger),
            Severity::Error,
            Some("what it keeps up to date was not kept up to date since it was disabled"),
        ),
        ("owner", _) => (
            Code::Named(NamedCode::ForeignOwner),
            Severity::Warning,
            Some("migrations that alter it will fail with \"must be owner\""),
        ),
        ("identity", _) => (
            Code::Different(path.kind),
            severity,
            Some("both count up by themselves; a framework's version may have changed from one to the other"),
        ),
        _ => (Code::Different(path.kind), severity, None),
    };
    let mut finding = Finding::new(code, severity);
    finding.aspect = Some(aspect.name);
    finding.expected = Some(aspect.expected.clone());
    finding.found = Some(aspect.found.clone());
    finding.hint = hint.map(str::to_owned);
    finding
}

/// The table that a backup-like name and the same columns point to.
fn copied_from(path: &ObjectPath, found: &Catalog) -> Option<ObjectPath> {
    if path.kind != ObjectKind::Table {
        return None;
    }
    let schema = path.schema.as_ref()?;
    let stem = backup_stem(path.head.as_str())?;
    let original = ObjectPath::in_schema(ObjectKind::Table, schema, stem);
    found.find(&original)?;
    let names = |path: &ObjectPath| -> Vec<String> {
        let mut names: Vec<String> =
            found.columns_of(path).into_iter().map(|(name, _)| name.to_string()).collect();
        names.sort();
        names
    };
    let (copy, source) = (names(path), names(&original));
    let common = copy.iter().filter(|name| source.contains(name)).count();
    (2 * common >= source.len().max(copy.len()) && common > 0).then_some(original)
}

/// `orders` for `orders_bak`, `orders_backup_20250101`, `_orders_old`, `orders_copy2`, `zz_orders`.
fn backup_stem(name: &str) -> Option<&str> {
    const WORDS: &[&str] = &["backup", "bak", "bkp", "old", "copy", "orig", "tmp", "temp", "save", "saved"];
    let trimmed = name.trim_matches('_');
    let is_mark = |part: &str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        WORDS.contains(&letters.to_ascii_lowercase().as_str())
    };
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let mut stem = trimmed;
    let mut marked = name.starts_with('_');
    while let Some((rest, last)) = stem.rsplit_once('_') {
        if is_mark(last) {
            marked = true;
        } else if !(is_number(last) && last.len() >= 4) {
            break;
        }
        stem = rest;
    }
    if let Some((first, rest)) = stem.split_once('_')
        && (is_mark(first) || first == "zz")
    {
        marked = true;
        stem = rest;
    }
    (marked && stem != name && !stem.is_empty()).then_some(stem)
}

/// A short definition of an object: what it is, in the words of the server.
pub fn described(catalog: &Catalog, path: &ObjectPath) -> String {
    use crate::spoken::Spoken;
    let Some(entry) = catalog.find(path) else { return path.kind.word().replace('-', " ") };
    match &entry.object {
        Object::Table(_) => {
            let columns = catalog.columns_of(path).len();
            if columns == 1 {
                "a table with 1 column".to_owned()
            } else {
                format!("a table with {columns} columns")
            }
        }
        Object::Column(column) => {
            let mut text = column.data_type.to_string();
            if column.not_null.is_some() {
                text.push_str(" not null");
            }
            if column.serial {
                text.push_str(" serial");
            } else if let Some(default) = &column.default {
                text.push_str(&format!(" default {default}"));
            }
            if let Some(identity) = &column.identity {
                text.push_str(&format!(" {}", identity.spoken()));
            }
            if let Some(generated) = &column.generated {
                text.push_str(&format!(" generated as {}", generated.spoken()));
            }
            text
        }
        Object::Key(key) => format!("({})", key.columns.spoken()),
        Object::Check(check) => check.expression.to_string(),
        Object::ForeignKey(key) => format!(
            "({}) references {} ({})",
            key.columns.spoken(),
            key.references,
            key.referenced_columns.spoken()
        ),
        Object::Exclusion(exclusion) => exclusion.definition.to_string(),
        Object::Index(index) => {
            let keys: Vec<String> = index
                .keys
                .iter()
                .map(|key| {
                    let order = if key.descending { " desc" } else { "" };
                    format!("{}{order}", key.expression)
                })
                .collect();
            let unique = if index.unique { "unique " } else { "" };
            let predicate =
                index.predicate.as_ref().map(|predicate| format!(" where {predicate}")).unwrap_or_default();
            format!("{unique}{} ({}){predicate}", index.method, keys.join(", "))
        }
        Object::Enum(labels) => labels.labels.spoken(),
        Object::Domain(domain) => domain.base.to_string(),
        Object::Routine(routine) => match &routine.result {
            Some(result) => format!("({}) returns {result}", routine.arguments),
            None => format!("({})", routine.arguments),
        },
        Object::Trigger(trigger) => {
            format!("{} {} calls {}", trigger.timing, trigger.events.spoken(), trigger.function)
        }
        Object::Policy(policy) => format!("for {} to {}", policy.command.spoken(), policy.roles.spoken()),
        Object::Sequence(sequence) => sequence.options.spoken(),
        Object::Extension(extension) => format!("version {} in {}", extension.version, extension.schema),
        Object::Schema(_)
        | Object::CompositeType(_)
        | Object::RangeType(_)
        | Object::BaseType(_)
        | Object::View(_)
        | Object::MaterializedView(_)
        | Object::Statistics(_)
        | Object::Rule(_)
        | Object::Aggregate(_)
        | Object::EventTrigger(_)
        | Object::DefaultPrivileges(_)
        | Object::Plain(_) => path.kind.word().replace('-', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::backup_stem;

    #[test]
    fn names_of_copies() {
        assert_eq!(backup_stem("orders_bak"), Some("orders"));
        assert_eq!(backup_stem("orders_backup_20250101"), Some("orders"));
        assert_eq!(backup_stem("orders_20250101_old"), Some("orders"));
        assert_eq!(backup_stem("_orders_old"), Some("orders"));
        assert_eq!(backup_stem("orders_copy2"), Some("orders"));
        assert_eq!(backup_stem("old_orders"), Some("orders"));
        assert_eq!(backup_stem("orders"), None);
        assert_eq!(backup_stem("orders_2025"), None);
        assert_eq!(backup_stem("threshold"), None);
    }
}
