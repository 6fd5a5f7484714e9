//! How a property becomes as expected where the rest of the plan matters: what follows from something else, what must
//! not be tried, and what comes first.

use trueup_model::catalog::{Entry, Object, Table};
use trueup_model::path::{ObjectKind, ObjectPath};

use crate::dialect::{self, Alteration};
use crate::findings::Sides;

pub(super) fn alteration(aspect: &str, before: &Entry, after: &Entry, sides: &Sides<'_>) -> Alteration {
    let table = after.path.relation().and_then(|name| {
        sides.expected.find(&ObjectPath::in_schema(ObjectKind::Table, &name.schema, &name.name))
    });
    match (aspect, &before.object, &after.object, table.map(|table| &table.object)) {
        // All columns of a partition come from its parent, once it is one.
        ("inherited", Object::Column(_), Object::Column(column), Some(Object::Table(table)))
            if column.inherited && table.partition_of.is_some() =>
        {
            return Alteration::Statements(Vec::new());
        }
        // A partition that joins takes its parent's checks for its own, which then are the parent's alone.
        ("inherited", Object::Check(_), Object::Check(wanted), Some(Object::Table(table)))
            if wanted.inherited && table.partition_of.is_some() && !is_partition(after, sides) =>
        {
            return Alteration::Statements(Vec::new());
        }
        // What leaves its parent keeps what it has from there, as its own.
        ("inherited", _, wanted, Some(Object::Table(table)))
            if !wanted.is_inherited() && leaves_parent(table, after, sides) =>
        {
            return Alteration::Statements(Vec::new());
        }
        // No other constraint takes this one over: it would stand beside that of the parent.
        ("inherited", Object::Exclusion(_), Object::Exclusion(wanted), _) if wanted.inherited => {
            return Alteration::Rebuild;
        }
        ("partition-of" | "partition-bound", Object::Table(there), Object::Table(wanted), _) => {
            let reason = no_partition(wanted, &after.path, sides);
            if let Some(reason) = reason.or_else(|| cannot_leave(there, wanted, &after.path, sides)) {
                return Alteration::Impossible(reason);
            }
        }
        ("inheritance", Object::Table(there), Object::Table(wanted), _) => {
            let reason = only_another_order(there, wanted, &before.path, sides)
                .or_else(|| no_heir(wanted, &before.path, sides))
                .or_else(|| cannot_leave(there, wanted, &before.path, sides));
            if let Some(reason) = reason {
                return Alteration::Impossible(reason);
            }
        }
        _ => {}
    }
    // A type that has another name by then is no other type.
    if let (Object::Column(there), Object::Column(wanted), "type") = (&before.object, &after.object, aspect)
        && there.data_type == wanted.data_type
        && there.collation == wanted.collation
    {
        return Alteration::Statements(Vec::new());
    }
    dialect::alter(aspect, before, after, sides)
}

/// Whether the table of a part is found as a partition.
fn is_partition(part: &Entry, sides: &Sides<'_>) -> bool {
    let there = part.path.relation().and_then(|name| {
        sides.found.find(&ObjectPath::in_schema(ObjectKind::Table, &name.schema, &name.name))
    });
    matches!(there.map(|entry| &entry.object), Some(Object::Table(there)) if there.partition_of.is_some())
}

/// Whether the table of a part is a partition, or inherits, on the found side alone.
fn leaves_parent(wanted: &Table, part: &Entry, sides: &Sides<'_>) -> bool {
    let there = part.path.relation().and_then(|name| {
        sides.found.find(&ObjectPath::in_schema(ObjectKind::Table, &name.schema, &name.name))
    });
    match there.map(|entry| &entry.object) {
        Some(Object::Table(there)) => {
            let leaves_whole = there.partition_of.is_some() && wanted.partition_of.is_none();
            leaves_whole || !there.inherits.is_empty() && wanted.inherits.is_empty()
        }
        _ => false,
    }
}

/// Why a table cannot become the partition that it should be.
fn no_partition(wanted: &Table, path: &ObjectPath, sides: &Sides<'_>) -> Option<String> {
    let parent = &wanted.partition_of.as_ref()?.parent;
    let parent_path = ObjectPath::in_schema(ObjectKind::Table, &parent.schema, &parent.name);
    let of = |catalog: &trueup_model::Catalog| match catalog.find(&parent_path).map(|entry| &entry.object) {
        Some(Object::Table(table)) => Some(table.partitioned_by.clone()),
        _ => None,
    };
    if of(sides.found).is_some_and(|now| Some(now) != of(sides.expected)) {
        return Some(format!("{parent} is not partitioned as it should be, and cannot be changed"));
    }
    let odd = odd_column(path, sides)?;
    Some(format!(
        "{path} has other columns than {parent} (of them {odd}), and cannot become a partition of it"
    ))
}

