//! Judges differences: which code, how grave, who claims it, what to know about it.

mod described;
mod unexpected;
mod with_column;

mod copies;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use trueup_model::catalog::Object;
use trueup_model::difference::{Aspect, Change, Difference, Nature};
use trueup_model::finding::NamedCode;
use trueup_model::path::ObjectKind;
use trueup_model::{Catalog, Code, Finding, Ident, ObjectPath, Severity};

use crate::provenance::Claims;

pub use described::described;
use unexpected::unexpected;

/// Both catalogs, for judgements that need more than the difference.
pub struct Sides<'a> {
    pub expected: &'a Catalog,
    pub found: &'a Catalog,
}

/// The findings in report order: one for each difference, but for what went with a missing column.
pub fn judge(differences: &[Difference], sides: &Sides<'_>, claims: &Claims<'_>) -> Vec<Finding> {
    let bench = Bench::of(differences, sides, claims);
    let mut findings: Vec<Finding> =
        differences.iter().map(|difference| finding(difference, &bench)).collect();
    with_column::leave_out(&mut findings, sides.expected);
    findings.sort_by(Finding::report_order);
    findings
}

/// What one difference is judged by: the catalogs, the history, and the other differences.
struct Bench<'a> {
    sides: &'a Sides<'a>,
    claims: &'a Claims<'a>,
    /// Where every object is owned alike, owners and rights differ by environment and say nothing.
    owned_alike: bool,
    /// Who migrates is told by the ledger, or by the role that owns most.
    migrator_is_known: bool,
    /// What differs in more than its name or place, and relations of which a part does.
    not_alike: BTreeSet<&'a ObjectPath>,
    relations_not_alike: BTreeSet<Place<'a>>,
    /// Where something was found, and what it is in the history.
    known: BTreeMap<&'a ObjectPath, &'a ObjectPath>,
    known_relations: BTreeMap<Place<'a>, &'a ObjectPath>,
    /// As [`Bench::unlisted`] gives it, counted for all schemas when the first one is asked for.
    unlisted: OnceCell<BTreeMap<&'a Ident, usize>>,
    /// Names of expected tables, when somebody asks.
    tables: OnceCell<BTreeSet<&'a Ident>>,
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
            migrator_is_known: claims.ledger.table.is_some() || sides.found.has_a_commonest_owner(),
            not_alike: BTreeSet::new(),
            relations_not_alike: BTreeSet::new(),
            known: BTreeMap::new(),
            known_relations: BTreeMap::new(),
            unlisted: OnceCell::new(),
            tables: OnceCell::new(),
        };
        for Difference { path, change } in differences {
            match change {
                Change::Renamed { to } | Change::Misplaced { to } => {
                    bench.known.insert(to, path);
                    if path.kind.is_relation() {
                        bench.known_relations.insert(place(to), path);
                    }
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

    /// What an object of the found side is in the history, by itself or as a part of its relation.
    fn known_as(&self, path: &ObjectPath) -> Option<ObjectPath> {
        let relation = self.known_relations.get(&place(path)).filter(|_| path.is_part());
        let known = match (self.known.get(path), relation) {
            (Some(known), _) => (*known).clone(),
            (None, Some(relation)) => {
                ObjectPath { schema: relation.schema.clone(), head: relation.head.clone(), ..path.clone() }
            }
            (None, None) => path.clone(),
        };
        self.sides.expected.contains(&known).then_some(known)
    }

    /// In whatever schema.
    fn expects_table_named(&self, name: &Ident) -> bool {
        let names = self.tables.get_or_init(|| {
            let entries = self.sides.expected.entries().iter();
            entries
                .filter(|entry| entry.path.kind == ObjectKind::Table)
                .map(|entry| &entry.path.head)
                .collect()
        });
        names.contains(name)
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
        Change::Different(aspect) => different(path, aspect, bench),
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

fn different(path: &ObjectPath, aspect: &Aspect, bench: &Bench<'_>) -> Finding {
    let severity = match aspect.nature {
        Nature::Physical => Severity::Info,
        Nature::Access if bench.owned_alike || !bench.migrator_is_known => Severity::Info,
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
            severity,
            Some(if bench.migrator_is_known {
                "migrations that alter it will fail with \"must be owner\""
            } else {
                "no role owns more than the others: nobody can tell which of them migrates"
            }),
        ),
        ("identity", _) => (
            Code::Different(path.kind),
            severity,
            Some(match (counts_up(&aspect.expected), counts_up(&aspect.found)) {
                (true, true) => {
                    "both count up by themselves; a framework's version may have changed from one to the other"
                }
                (true, false) => "an INSERT that gives no value gets no number any more",
                (false, _) => "an INSERT that gives no value gets a number that no migration asks for",
            }),
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

/// Whether a column takes its values from a sequence of its own, by what is said about where they come from.
fn counts_up(source: &str) -> bool {
    source == "serial" || source.starts_with("identity (")
}
