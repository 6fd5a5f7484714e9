//! The found side as it stands once everything that is moved or renamed is where it should be: all later steps are
//! planned, and written, in the names of the expected side.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use trueup_model::Catalog;
use trueup_model::catalog::{Entry, Object, OwnedBy};
use trueup_model::difference::{Change, Difference};
use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::repair::Reason;
use trueup_sql::moved::{self, Names};

use super::reworded::reworded;
use crate::dialect::{Written, disown, rename, set_schema};

/// One object that gets another name or place.
pub(super) struct Moving {
    /// As it is named when its turn comes: what it belongs to is in its place by then.
    pub from: ObjectPath,
    pub to: ObjectPath,
    pub settles: Vec<usize>,
    pub is_rename: bool,
    pub statements: Vec<String>,
    pub back: Written,
}

pub(super) struct Known<'a> {
    /// Objects, by the paths that they are found under, with the ones that they get.
    paths: BTreeMap<ObjectPath, ObjectPath>,
    relations: BTreeMap<QualifiedName, QualifiedName>,
    schemas: BTreeMap<Ident, Ident>,
    names: Names,
    has_names: bool,
    pub found: Cow<'a, Catalog>,
    /// The partitions and inheriting tables of each table of the found side.
    children: BTreeMap<QualifiedName, Vec<ObjectPath>>,
    /// The sequences that the columns of each table of the expected side own.
    feeding: BTreeMap<&'a QualifiedName, Vec<&'a Entry>>,
    pub moves: Vec<Moving>,
    /// What moves by itself, with the object that takes it along.
    pub along: BTreeMap<usize, ObjectPath>,
}

impl<'a> Known<'a> {
    /// `wanted` are the differences to settle; what cannot be moved goes to `refused`.
    pub fn new(
        differences: &[Difference],
        wanted: &BTreeSet<usize>,
        expected: &'a Catalog,
        found: &'a Catalog,
        refused: &mut BTreeMap<usize, Reason>,
    ) -> Self {
        let mut known = Known {
            paths: BTreeMap::new(),
            relations: BTreeMap::new(),
            schemas: BTreeMap::new(),
            names: Names::default(),
            has_names: false,
            found: Cow::Borrowed(found),
            children: BTreeMap::new(),
            feeding: feeding(expected),
            moves: Vec::new(),
            along: BTreeMap::new(),
        };
        let mut moved: Vec<(usize, &ObjectPath, &ObjectPath, bool)> = differences
            .iter()
            .enumerate()
            .filter(|(number, _)| wanted.contains(number))
            .filter_map(|(number, difference)| match &difference.change {
                Change::Renamed { to } => Some((number, to, &difference.path, true)),
                Change::Misplaced { to } => Some((number, to, &difference.path, false)),
                Change::Missing | Change::Unexpected | Change::Different(_) => None,
            })
            .collect();
        // Schemas take all along, relations their parts, tables the sequences that they own.
        moved.sort_by_key(|(number, _, to, _)| {
            (to.is_part(), to.kind == ObjectKind::Sequence, to.kind, *number)
        });
        for (number, from, to, is_rename) in moved {
            known.add(number, from, to, (is_rename, found), refused);
        }
        known.multiranges(differences, wanted, expected, found);
        known.follow(expected, found);
        if !known.is_empty() {
            let entries = found.entries().iter().map(|entry| known.entry(entry)).collect();
            known.found =
                Cow::Owned(Catalog::new(found.server_version, entries).migrated_by(found.migrator.clone()));
        }
        known.children = children(&known.found);
        known
    }

    /// The partitions and inheriting tables of a table that was found.
    pub fn children_of(&self, table: &QualifiedName) -> &[ObjectPath] {
        self.children.get(table).map_or(&[], Vec::as_slice)
    }

