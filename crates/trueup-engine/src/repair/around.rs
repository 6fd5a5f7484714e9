//! What hangs on an object that goes, or on a column that gets another type: it goes along by itself, is taken down
//! and put up again, or forbids it.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::Catalog;
use trueup_model::catalog::{Column, Object, OwnedBy};
use trueup_model::name::QualifiedName;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;

use super::draft::{Causes, Draft, Removal};
use super::scratch::{self, may_be_made_anew};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Gone,
    /// A column becomes another type. PostgreSQL itself takes care of indexes and constraints.
    Retyped,
}

/// Clears the way for all removals and changes of type, until nothing hangs on anything any more.
pub(super) fn make_way(draft: &mut Draft<'_>) {
    let retyped = retyped(draft);
    draft.retyped = retyped.iter().map(|(path, root, _)| (path.clone(), root.clone())).collect();
    for (_, root, causes) in retyped.iter().filter(|(_, root, _)| root.kind == ObjectKind::Enum) {
        type_replaced(draft, root, causes);
    }
    // How many causes each object had when it was looked at: new ones have to be passed on.
    let mut seen: BTreeMap<(ObjectPath, How), usize> = BTreeMap::new();
    loop {
        let mut open: Vec<(ObjectPath, How, Causes)> = draft
            .removals
            .iter()
            .map(|(path, removal)| (path.clone(), How::Gone, removal.causes.clone()))
            .collect();
        open.extend(retyped.iter().map(|(path, _, causes)| (path.clone(), How::Retyped, causes.clone())));
        open.retain(|(path, how, causes)| {
            seen.get(&(path.clone(), *how)).is_none_or(|count| *count < causes.len())
        });
        if open.is_empty() {
            sequences_go_with_tables(draft);
            columns_go_with_tables(draft);
            return make_way_for_roots(draft);
        }
        for (path, how, causes) in open {
            seen.insert((path.clone(), how), causes.len());
            match how {
                How::Gone => gone(draft, &path, &causes),
                How::Retyped => other_type(draft, &path, &causes),
            }
        }
    }
}

/// PostgreSQL drops a sequence with the table or the column that owns it, whoever else asked for that.
fn sequences_go_with_tables(draft: &mut Draft<'_>) {
    let found = draft.sides.found;
    let owners: Vec<(ObjectPath, ObjectPath)> = draft
        .removals
        .keys()
        .filter_map(|path| {
            let owner = found.owner_of(path)?;
            let table = ObjectPath::in_schema(ObjectKind::Table, &owner.table.schema, &owner.table.name);
            let column = ObjectPath::part_of(ObjectKind::Column, &owner.table, &owner.column);
            let with = [table, column].into_iter().find(|owner| draft.removals.contains_key(owner))?;
            Some((path.clone(), with))
        })
        .collect();
    for (path, with) in owners {
        let settles = match draft.removals.get_mut(&path) {
            Some(removal) if removal.along.is_none() => {
                removal.along = Some(with.clone());
                std::mem::take(&mut removal.settles)
            }
            Some(_) | None => continue,
        };
        if let Some(removal) = draft.removals.get_mut(&with) {
            removal.settles.extend(settles);
        }
    }
}

/// A column that would go with that of a parent goes with its own table, where that goes too.
fn columns_go_with_tables(draft: &mut Draft<'_>) {
    let along: Vec<(ObjectPath, ObjectPath)> = draft
        .removals
        .iter()
        .filter(|(path, removal)| path.kind == ObjectKind::Column && removal.along.is_some())
        .filter_map(|(path, _)| Some((path.clone(), draft.relation_of(path)?)))
        .filter(|(_, table)| draft.removals.contains_key(table))
        .collect();
    for (path, table) in along {
        if let Some(removal) = draft.removals.get_mut(&path) {
            removal.along = Some(table);
        }
    }
}

