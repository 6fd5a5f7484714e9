//! What two catalogs differ in besides what may differ: for those who hold a database to a catalog.

use std::collections::BTreeSet;

use trueup_model::difference::Change;
use trueup_model::repair::Repair;
use trueup_model::{Catalog, Difference, ObjectKind, ObjectPath};

use crate::compare;

/// Differences that are known and stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tolerated(BTreeSet<Key>);

/// What tells a difference from all others, whatever the expected value is.
type Key = (String, String);

impl Tolerated {
    pub fn these<'a>(differences: impl IntoIterator<Item = &'a Difference>) -> Self {
        Self(differences.into_iter().map(key).collect())
    }

    /// What a repair does not settle.
    pub fn left_by(repair: &Repair, differences: &[Difference]) -> Self {
        let settled: BTreeSet<usize> =
            repair.steps.iter().flat_map(|step| step.settles.iter().copied()).collect();
        let left = differences.iter().enumerate().filter(|(index, _)| !settled.contains(index));
        Self::these(left.map(|(_, difference)| difference))
    }

    pub fn contains(&self, difference: &Difference) -> bool {
        self.0.contains(&key(difference))
    }

    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// What differs besides, in words.
    pub fn others(&self, wanted: &Catalog, there: &Catalog) -> Vec<String> {
        self.others_but(wanted, there, &|_| false)
    }

    /// As [`Tolerated::others`], without what somebody else lets pass.
    pub fn others_but(
        &self,
        wanted: &Catalog,
        there: &Catalog,
        passes: &dyn Fn(&Difference) -> bool,
    ) -> Vec<String> {
        compare(wanted, there)
            .iter()
            .filter(|difference| !passes(difference))
            .filter(|difference| !is_order_of_columns(difference) && !is_only_another_role(difference))
            .filter(|difference| !self.0.contains(&key(difference)) && !self.is_look_alike(difference))
            .map(told)
            .collect()
    }

    /// Of something that stays away another that stays may look like the one that was meant, once a third one is gone.
    fn is_look_alike(&self, difference: &Difference) -> bool {
        let holds = |path: &ObjectPath, change: Change| {
            self.0.contains(&key(&Difference { path: path.clone(), change }))
        };
        match &difference.change {
            Change::Renamed { to } | Change::Misplaced { to } => {
                holds(&difference.path, Change::Missing) && holds(to, Change::Unexpected)
            }
            Change::Missing | Change::Unexpected | Change::Different(_) => {
                difference.path.relation().is_some_and(|relation| {
                    let tables = [ObjectKind::Table, ObjectKind::View, ObjectKind::MaterializedView];
                    tables.into_iter().any(|kind| {
                        let whole = ObjectPath::in_schema(kind, &relation.schema, &relation.name);
                        holds(&whole, Change::Missing) || holds(&whole, Change::Unexpected)
                    })
                })
            }
        }
    }
}

/// What differs at all, in words.
pub fn differ(wanted: &Catalog, there: &Catalog) -> Vec<String> {
    Tolerated::default().others(wanted, there)
}

/// A column that comes back comes last: PostgreSQL knows no other place for it.
fn is_order_of_columns(difference: &Difference) -> bool {
    matches!(&difference.change, Change::Different(aspect) if aspect.name == "column-order")
}

/// Who migrates has another name on a scratch server, and there that may be the name of somebody else here.
fn is_only_another_role(difference: &Difference) -> bool {
    matches!(&difference.change, Change::Different(aspect) if speaks_of_roles(aspect.name) && aspect.expected == aspect.found)
}

/// Who owns something, or may use it.
pub fn is_about_roles(difference: &Difference) -> bool {
    matches!(&difference.change, Change::Different(aspect) if speaks_of_roles(aspect.name))
}

fn speaks_of_roles(aspect: &str) -> bool {
    matches!(aspect, "owner" | "privileges")
}

fn key(difference: &Difference) -> Key {
    let change = match &difference.change {
        Change::Missing => "missing".to_owned(),
        Change::Unexpected => "unexpected".to_owned(),
        Change::Renamed { to } => format!("renamed {to}"),
        Change::Misplaced { to } => format!("misplaced {to}"),
        // The same role can have two names.
        Change::Different(aspect) if speaks_of_roles(aspect.name) => aspect.name.to_owned(),
        Change::Different(aspect) => format!("{} {}", aspect.name, aspect.found),
    };
    (format!("{} {}", difference.path.kind, difference.path), change)
}

fn told(difference: &Difference) -> String {
    let object = format!("{} {}", difference.path.kind.spoken(), difference.path);
    match &difference.change {
        Change::Missing => format!("{object} is missing"),
        Change::Unexpected => format!("{object} is there besides"),
        Change::Renamed { to } => format!("{object} is called {}", to.name()),
        Change::Misplaced { to } => format!("{object} stands at {to}"),
        Change::Different(aspect) => format!(
            "{} of {object} is {} instead of {}",
            aspect.name.replace('-', " "),
            aspect.found,
            aspect.expected
        ),
    }
}
