//! Recognises migrations that ran without being recorded: objects that nobody expects yet, and that a pending
//! migration makes.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::difference::{Change, Difference, Nature};
use trueup_model::finding::NamedCode;
use trueup_model::path::ObjectKind;
use trueup_model::{Catalog, Code, Finding, Migration, ObjectPath, Origin, QualifiedName, Severity};

use crate::compare;
use crate::provenance::Claims;

/// What stands in a finding before the names of what is missing, and before what is not as it should be.
pub(crate) const MISSING: &str = "; missing: ";
pub(crate) const OTHERWISE: &str = "; not as the file says: ";

/// A migration that ran without being recorded, and the tables of it that are there.
pub struct Unrecorded {
    pub finding: Finding,
    pub tables: Vec<QualifiedName>,
}

/// Takes the differences that pending migrations explain out of `differences` and returns what is to be said of each
/// such migration. `head` is the catalog with all migrations applied, `claims` is made of that replay. That something
/// is there under the name is not enough: it is held against `head`, and where that does not agree, against the catalog
/// `after` the migration itself, for later ones may not have run either. What differs is said.
pub fn explain(
    differences: &mut Vec<Difference>,
    head: &Catalog,
    found: &Catalog,
    claims: &Claims<'_>,
    pending: &BTreeSet<usize>,
    after: &mut dyn FnMut(usize) -> Option<Catalog>,
) -> Vec<Unrecorded> {
    let mut present: BTreeMap<usize, BTreeSet<ObjectPath>> = BTreeMap::new();
    for difference in differences.iter() {
        if !matches!(difference.change, Change::Unexpected) || !head.contains(&difference.path) {
            continue;
        }
        let maker = claims
            .statement(&difference.path, None)
            .and_then(|at| usize::try_from(at.migration).ok())
            .filter(|migration| pending.contains(migration));
        if let Some(migration) = maker {
            present.entry(migration).or_default().insert(difference.path.clone());
        }
    }
    let explained: BTreeSet<ObjectPath> = present.values().flatten().cloned().collect();
    differences.retain(|difference| !explained.contains(&difference.path));
    let deviations = if present.is_empty() { Vec::new() } else { compare(head, found) };
    let mut looks = MOST_LOOKS;
    present
        .into_iter()
        .filter_map(|(migration, there)| {
            let number = u32::try_from(migration).ok()?;
            let mut holding = Holding::of(head, &deviations, &there, number, claims);
            if holding.deviates() > 0 && looks > 0 {
                looks -= 1;
                if let Some(then) = after(migration) {
                    let earlier = Holding::of(&then, &compare(&then, found), &there, number, claims);
                    if earlier.deviates() < holding.deviates() {
                        holding = earlier;
                    }
                }
            }
            let content = claims.history.migrations.get(migration)?;
            Some(Unrecorded { finding: holding.finding(content), tables: tables(&there) })
        })
        .collect()
}

/// A history is not replayed to more of its states than this.
const MOST_LOOKS: usize = 5;

fn tables(there: &BTreeSet<ObjectPath>) -> Vec<QualifiedName> {
    let tables = there.iter().filter(|path| path.kind == ObjectKind::Table);
    tables.filter_map(ObjectPath::qualified).collect()
}

/// What a migration makes, held against what is there of it.
struct Holding {
    /// Objects that are there, without those that are parts of others.
    wholes: usize,
    /// All that should be there.
    all: usize,
    absent: Vec<String>,
    otherwise: Vec<String>,
}

impl Holding {
    fn of(
        wanted: &Catalog,
        deviations: &[Difference],
        there: &BTreeSet<ObjectPath>,
        number: u32,
        claims: &Claims<'_>,
    ) -> Self {
        let created: BTreeSet<&ObjectPath> =
            claims.journal.created_by(number).map(|(path, _)| path).collect();
        // What belongs to an object that the migration makes as well comes and goes with it.
        let absent: Vec<&ObjectPath> = created
            .iter()
            .copied()
            .filter(|path| !there.contains(*path) && !goes_with_its_table(path, wanted, &created))
            .chain(absent_columns(deviations, number, claims))
            .filter(|path| !created.iter().any(|whole| is_part_of(path, whole)))
            .collect();
        let wholes = there.iter().filter(|path| !there.iter().any(|whole| is_part_of(path, whole))).count();
        let lacking = deviations.iter().filter(|difference| {
            matches!(difference.change, Change::Missing)
                && there.iter().any(|whole| is_part_of(&difference.path, whole))
                && !absent.contains(&&difference.path)
                && deviation(difference, number, claims).is_some()
        });
        // Of a table that is there, what it lacks counts as well: nobody is told that all is there.
        let all = wholes + absent.len() + lacking.count();
        let otherwise = deviations
            .iter()
            .filter(|difference| {
                there.iter().any(|whole| difference.path == *whole || is_part_of(&difference.path, whole))
            })
            .filter_map(|difference| deviation(difference, number, claims))
            .collect();
        Self { wholes, all, absent: absent.iter().map(ToString::to_string).collect(), otherwise }
    }

