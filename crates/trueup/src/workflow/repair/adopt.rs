//! The other direction: what the database has becomes what the history says. The steps are those that would make a
//! healthy database so; on the database at hand they find everything done.

use std::collections::BTreeSet;

use trueup_database::prove::{measure_steps, run_steps, state_with_dependencies};
use trueup_database::shadow::Shadow;
use trueup_engine::dialect::SETTINGS;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize};
use trueup_engine::tolerance::Tolerated;
use trueup_engine::{compare, plan, script};
use trueup_model::difference::Change;
use trueup_model::repair::{Inverse, Left, Reason, Repair};
use trueup_model::{Catalog, Dependencies, Difference, ObjectPath};

use super::{name_permissions, reading_shadow, unproven};
use crate::exit::Exit;
use crate::failure::Failure;

/// What the database is to be made.
pub(super) struct Aim {
    pub catalog: Catalog,
    pub needs: Dependencies,
    /// What the history takes over; most of the time nothing.
    pub adopted: Repair,
    pub differences: Vec<Difference>,
    /// What stays as it is, since nothing can be said about it.
    pub left_open: Vec<Difference>,
    pub fix: BTreeSet<usize>,
}

/// The aim with these differences taken over. The shadow holds what `aim` says; afterwards it is of no further use.
pub(super) fn adopt(
    aim: Aim,
    (found, found_needs): (&Catalog, &Dependencies),
    chosen: &BTreeSet<usize>,
    allowed: &Permissions,
    file: &(dyn Fn(&str) -> Option<String> + Sync),
    shadow: &mut dyn Shadow,
) -> Result<Aim, Failure> {
    let adopted: Vec<&Difference> = chosen.iter().map(|index| &aim.differences[*index]).collect();
    let opposite = compare(found, &aim.catalog);
    let mut repair = plan(&PlanRequest {
        sides: &Sides { expected: found, found: &aim.catalog },
        differences: &opposite,
        chosen: &counterparts(&adopted, &opposite),
        expected_needs: found_needs,
        found_needs: &aim.needs,
        allowed,
        sizes: &|_| Some(TableSize { rows: 0, bytes: 0 }),
        file,
    });
    if !repair.left.is_empty() {
        for Left { object, reason, .. } in &mut repair.left {
            if let (Reason::NeedsPermission(why), false) = (&mut *reason, found.contains(object)) {
                "this database has none any more, and every other one would lose its own".clone_into(why);
            }
        }
        name_permissions(&mut repair, &[found, &aim.catalog]);
        return Ok(Aim { adopted: repair, fix: BTreeSet::new(), ..aim });
    }
    for step in &mut repair.steps {
        step.inverse = Inverse::Impossible("it was in the database before".to_owned());
    }
    measure_steps(shadow, SETTINGS, &mut repair).map_err(unproven)?;
    script::guard_by_what_it_makes_way_for(&mut repair);
    let (catalog, needs) = state_with_dependencies(shadow.session()).map_err(reading_shadow)?;
    let kept = aim.differences.iter().enumerate().filter(|(index, _)| !chosen.contains(index));
    let kept = Tolerated::these(kept.map(|(_, difference)| difference).chain(&aim.left_open));
    let besides = kept.others(&catalog, found);
    if !besides.is_empty() {
        let mut failure = Failure::new(format!(
            "adopting what the database has: it cannot be taken over alone: {}",
            besides.join("; ")
        ));
        failure.exit = Exit::Refused;
        return Err(failure.hint("adopt what it needs as well, or leave it out"));
    }
    let to_fix = Tolerated::these(aim.fix.iter().map(|index| &aim.differences[*index]));
    let differences = compare(&catalog, found);
    let fix = (0..differences.len()).filter(|index| to_fix.contains(&differences[*index])).collect();
    Ok(Aim { catalog, needs, adopted: repair, differences, left_open: aim.left_open, fix })
}

/// Brings a shadow with what the history says to what it will say.
pub(super) fn bring(shadow: &mut dyn Shadow, adopted: &Repair) -> Result<(), Failure> {
    run_steps(shadow, SETTINGS, adopted).map_err(unproven)
}

/// The differences of the other direction that are about the same.
fn counterparts(adopted: &[&Difference], opposite: &[Difference]) -> BTreeSet<usize> {
    let names: BTreeSet<&ObjectPath> = adopted.iter().flat_map(|difference| both_names(difference)).collect();
    let is_about = |difference: &Difference| {
        both_names(difference).iter().any(|name| names.contains(*name))
            && adopted.iter().any(|one| match (&one.change, &difference.change) {
                (Change::Different(one), Change::Different(other)) => one.name == other.name,
                (Change::Different(_), _) | (_, Change::Different(_)) => false,
                (
                    Change::Missing | Change::Unexpected | Change::Renamed { .. } | Change::Misplaced { .. },
                    Change::Missing | Change::Unexpected | Change::Renamed { .. } | Change::Misplaced { .. },
                ) => true,
            })
    };
    (0..opposite.len()).filter(|index| is_about(&opposite[*index])).collect()
}

fn both_names(difference: &Difference) -> Vec<&ObjectPath> {
    match &difference.change {
        Change::Renamed { to } | Change::Misplaced { to } => vec![&difference.path, to],
        Change::Missing | Change::Unexpected | Change::Different(_) => vec![&difference.path],
    }
}
