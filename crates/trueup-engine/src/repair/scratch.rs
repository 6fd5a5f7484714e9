//! On a scratch server no row is worth anything: what PostgreSQL cannot change there, or has no statement for, is
//! dropped and made anew as a whole.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use trueup_model::Catalog;
use trueup_model::difference::Change;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::around::can_be_made_anew;
use super::draft::{Causes, Draft};

/// What is to be made anew next time, because there is no other way to what was refused.
pub(super) fn made_anew_instead(draft: &Draft<'_>) -> BTreeSet<ObjectPath> {
    let mut anew = BTreeSet::new();
    if !draft.request.allowed.are_scratch() {
        return anew;
    }
    for (number, reason) in &draft.refused {
        let difference = &draft.request.differences[*number];
        match reason {
            // Nobody looks at that on a scratch server.
            Reason::Impossible(_) if !is_order(draft, *number) => {}
            Reason::Impossible(_) | Reason::NeedsPermission(_) | Reason::Follows(_) => continue,
        }
        let path = draft.known.path(&difference.path);
        anew.extend(whole(draft, &path).filter(|whole| !draft.anew.contains(whole)));
    }
    anew
}

/// Whether it is about the order of columns.
fn is_order(draft: &Draft<'_>, number: usize) -> bool {
    let change = &draft.request.differences[number].change;
    matches!(change, Change::Different(aspect) if aspect.name == "column-order")
}

/// What has to be made anew for a part of it, or for itself, where it is there and stays.
pub(super) fn whole(draft: &Draft<'_>, path: &ObjectPath) -> Option<ObjectPath> {
    let whole = if path.is_part() { draft.relation_of(path)? } else { path.clone() };
    let stays = draft.sides.found.contains(&whole) && draft.sides.expected.contains(&whole);
    let can =
        can_be_made_anew(whole.kind) || whole.kind == ObjectKind::Table || whole.kind == ObjectKind::Sequence;
    (stays && can).then_some(whole)
}

/// Whether something may be made anew that keeps rows.
pub(super) fn may_be_made_anew(draft: &Draft<'_>, kind: ObjectKind) -> bool {
    can_be_made_anew(kind)
        || draft.request.allowed.are_scratch() && matches!(kind, ObjectKind::Table | ObjectKind::Sequence)
}

/// What was found to be in the way of something else as it is.
pub(super) fn make_anew(draft: &mut Draft<'_>) {
    if !draft.request.allowed.are_scratch() {
        return;
    }
    let anew: Vec<ObjectPath> = draft.anew.iter().cloned().collect();
    for path in anew {
        if whole(draft, &path).as_ref() != Some(&path) {
            continue;
        }
        let of = |number: &usize| {
            let other = draft.known.path(&draft.request.differences[*number].path);
            other == path || draft.relation_of(&other).as_ref() == Some(&path)
        };
        let causes: Causes = draft.wanted.iter().copied().filter(of).collect();
        // What was refused even so is left.
        let all = 0..draft.request.differences.len();
        let refused =
            all.filter(|number| of(number) && !draft.wanted.contains(number) && !is_order(draft, *number));
        if !causes.is_empty() || refused.count() == 0 {
            draft.rebuild(&path, &path, &causes);
        }
    }
}

/// Columns come and go with a table that is made anew, whatever was to be done to them. What nobody wants does not come
/// again.
pub(super) fn parts_come_with_tables(draft: &mut Draft<'_>) {
    if draft.request.allowed.are_scratch() {
        let expected = draft.sides.expected;
        draft.creations.retain(|path, _| expected.contains(path));
    }
    let anew = tables(draft);
    if anew.is_empty() {
        return;
    }
    let of = |draft: &Draft<'_>, path: &ObjectPath| {
        draft.relation_of(path).filter(|table| path.kind == ObjectKind::Column && anew.contains(table))
    };
    let gone: BTreeMap<ObjectPath, ObjectPath> =
        draft.removals.keys().filter_map(|path| Some((path.clone(), of(draft, path)?))).collect();
    for (path, table) in gone {
        let Some(removal) = draft.removals.get_mut(&path) else { continue };
        removal.along = Some(table.clone());
        let settles = std::mem::take(&mut removal.settles);
        if let Some(removal) = draft.removals.get_mut(&table) {
            removal.settles.extend(settles);
        }
    }
    let made: BTreeMap<ObjectPath, ObjectPath> =
        draft.creations.keys().filter_map(|path| Some((path.clone(), of(draft, path)?))).collect();
    for (path, table) in made {
        let Some(column) = draft.creations.remove(&path) else { continue };
        if let Some(creation) = draft.creations.get_mut(&table) {
            creation.causes.extend(column.causes);
            creation.settles.extend(column.settles);
        }
    }
    let detached: Vec<ObjectPath> =
        draft.detached.keys().filter(|path| of(draft, path).is_some()).cloned().collect();
    for path in detached {
        draft.detached.remove(&path);
    }
}

/// The tables that are dropped and made anew.
fn tables(draft: &Draft<'_>) -> BTreeSet<ObjectPath> {
    if !draft.request.allowed.are_scratch() {
        return BTreeSet::new();
    }
    let comes_again =
        |path: &&ObjectPath| path.kind == ObjectKind::Table && draft.creations.contains_key(*path);
    draft.removals.keys().filter(comes_again).cloned().collect()
}

/// What was found, as it is when such tables are made: without them and what went along.
pub(super) fn found_then<'d>(draft: &Draft<'d>) -> Cow<'d, Catalog> {
    let anew = tables(draft);
    if anew.is_empty() {
        return Cow::Borrowed(draft.sides.found);
    }
    let is_gone = |path: &ObjectPath| {
        anew.contains(path)
            || draft.relation_of(path).is_some_and(|table| anew.contains(&table))
            || path.kind == ObjectKind::Sequence && draft.removals.contains_key(path)
    };
    Cow::Owned(draft.sides.found.clone().without(is_gone))
}
