//! What the readers share while the rows of an introspection come in: names by number, and the entries so far.

use rustc_hash::{FxHashMap, FxHashSet};
use trueup_model::catalog::{Attribute, Entry, Index, Object};
use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_model::path::ObjectPath;

use super::acl::beyond_default;
use super::dependencies::Needs;
use super::{Mark, sequences::OwnedSequence};

/// The OID of a system catalog: with the OID of a row it names any object of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ClassId(pub u32);

impl ClassId {
    pub const RELATION: ClassId = ClassId(1259);
    pub const TYPE: ClassId = ClassId(1247);
    pub const ROUTINE: ClassId = ClassId(1255);
    pub const CONSTRAINT: ClassId = ClassId(2606);
    pub const SCHEMA: ClassId = ClassId(2615);
    pub const EXTENSION: ClassId = ClassId(3079);
    pub const TRIGGER: ClassId = ClassId(2620);
    pub const RULE: ClassId = ClassId(2618);
    pub const POLICY: ClassId = ClassId(3256);
    pub const STATISTICS: ClassId = ClassId(3381);
    pub const EVENT_TRIGGER: ClassId = ClassId(3466);
    pub const DEFAULT_PRIVILEGES: ClassId = ClassId(826);
}

/// Where the system catalogs keep an object: a catalog, a row of it, and the number of a column or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Address {
    pub catalog: u32,
    pub oid: u32,
    pub part: i32,
}

#[derive(Default)]
pub(super) struct Reading {
    pub roles: FxHashMap<u32, Ident>,
    pub schemas: FxHashMap<u32, Ident>,
    pub members: FxHashSet<(u32, u32)>,
    pub comments: FxHashMap<(u32, u32, i32), (Text, u32)>,
    pub relations: FxHashMap<u32, Relation>,
    /// By relation and column.
    pub defaults: FxHashMap<(u32, i16), ReadDefault>,
    /// Attributes of composite types, by the relation behind the type.
    pub composites: FxHashMap<u32, Vec<(i16, Attribute)>>,
    /// Sequences of identity columns, by relation and column.
    pub identities: FxHashMap<(u32, i16), OwnedSequence>,
    /// Sequences that a column owns: the entry, the relation, the column.
    pub owned_sequences: Vec<(usize, u32, i16)>,
    /// Operator classes and collations by number: the name, and whether it is a default.
    pub operator_classes: FxHashMap<u32, (Text, bool)>,
    pub collations: FxHashMap<u32, (Text, bool)>,
    /// Options and statistics targets of the columns of indexes.
    pub index_columns: FxHashMap<u32, Vec<IndexColumn>>,
    /// Indexes until it is known whether a constraint stands before them.
    pub indexes: FxHashMap<u32, ReadIndex>,
    pub constraints: FxHashMap<u32, usize>,
    pub types: FxHashMap<u32, usize>,
    pub entries: Vec<Entry>,
    /// `None` where nobody asks for them.
    pub marks: Option<Vec<Mark>>,
    /// `None` where nobody asks for what needs what.
    pub needs: Option<Needs>,
}

pub(super) struct Relation {
    pub name: QualifiedName,
    /// Ours: not an extension's.
    pub ours: bool,
    /// Where its entry is.
    pub entry: usize,
    pub columns: Vec<ReadColumn>,
}

pub(super) struct ReadColumn {
    pub number: i16,
    pub name: Ident,
    pub collation: u32,
    pub entry: usize,
}

/// What a column has by default, or is generated as, and who wrote that.
pub(super) struct ReadDefault {
    pub text: Text,
    pub xmin: u32,
}

/// What a column of an index carries: its number, a statistics target, options of its operator class.
pub(super) type IndexColumn = (i16, Option<i32>, Vec<Text>);

pub(super) struct ReadIndex {
    pub relation: u32,
    pub name: Ident,
    pub xmin: u32,
    pub columns: Vec<Ident>,
    pub index: Index,
}

/// What every object has, as read.
pub(super) struct Common<'a> {
    pub catalog: ClassId,
    pub oid: u32,
    /// The number of a column, else 0.
    pub part: i32,
    pub xmin: u32,
    pub owner: Option<u32>,
    /// JSON arrays of access control items.
    pub acl: Option<&'a str>,
    pub default_acl: Option<&'a str>,
}

impl Relation {
    pub fn column(&self, number: i16) -> Option<&ReadColumn> {
        self.columns.iter().find(|column| column.number == number)
    }

    pub fn column_names(&self, numbers: &[i16]) -> Vec<Ident> {
        numbers.iter().filter_map(|number| self.column(*number)).map(|column| column.name.clone()).collect()
    }
}

impl Reading {
    pub fn is_member(&self, catalog: ClassId, oid: u32) -> bool {
        !self.members.is_empty() && self.members.contains(&(catalog.0, oid))
    }

    /// A relation that is ours to list the parts of.
    pub fn our_relation(&self, oid: u32) -> Option<&Relation> {
        self.relations.get(&oid).filter(|relation| relation.ours)
    }

    pub fn comment(&self, catalog: ClassId, oid: u32, part: i32) -> Option<Text> {
        self.comments.get(&(catalog.0, oid, part)).map(|(text, _)| text.clone())
    }

    pub fn role(&self, oid: u32) -> Ident {
        self.roles.get(&oid).cloned().unwrap_or_else(|| Ident::new(format!("role {oid}")))
    }

    /// Adds an object to the catalog and notes when its row was written.
    pub fn push(&mut self, path: ObjectPath, common: Common<'_>, object: Object) {
        let comment = self.comments.get(&(common.catalog.0, common.oid, common.part)).cloned();
        let items = |json: Option<&str>| -> Vec<Text> {
            json.and_then(|json| serde_json::from_str::<Vec<String>>(json).ok())
                .unwrap_or_default()
                .into_iter()
                .map(Text::new)
                .collect()
        };
        let (granted, revoked) = match common.acl {
            Some(_) => beyond_default(&items(common.acl), &items(common.default_acl)),
            None => (Vec::new(), Vec::new()),
        };
        if let Some(needs) = &mut self.needs {
            let address = Address { catalog: common.catalog.0, oid: common.oid, part: common.part };
            needs.stands(address, &path);
        }
        if let Some(marks) = &mut self.marks {
            let oid = (common.part == 0 && common.oid != 0).then_some(common.oid);
            marks.push(Mark { path: path.clone(), detail: None, oid, xmin: common.xmin });
        }
        if let Some((_, xmin)) = comment {
            self.mark_detail(&path, "comment", xmin);
        }
        self.entries.push(Entry {
            path,
            owner: common.owner.map(|owner| self.role(owner)),
            comment: comment.map(|(text, _)| text),
            granted,
            revoked,
            object,
        });
    }

    pub fn mark_detail(&mut self, path: &ObjectPath, detail: &'static str, xmin: u32) {
        if let Some(marks) = &mut self.marks {
            marks.push(Mark { path: path.clone(), detail: Some(detail), oid: None, xmin });
        }
    }

    /// What is kept. The rest goes before the entries are sorted: it is as large as they are.
    pub fn into_parts(self) -> (Vec<Entry>, Option<Vec<Mark>>, Option<Needs>) {
        (self.entries, self.marks, self.needs)
    }

    /// The entry that was pushed last.
    pub fn last(&self) -> usize {
        self.entries.len() - 1
    }
}
