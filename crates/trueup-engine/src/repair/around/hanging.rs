//! Something goes, and something else hangs on it: what is done with that.

use trueup_model::Catalog;
use trueup_model::catalog::{Column, Object, OwnedBy};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::families::{comes_from_parent, leaves, of_parent, parents_column, stays_with_its_own_table};
use super::{can_be_made_anew, view_of, words};
use crate::repair::draft::{Causes, Draft, Removal};
use crate::repair::scratch::{self, may_be_made_anew};

pub(super) fn hangs_on(
    draft: &mut Draft<'_>,
    user: &ObjectPath,
    path: &ObjectPath,
    again: bool,
    causes: &Causes,
) {
    if let Some(removal) = draft.removals.get_mut(user) {
        removal.causes.extend(causes);
        if again && let Some(creation) = draft.creations.get_mut(user) {
            creation.causes.extend(causes);
        }
        if !again || draft.creations.contains_key(user) {
            return;
        }
        // Nobody expects it, and it goes for good.
        return;
    }
    // What stood in a schema and is moved needs it no more.
    let moved =
        path.kind == ObjectKind::Schema && user.schema.as_ref().is_some_and(|schema| *schema != path.head);
    if moved || needs_nothing_done(user, path) || stays_with_its_own_table(draft, user, path) {
        return;
    }
    match stays_without_its_column(draft, user, path) {
        Stays::No => {}
        // It lets go of the old one first: the new one may not be there yet.
        Stays::Yes => {
            let detached = draft.detached.entry(user.clone());
            detached.or_insert_with(|| (Causes::new(), path.clone())).0.extend(causes);
            return;
        }
        // It would go with it, and nobody asked for that.
        Stays::ButIsNotToChange => return draft.refuse(causes, &Reason::Follows(user.clone())),
    }
    // It goes and comes with the one that it is from.
    if let Some(parent) = parents_column(draft, user)
        && draft.removals.contains_key(&parent)
    {
        let parent_again = draft.creations.contains_key(&parent);
        return goes_along(draft, user, &parent, parent_again, causes);
    }
    if let Some(with) = goes_anyway(draft, user) {
        let with_again = draft.creations.contains_key(&with);
        return goes_along(draft, user, &with, with_again, causes);
    }
    if comes_with(draft, user, path) {
        // What a partition has goes with what its parent has, not with what both need.
        let (with, again) = match of_parent(draft, user) {
            Some(parent) => {
                let again = draft.creations.contains_key(&parent);
                (parent, again)
            }
            None => (path.clone(), again),
        };
        return goes_along(draft, user, &with, again, causes);
    }
    if !again {
        // It lets go of it by itself when it becomes as expected.
        let changed = match path.qualified() {
            // Which would take it along.
            Some(parent) if user.kind == ObjectKind::Table && path.kind == ObjectKind::Table => {
                leaves(draft, user, &parent)
            }
            Some(_) | None => {
                // What stays different may be what needs it.
                draft.changes.contains_key(user) && !draft.stays_in_part(user) || is_silent(draft, user)
            }
        };
        if changed && !draft.expected_needs.is_needed(user, path) {
            return;
        }
        // As expected it does without, and can be made anew.
        let does_without = draft.sides.expected.contains(user) && !draft.expected_needs.is_needed(user, path);
        if does_without && can_be_made_anew(user.kind) {
            return draft.rebuild(user, path, causes);
        }
        let reason = format!("the {} {user} needs it", words(user.kind));
        return draft.refuse(causes, &Reason::Impossible(reason));
    }
    if user.kind == ObjectKind::Column {
        column_hangs_on(draft, user, path, causes);
    } else if may_be_made_anew(draft, user.kind) {
        draft.rebuild(user, path, causes);
    } else {
        cannot_be_made_anew(draft, user, path, causes);
    }
}