/// What makes way for something that only makes way itself makes way for what that does it for: only there can be seen
/// whether it is still to be done.
fn make_way_for_roots(draft: &mut Draft<'_>) {
    let roots: Vec<(ObjectPath, ObjectPath)> = draft
        .removals
        .iter()
        .filter_map(|(path, removal)| Some((path.clone(), root(draft, removal.makes_way_for.clone()?))))
        .collect();
    for (path, root) in roots {
        if let Some(removal) = draft.removals.get_mut(&path) {
            removal.makes_way_for = Some(root);
        }
    }
    let detached: Vec<(ObjectPath, ObjectPath)> = draft
        .detached
        .iter()
        .map(|(path, (_, makes_way_for))| (path.clone(), root(draft, makes_way_for.clone())))
        .collect();
    for (path, root) in detached {
        if let Some((_, makes_way_for)) = draft.detached.get_mut(&path) {
            *makes_way_for = root;
        }
    }
}

fn root(draft: &Draft<'_>, mut path: ObjectPath) -> ObjectPath {
    let mut seen = BTreeSet::new();
    while seen.insert(path.clone()) {
        let next = match draft.removals.get(&path) {
            Some(removal) => removal.makes_way_for.clone().or_else(|| removal.along.clone()),
            None => draft.retyped.get(&path).cloned().or_else(|| {
                draft.relation_of(&path).filter(|relation| draft.removals.contains_key(relation))
            }),
        };
        match next {
            Some(next) if next != path => path = next,
            Some(_) | None => break,
        }
    }
    path
}

/// Columns that get another type, with those of the tables that inherit them.
fn retyped(draft: &Draft<'_>) -> Vec<(ObjectPath, ObjectPath, Causes)> {
    let mut columns: Vec<(ObjectPath, ObjectPath, Causes)> = Vec::new();
    for (path, changes) in &draft.changes {
        let causes: Causes = changes
            .iter()
            .filter(|change| {
                // SET EXPRESSION writes all values anew, as a change of type does.
                change.aspects.iter().any(|aspect| matches!(*aspect, "type" | "collation" | "generated"))
            })
            .flat_map(|change| change.settles.iter().copied())
            .collect();
        if path.kind == ObjectKind::Column && !causes.is_empty() {
            columns.push((path.clone(), path.clone(), causes));
        } else if path.kind == ObjectKind::Enum {
            columns.extend(of_replaced_type(draft, path, changes));
        }
    }
    let mut at = 0;
    while let Some((path, root, causes)) = columns.get(at).cloned() {
        at += 1;
        for child in children(draft, &path) {
            let column =
                ObjectPath { schema: child.schema.clone(), head: child.head.clone(), ..path.clone() };
            if draft.sides.found.contains(&column) {
                columns.push((column, root.clone(), causes.clone()));
            }
        }
    }
    columns
}

/// Labels that go take a new type, and all columns get it.
fn of_replaced_type(
    draft: &Draft<'_>,
    path: &ObjectPath,
    changes: &[super::draft::Alter],
) -> Vec<(ObjectPath, ObjectPath, Causes)> {
    let labels = changes.iter().find(|change| change.aspects.contains(&"labels"));
    let (Some(change), Some(Object::Enum(there)), Some(Object::Enum(wanted))) = (
        labels,
        draft.found(path).map(|entry| &entry.object),
        draft.sides.expected.find(path).map(|entry| &entry.object),
    ) else {
        return Vec::new();
    };
    // Labels that only come, or only get another name, leave the type what it is.
    let comes = there.labels.iter().all(|label| wanted.labels.contains(label))
        && change.statements.len() == wanted.labels.len() - there.labels.len();
    let renamed =
        there.labels.len() == wanted.labels.len()
            && there.labels.iter().zip(&wanted.labels).all(|(old, new)| {
                old == new || (!wanted.labels.contains(old) && !there.labels.contains(new))
            });
    if comes || renamed {
        return Vec::new();
    }
    draft
        .found_needs
        .on(path)
        .iter()
        .filter(|user| user.kind == ObjectKind::Column && view_of(draft, user).is_none())
        .map(|user| (user.clone(), path.clone(), change.settles.clone()))
        .collect()
}

/// What holds values of a type that gets another one in its place, but for columns: predicates, checks, arguments.
fn type_replaced(draft: &mut Draft<'_>, path: &ObjectPath, causes: &Causes) {
    let users: Vec<ObjectPath> = draft.found_needs.on(path).to_vec();
    for user in users {
        let whole = view_of(draft, &user).unwrap_or_else(|| user.clone());
        // It goes anyway.
        if draft.removals.contains_key(&whole) {
            continue;
        }
        if whole != user {
            draft.rebuild(&whole, path, causes);
            continue;
        }
        if user.kind == ObjectKind::Column || comes_from_parent(draft, &user) {
            continue;
        }
        if can_be_made_anew(user.kind) {
            draft.rebuild(&user, path, causes);
        } else {
            cannot_be_made_anew(draft, &user, path, causes);
        }
    }
}