/// Why a table cannot inherit from what it should.
fn no_heir(wanted: &Table, path: &ObjectPath, sides: &Sides<'_>) -> Option<String> {
    let parent = wanted.inherits.first()?;
    if let Some((check, _)) = dialect::checks_of_parent(path, parent, sides).first() {
        return Some(format!(
            "{path} has not the check {} of {parent}, and cannot inherit from it",
            check.part
        ));
    }
    let odd = odd_column(path, sides)?;
    Some(format!("{path} has other columns than {parent} (of them {odd}), and cannot inherit from it"))
}

/// Why a table cannot go without its parents: it would keep their columns as its own, whoever expects them.
fn cannot_leave(there: &Table, wanted: &Table, path: &ObjectPath, sides: &Sides<'_>) -> Option<String> {
    let parent = there.partition_of.as_ref().map(|of| &of.parent).or(there.inherits.first())?;
    let leaves = wanted.partition_of.is_none() && wanted.inherits.is_empty();
    let odd = odd_column(path, sides).filter(|_| leaves)?;
    Some(format!(
        "{path} has columns from {parent} that nobody expects in it (of them {odd}), and cannot leave it"
    ))
}

/// What a table has from its parent is said of the parent alone, which is another one where the parents differ.
fn odd_column(path: &ObjectPath, sides: &Sides<'_>) -> Option<String> {
    let inherited = |catalog: &trueup_model::Catalog, other: &trueup_model::Catalog| {
        let there = other.columns_of(path);
        let column = catalog
            .columns_of(path)
            .into_iter()
            .find(|(name, column)| column.inherited && !there.iter().any(|(other, _)| other == name));
        column.map(|(name, _)| name.to_string())
    };
    inherited(sides.found, sides.expected).or_else(|| inherited(sides.expected, sides.found))
}

/// A parent that goes for a moment leaves its columns behind as the table's own.
fn only_another_order(there: &Table, wanted: &Table, path: &ObjectPath, sides: &Sides<'_>) -> Option<String> {
    let mut rest = there.inherits.iter();
    let stay = wanted.inherits.iter().take_while(|parent| rest.any(|there| there == *parent)).count();
    let comes_again = wanted.inherits[stay..].iter().find(|parent| there.inherits.contains(parent))?;
    let parent = ObjectPath::in_schema(ObjectKind::Table, &comes_again.schema, &comes_again.name);
    let columns = sides.found.columns_of(&parent);
    let only_inherited = sides
        .found
        .columns_of(path)
        .into_iter()
        .any(|(name, column)| column.inherited && columns.iter().any(|(theirs, _)| *theirs == name));
    only_inherited.then(|| {
        format!(
            "only without {comes_again} for a moment could the parents stand in another order, and columns that \
             come only from there would then be the table's own"
        )
    })
}

/// What dropping an object would take, in words.
pub(super) fn loss(path: &ObjectPath) -> String {
    match path.kind {
        ObjectKind::Table => format!("the table {path} loses its rows"),
        ObjectKind::Column => format!("the column {path} loses its values"),
        ObjectKind::Sequence => format!("the sequence {path} loses its position"),
        ObjectKind::Schema => format!("the schema {path} loses all that is in it"),
        kind => format!("the {} {path} loses its definition", kind.word().replace('-', " ")),
    }
}

/// The order in which the properties of one object change.
pub(super) fn rank(aspect: &str, after: &Entry) -> u8 {
    let stays_filled = matches!(&after.object, Object::Column(column) if column.not_null.is_some());
    let takes_from_nothing = matches!(&after.object, Object::Column(column)
        if column.identity.is_none() && column.default.is_none());
    match aspect {
        "partition-of" | "partition-bound" | "inheritance" | "of-type" => 0,
        // Only numbers have an identity.
        "identity" if takes_from_nothing => 8,
        "type" | "collation" => 10,
        "generated" | "generated-kind" => 12,
        // An identity is never null, and brings a constraint with a name of its own.
        "nullability" if stays_filled => 14,
        "default" => 16,
        "identity" => 18,
        "identity-sequence" | "identity-options" => 20,
        "nullability" => 22,
        // The name comes last: all else is said by the name that is there.
        "not-null-no-inherit" | "not-null-validated" => 24,
        "not-null-name" => 26,
        "validated" | "enforced" => 28,
        "owner" => 30,
        "privileges" => 31,
        "comment" | "index-comment" => 40,
        _ => 25,
    }
}