pub(super) fn goes_along(
    draft: &mut Draft<'_>,
    part: &ObjectPath,
    with: &ObjectPath,
    again: bool,
    causes: &Causes,
) {
    // What comes from a parent goes with the parent's, whatever that goes with.
    let with_whom = (comes_from_parent(draft, part) || !ties_a_circle(draft, part)).then(|| with.clone());
    let removal = draft
        .removals
        .entry(part.clone())
        .or_insert_with(|| Removal { along: with_whom, ..Removal::default() });
    removal.causes.extend(causes);
    // What is to be dropped for its own sake does not come again.
    let for_good = !removal.settles.is_empty() && !draft.creations.contains_key(part);
    // The columns of a view come with the view.
    let with_relation = part.kind == ObjectKind::Column
        && draft.relation_of(part).is_some_and(|relation| draft.creations.contains_key(&relation));
    if again && !for_good && !with_relation {
        draft.creations.entry(part.clone()).or_default().causes.extend(causes);
    }
}

/// Of tables that go and refer to each other, none could be first as long as their foreign keys are there.
fn ties_a_circle(draft: &Draft<'_>, part: &ObjectPath) -> bool {
    let referenced = |path: &ObjectPath| match draft.found(path).map(|entry| &entry.object) {
        Some(Object::ForeignKey(key)) => {
            let table =
                ObjectPath::in_schema(ObjectKind::Table, &key.references.schema, &key.references.name);
            draft.removals.contains_key(&table).then_some(table)
        }
        _ => None,
    };
    let Some(own) = draft.relation_of(part) else { return false };
    let mut reached: Vec<ObjectPath> = referenced(part).into_iter().filter(|table| *table != own).collect();
    let mut at = 0;
    while let Some(table) = reached.get(at).cloned() {
        at += 1;
        if table == own {
            return true;
        }
        for next in draft.sides.found.parts_of(&table).filter_map(|part| referenced(&part.path)) {
            if !reached.contains(&next) {
                reached.push(next);
            }
        }
    }
    false
}

enum Stays {
    No,
    Yes,
    ButIsNotToChange,
}

/// Whether a sequence that is expected elsewhere is given to its new owner before its old one goes.
fn stays_without_its_column(draft: &Draft<'_>, user: &ObjectPath, path: &ObjectPath) -> Stays {
    let owner = |catalog: &Catalog| match catalog.find(user).map(|entry| &entry.object) {
        Some(Object::Sequence(sequence)) => sequence.owned_by.clone(),
        _ => None,
    };
    let owns = |owner: &OwnedBy| match path.kind {
        ObjectKind::Table => path.qualified().as_ref() == Some(&owner.table),
        ObjectKind::Column => path.relation().as_ref() == Some(&owner.table) && path.part == owner.column,
        _ => false,
    };
    if !draft.sides.expected.contains(user)
        || draft.creations.contains_key(user)
        || !owner(draft.sides.found).is_some_and(|owner| owns(&owner))
    {
        return Stays::No;
    }
    let wanted = owner(draft.sides.expected);
    let goes_too = |owner: &OwnedBy| {
        let table = ObjectPath::in_schema(ObjectKind::Table, &owner.table.schema, &owner.table.name);
        let column = ObjectPath::part_of(ObjectKind::Column, &owner.table, &owner.column);
        [table, column].iter().any(|owner| draft.removals.contains_key(owner))
    };
    if wanted.as_ref().is_some_and(goes_too) {
        return Stays::No;
    }
    let changes = draft.changes.get(user).into_iter().flatten();
    let mut aspects = changes.flat_map(|change| &change.aspects);
    match aspects.any(|aspect| *aspect == "owned-by") {
        true => Stays::Yes,
        false => Stays::ButIsNotToChange,
    }
}

pub(super) fn cannot_be_made_anew(
    draft: &mut Draft<'_>,
    user: &ObjectPath,
    path: &ObjectPath,
    causes: &Causes,
) {
    let whole = scratch::whole(draft, user).filter(|whole| may_be_made_anew(draft, whole.kind));
    if let Some(whole) = whole.filter(|whole| whole != path && !draft.removals.contains_key(whole)) {
        return draft.rebuild(&whole, path, causes);
    }
    let reason = format!(
        "the {} {path} would have to be made anew, and the {} {user} needs it all the time",
        words(path.kind),
        words(user.kind)
    );
    draft.refuse(causes, &Reason::Impossible(reason));
}