fn children(draft: &Draft<'_>, column: &ObjectPath) -> Vec<ObjectPath> {
    let Some(table) = column.relation() else { return Vec::new() };
    let entries = draft.sides.found.entries().iter();
    entries
        .filter(|entry| match &entry.object {
            Object::Table(child) => {
                child.inherits.contains(&table)
                    || child.partition_of.as_ref().is_some_and(|partition| partition.parent == table)
            }
            _ => false,
        })
        .map(|entry| entry.path.clone())
        .collect()
}

fn gone(draft: &mut Draft<'_>, path: &ObjectPath, causes: &Causes) {
    let sides = draft.sides;
    // The columns of a view come with the view.
    let again = draft.creations.contains_key(path) || draft.is_created(path) && sides.expected.contains(path);
    if path.kind.is_relation() {
        for part in sides.found.parts_of(path) {
            goes_along(draft, &part.path, path, again && part.path.kind != ObjectKind::Column, causes);
        }
    }
    for column in columns_from(draft, path) {
        goes_along(draft, &column, path, again, causes);
    }
    let users: Vec<ObjectPath> = draft.found_needs.on(path).to_vec();
    for user in users {
        if user == *path || is_part_of(&user, path) {
            continue;
        }
        hangs_on(draft, &user, path, again, causes);
    }
}

/// The columns that tables have from a column of their parent alone, but for those that leave it.
fn columns_from(draft: &Draft<'_>, path: &ObjectPath) -> Vec<ObjectPath> {
    let Some(parent) = path.relation().filter(|_| path.kind == ObjectKind::Column) else { return Vec::new() };
    let mut columns: Vec<ObjectPath> = Vec::new();
    for child in children(draft, path) {
        let column = ObjectPath { schema: child.schema.clone(), head: child.head.clone(), ..path.clone() };
        let inherited = draft.found(&column).is_some_and(|entry| entry.object.is_inherited());
        if inherited && !leaves(draft, &child, &parent) && !draft.removals.contains_key(&child) {
            columns.push(column);
        }
    }
    columns
}

/// The column of a parent that a table has a column from.
fn parents_column(draft: &Draft<'_>, column: &ObjectPath) -> Option<ObjectPath> {
    let entry = draft.found(column)?;
    if column.kind != ObjectKind::Column || !entry.object.is_inherited() {
        return None;
    }
    let table = draft.relation_of(column)?;
    let Some(Object::Table(of)) = draft.found(&table).map(|entry| &entry.object) else { return None };
    let theirs =
        |parent: &QualifiedName| ObjectPath::part_of(ObjectKind::Column, parent, column.part.as_str());
    let mut parents = of.inherits.iter().chain(of.partition_of.iter().map(|of| &of.parent));
    let parent = parents.find(|parent| draft.sides.found.contains(&theirs(parent)))?;
    (!leaves(draft, &table, parent)).then(|| theirs(parent))
}

fn is_part_of(part: &ObjectPath, whole: &ObjectPath) -> bool {
    whole.kind.is_relation() && part.is_part() && part.schema == whole.schema && part.head == whole.head
}