    fn deviates(&self) -> usize {
        self.absent.len() + self.otherwise.len()
    }

    fn finding(&self, migration: &Migration) -> Finding {
        let (code, hint) = match (self.absent.is_empty(), self.otherwise.is_empty()) {
            (true, true) => (
                NamedCode::UnrecordedMigration,
                "everything that it makes is there: record it once the rest of the schema agrees",
            ),
            (true, false) => (
                NamedCode::UnrecordedMigration,
                "it was not this file that ran here: recording it would hide what differs, and running it fails at \
                 the first object that exists already",
            ),
            (false, _) => (
                NamedCode::HalfAppliedMigration,
                "running it now fails at the first object that exists already",
            ),
        };
        let mut finding = Finding::new(Code::Named(code), Severity::Error);
        finding.expected = Some("not applied".to_owned());
        let mut said = match (self.wholes, self.all) {
            (1, 1) => "the one object that it makes is there".to_owned(),
            (wholes, all) if wholes == all => format!("all {all} objects that it makes are there"),
            (1, all) => format!("1 of {all} objects that it makes is there"),
            (wholes, all) => format!("{wholes} of {all} objects that it makes are there"),
        };
        if !self.absent.is_empty() {
            said.push_str(&format!("{MISSING}{}", self.absent.join(", ")));
        }
        if !self.otherwise.is_empty() {
            said.push_str(&format!("{OTHERWISE}{}", self.otherwise.join(", ")));
        }
        finding.found = Some(said);
        finding.hint = Some(hint.to_owned());
        let first = migration.up.first();
        finding.origin = Some(Origin {
            migration: migration.id.clone(),
            place: first.map(|statement| statement.place.clone()),
            excerpt: first.map(|statement| statement.text.clone()),
            recorded_at: None,
        });
        finding
    }
}

fn is_part_of(part: &ObjectPath, whole: &ObjectPath) -> bool {
    part.is_part() && !whole.is_part() && part.schema == whole.schema && part.head == whole.head
}

/// The sequence of a column of one of these tables.
fn goes_with_its_table(path: &ObjectPath, head: &Catalog, created: &BTreeSet<&ObjectPath>) -> bool {
    path.kind == ObjectKind::Sequence
        && head.owner_of(path).is_some_and(|owner| {
            let table = &owner.table;
            created.contains(&ObjectPath::in_schema(ObjectKind::Table, &table.schema, table.name.as_str()))
        })
}

/// Columns that the migration adds to tables of others: the journal has no number for them, only a statement.
fn absent_columns<'a>(
    deviations: &'a [Difference],
    migration: u32,
    claims: &Claims<'_>,
) -> impl Iterator<Item = &'a ObjectPath> {
    deviations
        .iter()
        .filter(move |difference| {
            matches!(difference.change, Change::Missing)
                && difference.path.kind == ObjectKind::Column
                && claims.statement(&difference.path, None).is_some_and(|at| at.migration == migration)
        })
        .map(|difference| &difference.path)
}

/// What is not as the migration makes it, in a few words; what another migration is responsible for is left out.
fn deviation(difference: &Difference, migration: u32, claims: &Claims<'_>) -> Option<String> {
    let is_its_own =
        |aspect| claims.statement(&difference.path, aspect).is_none_or(|at| at.migration == migration);
    let path = &difference.path;
    match &difference.change {
        Change::Missing => is_its_own(None).then(|| format!("{path} is missing")),
        Change::Unexpected => Some(format!("{path} is there besides")),
        Change::Renamed { to } => is_its_own(None).then(|| format!("{path} is called {}", to.name())),
        Change::Misplaced { to } => is_its_own(None).then(|| format!("{path} stands at {to}")),
        Change::Different(aspect) => (is_its_own(Some(aspect.name)) && aspect.nature == Nature::Logical)
            .then(|| format!("{} of {path} is {} instead of {}", aspect.name, aspect.found, aspect.expected)),
    }
}

/// Puts a finding with the others. Where the ledger itself says that a migration stopped in the middle, what was seen of
/// it joins that finding: one fact is told once. Gives the id of the finding that tells it.
pub fn merge(findings: &mut Vec<Finding>, seen: Finding) -> String {
    let name = |finding: &Finding| finding.origin.as_ref().map(|origin| origin.migration.clone());
    let told = findings.iter_mut().find(|finding| {
        finding.code == Code::Named(NamedCode::HalfAppliedMigration) && name(finding) == name(&seen)
    });
    let Some(told) = told else {
        let id = seen.id();
        findings.push(seen);
        return id;
    };
    told.found = match (told.found.take(), seen.found) {
        (Some(said), Some(more)) => Some(format!("{said}; {more}")),
        (said, more) => said.or(more),
    };
    if let (Some(origin), Some(seen)) = (&mut told.origin, seen.origin) {
        origin.place = origin.place.take().or(seen.place);
        origin.excerpt = origin.excerpt.take().or(seen.excerpt);
    }
    told.id()
}