fn column_hangs_on(draft: &mut Draft<'_>, user: &ObjectPath, path: &ObjectPath, causes: &Causes) {
    if let Some(view) = view_of(draft, user) {
        return draft.rebuild(&view, path, causes);
    }
    let column = draft.found(user).and_then(|entry| match &entry.object {
        Object::Column(column) => Some(column.as_ref().clone()),
        _ => None,
    });
    match column {
        Some(Column { generated: Some(_), .. }) => {
            let mut first = user.clone();
            while let Some(parent) = parents_column(draft, &first) {
                first = parent;
            }
            draft.rebuild(&first, path, causes);
        }
        Some(Column { default: Some(_), .. }) if !is_type(path.kind) => {
            draft
                .detached
                .entry(user.clone())
                .or_insert_with(|| (Causes::new(), path.clone()))
                .0
                .extend(causes);
        }
        _ => cannot_be_made_anew(draft, user, path, causes),
    }
}

fn is_type(kind: ObjectKind) -> bool {
    kind.is_relation()
        || matches!(
            kind,
            ObjectKind::Enum
                | ObjectKind::CompositeType
                | ObjectKind::Domain
                | ObjectKind::RangeType
                | ObjectKind::BaseType
                | ObjectKind::Collation
                | ObjectKind::Column
        )
}

/// PostgreSQL takes it out of a publication, or forgets the privileges of what would come.
fn needs_nothing_done(user: &ObjectPath, path: &ObjectPath) -> bool {
    match user.kind {
        ObjectKind::Publication => path.kind != ObjectKind::Column && !path.kind.word().contains("function"),
        ObjectKind::DefaultPrivileges => path.kind == ObjectKind::Schema,
        _ => false,
    }
}

/// The object that takes it along, where that goes too.
fn goes_anyway(draft: &Draft<'_>, user: &ObjectPath) -> Option<ObjectPath> {
    let relation = draft.relation_of(user).filter(|relation| draft.removals.contains_key(relation));
    let of_parent = of_parent(draft, user);
    let has_parent = of_parent.is_some();
    let parent = of_parent.filter(|parent| draft.removals.contains_key(parent));
    if relation.is_none() && has_parent {
        return parent;
    }
    relation.or_else(|| {
        let mut needed = draft.found_needs.of(user);
        needed.find(|other| draft.removals.contains_key(other) && comes_with(draft, user, other)).cloned()
    })
}

/// What PostgreSQL drops by itself with the object that it belongs to.
fn comes_with(draft: &Draft<'_>, user: &ObjectPath, path: &ObjectPath) -> bool {
    let same_relation = user.schema == path.schema && user.head == path.head && user.is_part();
    match (draft.found(user).map(|entry| &entry.object), path.kind) {
        (Some(Object::Sequence(sequence)), ObjectKind::Table | ObjectKind::Column) => {
            sequence.owned_by.as_ref().is_some_and(|owner| {
                Some(&owner.table) == path.relation().or_else(|| path.qualified()).as_ref()
                    && (!path.is_part() || owner.column == path.part)
            })
        }
        (Some(Object::Statistics(statistics)), _)
            if path.kind.is_relation() || path.kind == ObjectKind::Column =>
        {
            Some(&statistics.table) == path.relation().or_else(|| path.qualified()).as_ref()
        }
        // The column that it refers to may be one of its own table.
        (Some(Object::ForeignKey(key)), ObjectKind::Column) => {
            same_relation && key.columns.contains(&path.part)
        }
        (
            Some(Object::Key(_) | Object::Check(_) | Object::Exclusion(_) | Object::Index(_)),
            ObjectKind::Column,
        ) => same_relation,
        _ => comes_from_parent(draft, user),
    }
}

fn is_silent(draft: &Draft<'_>, path: &ObjectPath) -> bool {
    draft.silent.iter().any(|number| draft.request.differences[*number].path == *path)
}