fn goes_along(draft: &mut Draft<'_>, part: &ObjectPath, with: &ObjectPath, again: bool, causes: &Causes) {
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

fn hangs_on(draft: &mut Draft<'_>, user: &ObjectPath, path: &ObjectPath, again: bool, causes: &Causes) {
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
        let changed = draft.changes.contains_key(user) || is_silent(draft, user);
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

/// What a table has from a parent is its own when it leaves that, and does not go with the parent's.
fn stays_with_its_own_table(draft: &Draft<'_>, user: &ObjectPath, path: &ObjectPath) -> bool {
    draft.sides.expected.contains(user) && leaves_with_table(draft, user, path).is_some()
}

/// The table that leaves a parent with what it has from there.
pub(super) fn leaves_with_table(
    draft: &Draft<'_>,
    user: &ObjectPath,
    path: &ObjectPath,
) -> Option<ObjectPath> {
    let (table, parent) = (draft.relation_of(user)?, path.relation()?);
    let does = comes_from_parent(draft, user)
        && !draft.removals.contains_key(&table)
        && leaves(draft, &table, &parent);
    does.then_some(table)
}

/// Whether a table leaves a parent.
fn leaves(draft: &Draft<'_>, table: &ObjectPath, parent: &QualifiedName) -> bool {
    let has = |catalog: &Catalog| match catalog.find(table).map(|entry| &entry.object) {
        Some(Object::Table(table)) => {
            table.inherits.contains(parent)
                || table.partition_of.as_ref().is_some_and(|of| of.parent == *parent)
        }
        _ => false,
    };
    let changes = draft.changes.get(table).into_iter().flatten();
    let mut aspects = changes.flat_map(|change| &change.aspects);
    has(draft.sides.found)
        && !has(draft.sides.expected)
        && aspects.any(|aspect| matches!(*aspect, "partition-of" | "partition-bound" | "inheritance"))
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

/// What keeps nothing that only it knows.
pub(super) fn can_be_made_anew(kind: ObjectKind) -> bool {
    !matches!(
        kind,
        ObjectKind::Column
            | ObjectKind::Table
            | ObjectKind::Schema
            | ObjectKind::Extension
            | ObjectKind::Sequence
            | ObjectKind::BaseType
            | ObjectKind::Subscription
    )
}

fn cannot_be_made_anew(draft: &mut Draft<'_>, user: &ObjectPath, path: &ObjectPath, causes: &Causes) {
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

/// The view that a column is one of.
fn view_of(draft: &Draft<'_>, column: &ObjectPath) -> Option<ObjectPath> {
    let relation = draft.relation_of(column).filter(|_| column.kind == ObjectKind::Column);
    relation.filter(|relation| matches!(relation.kind, ObjectKind::View | ObjectKind::MaterializedView))
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
        let mut needed = draft.found_needs.of(user).iter();
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

/// What a partition has from its parent goes and comes with the parent's.
fn comes_from_parent(draft: &Draft<'_>, user: &ObjectPath) -> bool {
    user.kind != ObjectKind::Column && draft.found(user).is_some_and(|entry| entry.object.is_inherited())
}

/// What a partition has this from.
fn of_parent(draft: &Draft<'_>, user: &ObjectPath) -> Option<ObjectPath> {
    let needed = draft.found_needs.of(user).iter().filter(|_| comes_from_parent(draft, user));
    let mut needed = needed.filter(|other| other.is_part() && other.relation() != user.relation());
    needed.find(|other| other.kind == user.kind).cloned()
}

fn is_silent(draft: &Draft<'_>, path: &ObjectPath) -> bool {
    draft.silent.iter().any(|number| draft.request.differences[*number].path == *path)
}

fn other_type(draft: &mut Draft<'_>, path: &ObjectPath, causes: &Causes) {
    let users: BTreeSet<ObjectPath> = draft.found_needs.on(path).iter().cloned().collect();
    for user in users {
        if draft.removals.contains_key(&user) {
            if let Some(removal) = draft.removals.get_mut(&user) {
                removal.causes.extend(causes);
            }
            if let Some(creation) = draft.creations.get_mut(&user) {
                creation.causes.extend(causes);
            }
            continue;
        }
        match user.kind {
            ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Rule
            | ObjectKind::Policy
            | ObjectKind::Function
            | ObjectKind::Procedure
            | ObjectKind::Publication => draft.rebuild(&user, path, causes),
            ObjectKind::Trigger => {
                if comes_from_parent(draft, &user) {
                    continue;
                }
                draft.rebuild(&user, path, causes);
            }
            ObjectKind::Column => {
                let generated = draft.found(&user).is_some_and(
                    |entry| matches!(&entry.object, Object::Column(column) if column.generated.is_some()),
                );
                if generated {
                    draft.rebuild(&user, path, causes);
                }
            }
            // PostgreSQL makes these anew by itself, or they do not know the type.
            _ => {}
        }
    }
}

pub(super) fn words(kind: ObjectKind) -> String {
    kind.word().replace('-', " ")
}