    /// The sequences that the columns of a table own on the expected side, and for which column.
    pub fn feeding(&self, table: &QualifiedName) -> impl Iterator<Item = (&'a ObjectPath, &'a OwnedBy)> {
        self.feeding.get(table).into_iter().flatten().filter_map(|entry| Some((&entry.path, owner(entry)?)))
    }

    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.has_names
    }

    fn add(
        &mut self,
        number: usize,
        found: &ObjectPath,
        to: &ObjectPath,
        (is_rename, catalog): (bool, &Catalog),
        refused: &mut BTreeMap<usize, Reason>,
    ) {
        let owner = catalog.owner_of(found).map(|owner| &owner.table);
        let owner = owner.filter(|_| found.kind == ObjectKind::Sequence);
        let mut from = self.path(found);
        let mut with_owner = None;
        if let Some((owner, known)) = owner.and_then(|owner| Some((owner, self.relations.get(owner)?)))
            && owner.schema != known.schema
        {
            from = from.moved_to(&known.schema);
            with_owner = Some(ObjectPath::in_schema(ObjectKind::Table, &known.schema, &known.name));
        }
        if from == *to {
            self.settle(found, to);
            let taken = with_owner.or_else(|| self.taken_along_by(found));
            self.along.insert(number, taken.unwrap_or_else(|| to.clone()));
            return;
        }
        if to.is_part()
            && let (Some(there), Some(wanted)) = (from.relation(), to.relation())
            && there != wanted
        {
            // Its table stays under the other name.
            let table = ObjectPath::in_schema(ObjectKind::Table, &wanted.schema, &wanted.name);
            refused.insert(number, Reason::Follows(table));
            return;
        }
        let (forth, back) = if is_rename {
            (rename(&from, to), rename(to, &from))
        } else {
            (set_schema(&from, to), set_schema(to, &from))
        };
        match forth {
            Written::Impossible(reason) => {
                refused.insert(number, Reason::Impossible(reason));
            }
            Written::Statements(mut statements) => {
                // What a table owns stands where the table does.
                if owner.is_some() && from.schema != to.schema {
                    statements.insert(0, disown(&from));
                }
                self.settle(found, to);
                self.moves.push(Moving {
                    from,
                    to: to.clone(),
                    settles: vec![number],
                    is_rename,
                    statements,
                    back,
                });
            }
        }
    }

    fn settle(&mut self, found: &ObjectPath, to: &ObjectPath) {
        self.paths.insert(found.clone(), to.clone());
        if to.kind == ObjectKind::Schema {
            self.schemas.insert(found.head.clone(), to.head.clone());
        }
        if let (Some(now), Some(known)) = (found.qualified(), to.qualified())
            && !found.is_part()
        {
            if found.kind.is_relation() {
                self.relations.insert(now.clone(), known.clone());
            }
            self.names.insert(now, known);
        }
    }

    /// The schema or relation whose move moved this as well.
    fn taken_along_by(&self, found: &ObjectPath) -> Option<ObjectPath> {
        let by_schema = found.schema.as_ref().and_then(|schema| self.schemas.get(schema));
        let schema = by_schema.map(|schema| ObjectPath::global(ObjectKind::Schema, schema));
        let of = self.moves.iter().find(|moving| {
            found.relation().is_some_and(|relation| {
                moving.to.kind.is_relation()
                    && self.relations.get(&relation) == moving.to.qualified().as_ref()
            })
        });
        of.map(|moving| moving.to.clone()).or(schema)
    }

    /// The type of many ranges is named by the one of single ranges, and what is of it follows its name.
    fn multiranges(
        &mut self,
        differences: &[Difference],
        wanted: &BTreeSet<usize>,
        expected: &Catalog,
        found: &Catalog,
    ) {
        let named = |text: &Option<Text>| {
            let parts: Vec<String> =
                text.as_ref()?.as_str().split('.').map(trueup_sql::unquote_ident).collect();
            match parts.as_slice() {
                [schema, name] => Some(QualifiedName::new(schema, name)),
                _ => None,
            }
        };
        for number in wanted {
            let difference = &differences[*number];
            let is_name =
                matches!(&difference.change, Change::Different(aspect) if aspect.name == "multirange");
            if !is_name {
                continue;
            }
            let of = |catalog: &Catalog| match &catalog.find(&difference.path)?.object {
                Object::RangeType(range) => named(&range.multirange),
                _ => None,
            };
            if let (Some(now), Some(to)) = (of(found), of(expected)) {
                self.names.insert(now, to);
                self.has_names = true;
            }
        }
    }

    /// The sequences of a table that is moved: they go with it, and are then called as they should be.
    fn follow(&mut self, expected: &Catalog, found: &Catalog) {
        let tables: Vec<(QualifiedName, QualifiedName)> =
            self.relations.iter().map(|(now, known)| (now.clone(), known.clone())).collect();
        for (now, known) in tables {
            let (there, wanted) = (owned_by(found, &now), owned_by(expected, &known));
            let mut free: Vec<&(&ObjectPath, &OwnedBy)> = wanted.iter().collect();
            // A namesake first: a column may own several.
            let mut there = there;
            there.sort_by_key(|(path, _)| !wanted.iter().any(|(other, _)| other.head == path.head));
            for (path, owner) in there {
                let mut at = self.path(path);
                // The table took it along into its schema.
                if now.schema != known.schema && at.schema.as_ref() == Some(&now.schema) {
                    at = at.moved_to(&known.schema);
                }
                let same_column = |other: &&(&ObjectPath, &OwnedBy)| other.1.column == owner.column;
                let place = free
                    .iter()
                    .position(|other| same_column(other) && other.0.head == at.head)
                    .or_else(|| free.iter().position(same_column));
                let to = place.map(|place| free.remove(place).0.clone());
                if let Some(to) = to.filter(|to| to.schema == at.schema && to.head != at.head)
                    && !found.contains(&to)
                    && let Written::Statements(statements) = rename(&at, &to)
                {
                    self.settle(path, &to);
                    let back = rename(&to, &at);
                    self.moves.push(Moving {
                        from: at,
                        to,
                        settles: Vec::new(),
                        is_rename: true,
                        statements,
                        back,
                    });
                } else if at != *path {
                    self.settle(path, &at);
                }
            }
        }
    }

    /// Where something that is found under a path stands when all that is moved is in its place.
    pub fn path(&self, found: &ObjectPath) -> ObjectPath {
        if let Some(known) = self.paths.get(found) {
            return known.clone();
        }
        let mut path = found.clone();
        if path.is_part()
            && let Some(known) = path.relation().and_then(|relation| self.relations.get(&relation))
        {
            path.schema = Some(known.schema.clone());
            path.head = known.name.clone();
        } else if let Some(schema) = path.schema.as_ref().and_then(|schema| self.schemas.get(schema)) {
            path.schema = Some(schema.clone());
        }
        if let Some(arguments) = &path.arguments {
            path.arguments = Some(self.text(arguments));
        }
        if matches!(path.kind, ObjectKind::Cast | ObjectKind::Transform) {
            path.head = Ident::new(self.text(&Text::new(path.head.as_str())).as_str());
        }
        path
    }

    /// The name that an object without a schema will have.
    pub fn global(&self, kind: ObjectKind, name: &str) -> Ident {
        self.path(&ObjectPath::global(kind, name)).head
    }

    /// The name under which a relation is found.
    pub fn name_found(&self, known: &QualifiedName) -> QualifiedName {
        let moved = self.relations.iter().find(|(_, other)| *other == known).map(|(now, _)| now.clone());
        let schema =
            || self.schemas.iter().find(|(_, other)| **other == known.schema).map(|(now, _)| now.clone());
        moved.unwrap_or_else(|| QualifiedName {
            schema: schema().unwrap_or_else(|| known.schema.clone()),
            name: known.name.clone(),
        })
    }

    /// The name under which a column is found.
    pub fn column_found(&self, known: &ObjectPath) -> Ident {
        let found = self.paths.iter().find(|(found, other)| found.is_part() && *other == known);
        found.map_or_else(|| known.part.clone(), |(found, _)| found.part.clone())
    }

    pub fn name(&self, name: &QualifiedName) -> QualifiedName {
        if let Some(known) = self.relations.get(name).or_else(|| self.names.known_as(name)) {
            return known.clone();
        }
        match self.schemas.get(&name.schema) {
            Some(schema) => QualifiedName { schema: schema.clone(), name: name.name.clone() },
            None => name.clone(),
        }
    }

    /// A text with the names that things will have.
    pub fn text(&self, text: &Text) -> Text {
        let mut changed = self.names.in_text(text.as_str());
        for (from, to) in &self.schemas {
            let now = changed.as_deref().unwrap_or(text.as_str());
            changed = Some(moved::in_schema(now, from.as_str(), to.as_str()));
        }
        changed.map_or_else(|| text.clone(), Text::new)
    }

    fn entry(&self, entry: &Entry) -> Entry {
        Entry { path: self.path(&entry.path), object: reworded(&entry.object, self), ..entry.clone() }
    }
}

