//! What the sides of a plan know of an object: where it belongs, what it needs, what its values are.

use trueup_model::catalog::{Column, Entry, Object};
use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::unquote_ident;

use super::draft::Draft;

/// So many rows take so long that others would wait.
const LARGE: u64 = 100_000;

impl<'a> Draft<'a> {
    /// By the expected side: what an object needs, a relation with its columns.
    pub fn needed_to_create<'d>(&'d self, path: &'d ObjectPath) -> impl Iterator<Item = &'d ObjectPath> + 'd {
        let columns = self
            .sides
            .expected
            .parts_of(path)
            .filter(|part| path.kind.is_relation() && part.path.kind == ObjectKind::Column)
            .flat_map(|part| self.expected_needs.of(&part.path));
        self.expected_needs.of(path).chain(columns).filter(move |needed| {
            *needed != path
                && !(needed.is_part()
                    && needed.schema == path.schema
                    && needed.head == path.head
                    && !path.is_part())
        })
    }

    /// By itself, or as a column of a relation.
    pub fn is_created(&self, path: &ObjectPath) -> bool {
        self.creations.contains_key(path)
            || (path.kind == ObjectKind::Column
                && self.relation_of(path).is_some_and(|relation| self.creations.contains_key(&relation)))
    }

    /// A part of a relation that is taken down as a whole and put up again: it gets its name then.
    pub fn comes_anew(&self, path: &ObjectPath) -> bool {
        let goes = |relation: &ObjectPath| {
            self.removals.contains_key(relation) && self.creations.contains_key(relation)
        };
        path.is_part()
            && self.is_created(path)
            && self.relation_of(path).is_some_and(|relation| goes(&relation))
    }

    /// The relation that a part belongs to, by its path: on whichever side there is one.
    pub fn relation_of(&self, part: &ObjectPath) -> Option<ObjectPath> {
        let name = part.relation()?;
        let kinds =
            [ObjectKind::Table, ObjectKind::View, ObjectKind::MaterializedView, ObjectKind::ForeignTable];
        kinds
            .into_iter()
            .map(|kind| ObjectPath::in_schema(kind, &name.schema, &name.name))
            .find(|path| self.sides.found.contains(path) || self.sides.expected.contains(path))
    }

    /// What the values of a type are: of a domain, those of the type that it is made of.
    pub fn unwrapped(&self, data_type: &Text) -> String {
        let mut text = data_type.to_string();
        for _ in 0..8 {
            match self.named_type(&text).map(|entry| &entry.object) {
                Some(Object::Domain(domain)) => text = domain.base.to_string(),
                _ => break,
            }
        }
        text
    }

    /// Whether a type that an expected column is of is not there yet, or takes other values than it should.
    pub fn types_differ(&self, column: &ObjectPath) -> bool {
        let types =
            [ObjectKind::CompositeType, ObjectKind::Domain, ObjectKind::RangeType, ObjectKind::BaseType];
        let properties = ["attributes", "checks", "base", "type", "nullability", "subtype", "collation"];
        let needed = self.expected_needs.of(column).filter(|needed| types.contains(&needed.kind));
        needed.into_iter().any(|needed| {
            !self.sides.found.contains(needed)
                || self.aspects_of(needed).any(|(_, aspect)| properties.contains(&aspect))
        })
    }

    /// The labels of an expected enum.
    pub fn labels(&self, data_type: &Text) -> Option<Vec<String>> {
        match self.named_type(&self.unwrapped(data_type)).map(|entry| &entry.object) {
            Some(Object::Enum(labels)) => Some(labels.labels.iter().map(ToString::to_string).collect()),
            _ => None,
        }
    }

    /// What rows that are there have in a new column: its default, that of its domain, or nothing.
    pub fn value_of_new(&self, column: &Column) -> String {
        let value = self.default_of(column).map_or("NULL", Text::as_str);
        format!("({value})::{}", column.data_type)
    }

    /// The default of a column, or of its domain.
    pub fn default_of<'d>(&'d self, column: &'d Column) -> Option<&'d Text> {
        let of_domain = match self.named_type(column.data_type.as_str()).map(|entry| &entry.object) {
            Some(Object::Domain(domain)) => domain.default.as_ref(),
            _ => None,
        };
        column.default.as_ref().or(of_domain)
    }

    /// A domain that has a default.
    pub fn fills_by_itself(&self, data_type: &Text) -> bool {
        match self.named_type(data_type.as_str()).map(|entry| &entry.object) {
            Some(Object::Domain(domain)) => domain.default.is_some(),
            _ => false,
        }
    }

    fn named_type(&self, text: &str) -> Option<&Entry> {
        let (schema, name) = text.rsplit_once('.')?;
        let (schema, name) = (Ident::new(unquote_ident(schema)), Ident::new(unquote_ident(name)));
        [ObjectKind::Domain, ObjectKind::Enum].into_iter().find_map(|kind| {
            let path = ObjectPath::in_schema(kind, &schema, &name);
            self.sides.expected.find(&path).or_else(|| self.sides.found.find(&path))
        })
    }

    /// Attributes of a composite type that go while columns hold values of it.
    pub fn attributes_gone(&self, path: &ObjectPath) -> Vec<String> {
        let held = self.found_needs.on(path).any(|user| user.kind == ObjectKind::Column);
        match (
            self.sides.found.find(path).map(|entry| &entry.object),
            self.sides.expected.find(path).map(|entry| &entry.object),
        ) {
            (Some(Object::CompositeType(there)), Some(Object::CompositeType(wanted))) if held => there
                .attributes
                .iter()
                .map(|attribute| &attribute.name)
                .filter(|name| !wanted.attributes.iter().any(|attribute| attribute.name == **name))
                .map(ToString::to_string)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether somebody works with a table while the repair runs, as far as anybody knows.
    pub fn is_large(&self, table: &QualifiedName) -> bool {
        let path = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
        let Some(Object::Table(_)) = self.sides.found.find(&path).map(|entry| &entry.object) else {
            return false;
        };
        if self.creations.contains_key(&path) {
            return false;
        }
        (self.request.sizes)(&self.known.name_found(table)).is_none_or(|size| size.rows > LARGE)
    }

    /// Whether one part belongs to a table that comes from the table of the other, as expected.
    pub fn is_child(&self, part: &ObjectPath, of: &ObjectPath) -> bool {
        let (Some(mut table), Some(wanted)) = (part.relation(), of.relation()) else { return false };
        // Nobody nests deeper.
        for _ in 0..32 {
            let path = ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name);
            let parent = match self.sides.expected.find(&path).map(|entry| &entry.object) {
                Some(Object::Table(table)) => {
                    table.partition_of.as_ref().map(|partition| partition.parent.clone())
                }
                _ => None,
            };
            match parent {
                Some(parent) if parent == wanted => return true,
                Some(parent) => table = parent,
                None => return false,
            }
        }
        false
    }

    pub fn found(&self, path: &ObjectPath) -> Option<&'a Entry> {
        self.sides.found.find(path)
    }
}
