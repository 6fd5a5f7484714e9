//! An object that is there and differs: which of its properties are changed, how, and which are left.

use std::collections::BTreeSet;

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Object};
use trueup_model::difference::Change;
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::{Alter, Causes, Draft};
use crate::dialect::Alteration;
use crate::dialect::columns::fed_by_new;
use crate::dialect::probes::Fit;
use crate::findings::Sides;
use crate::repair::altered::{alteration, rank};
use crate::repair::loss;

impl Draft<'_> {
    pub(super) fn alter(&mut self, path: &ObjectPath, aspects: &[(usize, &'static str)]) {
        let sides = self.sides;
        let (Some(after), Some(before)) = (sides.expected.find(path), sides.found.find(path)) else {
            // It is still elsewhere, because that difference stays.
            for (number, _) in aspects {
                self.refused.insert(*number, Reason::Follows(path.clone()));
            }
            return;
        };
        let (aspects, stays): (Vec<(usize, &'static str)>, Vec<_>) =
            aspects.iter().copied().partition(|(_, aspect)| !self.stays_alone(path, aspect, after));
        for (number, _) in stays {
            let table = self.relation_of(path).unwrap_or_else(|| path.clone());
            self.refused.insert(number, Reason::Follows(table));
        }
        let (aspects, numbers_silent) = self.without_settled_by_names(&aspects, before, after);
        self.silent.extend(numbers_silent);
        let all: Vec<(usize, &'static str, Alteration)> = aspects
            .iter()
            .map(|(number, aspect)| (*number, *aspect, alteration(aspect, before, after, sides)))
            .collect();
        let numbers: Causes = aspects.iter().map(|(number, _)| *number).collect();
        let becomes_computed = self.becomes_computed(path, before, after);
        if becomes_computed && !self.request.allowed.allow(path) {
            let reason = format!(
                "only a new column can be a generated one: {path} would be dropped, with the values that stand in it, \
                 and added again"
            );
            for (number, aspect, _) in all {
                let reason = match aspect {
                    "generated" => Reason::NeedsPermission(reason.clone()),
                    _ => Reason::Follows(path.clone()),
                };
                self.refused.insert(number, reason);
            }
            return;
        }
        if becomes_computed
            || self.anew.contains(path)
            || all.iter().any(|(_, _, alteration)| *alteration == Alteration::Rebuild)
        {
            self.rebuild(path, path, &numbers);
            return;
        }
        for (number, aspect, alteration) in all {
            let may_be_done = !matches!(alteration, Alteration::Impossible(_));
            let without_parent = || self.without_parent(path, aspect, after).filter(|_| may_be_done);
            let held = || held_inside(path, &alteration, sides);
            let from_before = || match &after.object {
                Object::Column(column) if matches!(aspect, "default" | "type") => {
                    column.default.as_ref().filter(|it| is_from_before(it)).map(|_| default_from_before(path))
                }
                _ => None,
            };
            let reason =
                self.forbidden(path, aspect).or_else(without_parent).or_else(held).or_else(from_before);
            if let Some(reason) = reason {
                self.refused.insert(number, reason);
                continue;
            }
            match alteration {
                Alteration::Rebuild => {}
                Alteration::Impossible(reason) => {
                    self.refused.insert(number, Reason::Impossible(reason));
                }
                Alteration::Statements(statements) if statements.is_empty() => {
                    self.silent.insert(number);
                    self.sequences_for_default(path, aspect, number);
                }
                Alteration::Statements(statements) => {
                    self.sequences_for_default(path, aspect, number);
                    let changes = self.changes.entry(path.clone()).or_default();
                    // Two properties may ask for the same.
                    match changes.iter_mut().find(|change| change.statements == statements) {
                        Some(change) => {
                            change.aspects.push(aspect);
                            change.settles.insert(number);
                        }
                        None => changes.push(Alter {
                            aspects: vec![aspect],
                            settles: BTreeSet::from([number]),
                            statements,
                        }),
                    }
                }
            }
        }
        if let Some(changes) = self.changes.get_mut(path) {
            changes.sort_by_key(|change| {
                change.aspects.iter().map(|aspect| rank(aspect, after)).min().unwrap_or_default()
            });
            // A default is one of its type, forth and back.
            let at = |changes: &[Alter], aspect| {
                changes.iter().position(|change| change.aspects.contains(&aspect))
            };
            let waits = match &after.object {
                Object::Column(column) => column.default.as_ref().is_some_and(|default| {
                    path.relation().is_some_and(|relation| fed_by_new(&relation, default, sides))
                }),
                _ => false,
            };
            if let (Some(first), Some(then)) = (at(changes, "type"), at(changes, "default"))
                && first < then
                && !waits
            {
                let more = changes.remove(then);
                changes[first].aspects.extend(more.aspects);
                changes[first].settles.extend(more.settles);
                changes[first].statements.extend(more.statements);
            }
        }
    }

    /// The sequence that a default takes from is not told where its table was moved.
    fn sequences_for_default(&mut self, path: &ObjectPath, aspect: &str, number: usize) {
        let sequences = if aspect == "default" { self.sequences_of(path) } else { Vec::new() };
        for sequence in sequences {
            if !self.sides.found.contains(&sequence) {
                self.create(&sequence, number);
            }
        }
    }

    /// What differs only by names that things have until they are moved differs no more.
    fn without_settled_by_names(
        &self,
        aspects: &[(usize, &'static str)],
        before: &Entry,
        after: &Entry,
    ) -> (Vec<(usize, &'static str)>, Causes) {
        if self.known.moves.is_empty() {
            return (aspects.to_vec(), Causes::new());
        }
        let alone = |catalog: &Catalog, entry: &Entry| {
            Catalog::new(catalog.server_version, vec![entry.clone()]).migrated_by(catalog.migrator.clone())
        };
        let rest = crate::compare(&alone(self.sides.expected, after), &alone(self.sides.found, before));
        let differs = |aspect: &str| {
            rest.iter().any(|rest| matches!(&rest.change, Change::Different(rest) if rest.name == aspect))
        };
        // The order of columns is not a matter of one entry.
        let (stay, gone): (Vec<_>, Vec<_>) =
            aspects.iter().copied().partition(|(_, aspect)| *aspect == "column-order" || differs(aspect));
        (stay, gone.into_iter().map(|(number, _)| number).collect())
    }

    /// What loses values, or may, has to be asked for. What can be counted is: then the rows decide.
    fn forbidden(&self, path: &ObjectPath, aspect: &str) -> Option<Reason> {
        if self.request.allowed.allow(path) {
            return None;
        }
        match (path.kind, aspect) {
            (ObjectKind::Column, "type") if loss::fit(path, self) == Fit::Unknown => {
                let reason = format!(
                    "nobody can tell beforehand which values of {path} stay the same in its new type"
                );
                Some(Reason::NeedsPermission(reason))
            }
            (ObjectKind::CompositeType, "attributes") => {
                let gone = self.attributes_gone(path);
                (!gone.is_empty()).then(|| {
                    Reason::NeedsPermission(format!(
                        "columns lose the values of {} in {path}",
                        gone.join(", ")
                    ))
                })
            }
            _ => None,
        }
    }

    /// A column of one table alone with values of its own that should be computed.
    pub fn becomes_computed(&self, path: &ObjectPath, before: &Entry, after: &Entry) -> bool {
        let (Object::Column(there), Object::Column(wanted)) = (&before.object, &after.object) else {
            return false;
        };
        let is_asked =
            |(number, aspect): (usize, &str)| aspect == "generated" && self.wanted.contains(&number);
        there.generated.is_none()
            && wanted.generated.is_some()
            && !there.inherited
            && !wanted.inherited
            && path.relation().is_some_and(|table| self.known.children_of(&table).is_empty())
            && self.aspects_of(path).any(is_asked)
    }
}

/// PostgreSQL looks at the values of a domain in columns of it, and nowhere else.
fn held_inside(path: &ObjectPath, alteration: &Alteration, sides: &Sides<'_>) -> Option<Reason> {
    let Alteration::Statements(statements) = alteration else { return None };
    let looks =
        |statement: &String| statement.contains(" ADD CONSTRAINT ") || statement.contains(" SET NOT NULL");
    if path.kind != ObjectKind::Domain || !statements.iter().any(looks) {
        return None;
    }
    let array = |entry: &&Entry| match &entry.object {
        Object::Column(column) => {
            let of = column.data_type.as_str().strip_suffix("[]");
            of.is_some_and(|of| crate::dialect::is_type(of, path))
        }
        _ => false,
    };
    let column = sides.found.entries().iter().find(array)?;
    Some(Reason::Impossible(format!(
        "the column {} needs it for arrays, and PostgreSQL cannot look at the values in these",
        column.path
    )))
}

/// A value of a composite type from before that got another attribute: PostgreSQL shows it like this, and takes it from
/// nobody.
pub(in crate::repair) fn is_from_before(default: &Text) -> bool {
    default.as_str().contains("ROW(") && default.as_str().contains(", NULL)")
}

pub(in crate::repair) fn default_from_before(path: &ObjectPath) -> Reason {
    Reason::Impossible(format!(
        "the default of {path} is from before its type got another attribute, and would not be the same"
    ))
}