fn owned_by<'c>(catalog: &'c Catalog, table: &QualifiedName) -> Vec<(&'c ObjectPath, &'c OwnedBy)> {
    catalog
        .entries()
        .iter()
        .filter_map(|entry| match &entry.object {
            Object::Sequence(sequence) => Some((&entry.path, sequence.owned_by.as_ref()?)),
            _ => None,
        })
        .filter(|(_, owner)| owner.table == *table)
        .collect()
}

fn children(found: &Catalog) -> BTreeMap<QualifiedName, Vec<ObjectPath>> {
    let mut children: BTreeMap<QualifiedName, Vec<ObjectPath>> = BTreeMap::new();
    for entry in found.entries() {
        let Object::Table(table) = &entry.object else { continue };
        let parents =
            table.inherits.iter().chain(table.partition_of.iter().map(|partition| &partition.parent));
        for parent in parents {
            children.entry(parent.clone()).or_default().push(entry.path.clone());
        }
    }
    children
}

fn feeding(expected: &Catalog) -> BTreeMap<&QualifiedName, Vec<&Entry>> {
    let mut feeding: BTreeMap<&QualifiedName, Vec<&Entry>> = BTreeMap::new();
    for entry in expected.entries() {
        if let Some(owner) = owner(entry) {
            feeding.entry(&owner.table).or_default().push(entry);
        }
    }
    feeding
}

fn owner(entry: &Entry) -> Option<&OwnedBy> {
    match &entry.object {
        Object::Sequence(sequence) => sequence.owned_by.as_ref(),
        _ => None,
    }
}
