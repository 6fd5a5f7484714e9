//! The state of a live database on a scratch server: the history replayed there, and what leads from that to what was
//! found.

use std::collections::BTreeSet;

use trueup_database::expected::expected_on_shadow;
use trueup_database::shadow::Shadow;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize};
use trueup_engine::{compare, plan};
use trueup_model::catalog::Object;
use trueup_model::repair::Repair;
use trueup_model::{Catalog, Dependencies, History};

use super::Progress;
use super::load::Setting;
use crate::failure::Failure;

/// A shadow in the expected state, and what needs what there.
pub(super) fn fresh_shadow(
    setting: &Setting,
    history: &History,
    live_major: u32,
    progress: Progress<'_>,
) -> Result<(Box<dyn Shadow>, Dependencies), Failure> {
    let failure = |error: &dyn std::fmt::Display| {
        Failure::new(format!("replaying the history on a scratch database: {error}"))
    };
    let opener = setting.shadow_opener();
    let plan = setting.plan(opener.as_deref(), Some(live_major));
    let (shadow, _, needs) = expected_on_shadow(history, &plan, &mut |step| {
        progress(&format!("replaying {} of {}", step.done + 1, step.total));
    })
    .map_err(|error| failure(&error))?;
    Ok((shadow, needs))
}

/// The repair of the other direction, which only scratch servers ever see: what makes the expected state the found one.
pub(super) fn make_found(
    (expected, expected_needs): (&Catalog, &Dependencies),
    (found, found_needs): (&Catalog, &Dependencies),
) -> Repair {
    // Nothing makes an index that is not valid; the shadow is told afterwards.
    let found = &with_valid_indexes(found);
    let opposite = compare(found, expected);
    let all: BTreeSet<usize> = (0..opposite.len()).collect();
    plan(&PlanRequest {
        sides: &Sides { expected: found, found: expected },
        differences: &opposite,
        chosen: &all,
        expected_needs: found_needs,
        found_needs: expected_needs,
        allowed: &Permissions::Scratch,
        sizes: &|_| Some(TableSize { rows: 0, bytes: 0 }),
        file: &|_| None,
    })
}

fn with_valid_indexes(found: &Catalog) -> Catalog {
    let mut entries = found.entries().to_vec();
    for entry in &mut entries {
        if let Object::Index(index) = &mut entry.object {
            index.valid = true;
        }
    }
    let mut catalog = Catalog::new(found.server_version, entries);
    catalog.migrator.clone_from(&found.migrator);
    catalog
}
