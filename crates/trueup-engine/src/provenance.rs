//! Which statement of the history stands behind an object or one of its properties.
//!
//! The journal knows exactly which statement created an object and which one last wrote its row. A property is
//! narrower than a row: of the statements since then that name the object, the last one that speaks of the property
//! claims it; where none does, the one that made the object.

mod words;

mod keywords;
mod made;
mod rebuilt;
mod unread;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use trueup_model::catalog::{Object, OwnedBy};
use trueup_model::journal::{Journal, StatementRef};
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::{Catalog, History, Ledger, Origin};

pub(crate) use made::created_table;
pub use words::names;
use words::{Names, Words};

/// The statements that make tables, by the name of the table, with the schema where one is said.
type TablesMade = BTreeMap<String, Vec<(StatementRef, Option<String>)>>;

/// What origins are made of.
pub struct Claims<'a> {
    pub history: &'a History,
    pub ledger: &'a Ledger,
    pub journal: &'a Journal,
    /// What the history makes: it tells which column a sequence belongs to.
    expected: Option<&'a Catalog>,
    /// The statements taken apart, once, when the first question is asked: a thousand findings ask a thousand times.
    statements: OnceCell<Vec<(StatementRef, Words)>>,
    /// The same for what they make, when somebody asks.
    tables: OnceCell<TablesMade>,
}

impl<'a> Claims<'a> {
    pub fn new(history: &'a History, ledger: &'a Ledger, journal: &'a Journal) -> Self {
        Self {
            history,
            ledger,
            journal,
            expected: None,
            statements: OnceCell::new(),
            tables: OnceCell::new(),
        }
    }

    /// The same with what the replay of the history has made.
    pub fn knowing(self, expected: &'a Catalog) -> Self {
        Self { expected: Some(expected), ..self }
    }
}

impl Claims<'_> {
    /// The statement that claims an object, or one property of it.
    pub fn statement(&self, path: &ObjectPath, aspect: Option<&str>) -> Option<StatementRef> {
        match aspect {
            None => self.maker(path),
            // A comment is a row of its own: who wrote it is known exactly.
            Some("comment") => self.detail(path, "comment").or_else(|| self.maker(path)),
            Some(aspect) => {
                self.speaker(path, aspect).or_else(|| self.detail(path, aspect)).or_else(|| self.maker(path))
            }
        }
    }

    /// The statement that made an object. Columns have no number of their own: theirs is the first one since the
    /// relation was made that names them.
    fn maker(&self, path: &ObjectPath) -> Option<StatementRef> {
        let own = self.journal.of(path);
        // A base type is announced by a first CREATE TYPE and made by the second.
        if path.kind == ObjectKind::BaseType {
            return self.speaker(path, "definition").or(own.and_then(|own| own.created));
        }
        if let Some(created) = own.and_then(|own| own.created) {
            return Some(self.first_built(path, created));
        }
        let first = self.beginning(path);
        let names = self.names_of(path);
        let named =
            self.since(first).find(|(_, words)| words.make_or_change(path.kind) && names.meant_by(words, ""));
        named.map(|(at, _)| at).or(own.and_then(|own| own.changed)).or(first)
    }

    /// The last statement that gives something on the object to one of these roles, or takes it away.
    pub fn privilege(&self, path: &ObjectPath, roles: &[String]) -> Option<StatementRef> {
        let names_of_object = self.names_of(path);
        let last_that_names = |roles: &[&str]| {
            let givers = self.since(self.beginning(path)).filter(|(_, words)| {
                names_of_object.meant_by(words, "privileges")
                    && words.speak_of(path.kind, "privileges")
                    && roles.iter().any(|role| names(&words.text, role))
            });
            givers.last().map(|(at, _)| at)
        };
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        last_that_names(&roles)
            .or_else(|| last_that_names(&["current_user", "session_user", "current_role"]))
            .or_else(|| self.maker(path))
    }

    /// The last statement that names the object and speaks of the property.
    fn speaker(&self, path: &ObjectPath, aspect: &str) -> Option<StatementRef> {
        let names = self.names_of(path);
        let speakers = self
            .since(self.beginning(path))
            .filter(|(_, words)| names.meant_by(words, aspect) && words.speak_of(path.kind, aspect));
        speakers.last().map(|(at, _)| at)
    }

    /// The statement that made the object, or the relation that it belongs to: nothing before can mean it.
    fn beginning(&self, path: &ObjectPath) -> Option<StatementRef> {
        let of_relation = relation_of(path).and_then(|relation| self.journal.of(&relation));
        of_relation.or_else(|| self.journal.of(path)).and_then(|made| made.created)
    }

    /// The first statement that made a table of this name, in this schema where it says one.
    pub fn former(&self, path: &ObjectPath) -> Option<StatementRef> {
        let tables = self.tables.get_or_init(|| {
            let mut tables = TablesMade::new();
            for (migration, content) in (0..).zip(&self.history.migrations) {
                for (statement, text) in (0..).zip(&content.up) {
                    if let Some(made) = created_table(&text.text) {
                        let at = StatementRef { migration, statement };
                        tables.entry(made.name).or_default().push((at, made.schema));
                    }
                }
            }
            tables
        });
        let schema = path.schema.as_ref().map(|schema| schema.as_str());
        let made = tables.get(path.head.as_str())?;
        made.iter().find(|(_, said)| said.is_none() || said.as_deref() == schema).map(|(at, _)| *at)
    }

    /// The tables that the foreign keys of a table of the history lead to.
    pub(crate) fn referred(&self, relation: &ObjectPath) -> Vec<ObjectPath> {
        let parts = self.expected.into_iter().flat_map(|expected| expected.parts_of(relation));
        parts
            .filter_map(
                |part| if let Object::ForeignKey(key) = &part.object { Some(&key.references) } else { None },
            )
            .map(|table| ObjectPath::in_schema(ObjectKind::Table, &table.schema, &table.name))
            .collect()
    }

    /// The last statement that drops the object by its name.
    pub(crate) fn taken_away(&self, path: &ObjectPath) -> Option<StatementRef> {
        let names = self.names_of(path);
        let mut statements = self.statements().iter().rev();
        statements.find(|(_, words)| words.take_away(path) && names.meant_by(words, "")).map(|(at, _)| *at)
    }

    /// What the object and its relation are called, and were called before they were renamed.
    fn names_of(&self, path: &ObjectPath) -> Names {
        let with_former = |name: &str| {
            let mut all = vec![name.to_lowercase()];
            for words in self.statements().iter().map(|(_, words)| words) {
                if let Some((old, after)) = &words.renaming
                    && names(after, &all[0])
                {
                    all.push(old.clone());
                }
            }
            all
        };
        Names {
            kind: path.kind,
            head: with_former(path.head.as_str()),
            part: if path.is_part() { with_former(path.part.as_str()) } else { Vec::new() },
        }
    }

    pub fn origin(&self, path: &ObjectPath, aspect: Option<&str>) -> Option<Origin> {
        self.statement(path, aspect).and_then(|at| self.origin_of(at))
    }

    pub fn origin_of(&self, at: StatementRef) -> Option<Origin> {
        let migration = self.history.migrations.get(usize::try_from(at.migration).ok()?)?;
        let statement = migration.up.get(usize::try_from(at.statement).ok()?)?;
        Some(Origin {
            migration: migration.id.clone(),
            place: Some(statement.place.clone()),
            excerpt: Some(Arc::clone(&statement.text)),
            recorded_at: self.recorded_at(&migration.key),
        })
    }

    /// The column that a sequence of the history belongs to.
    pub(crate) fn owner_of(&self, sequence: &ObjectPath) -> Option<&OwnedBy> {
        self.expected.and_then(|expected| expected.owner_of(sequence))
    }

    pub fn recorded_at(&self, key: &Text) -> Option<Text> {
        self.ledger
            .entries
            .iter()
            .rfind(|entry| entry.key == *key)
            .and_then(|entry| entry.recorded_at.clone())
    }

    fn detail(&self, path: &ObjectPath, aspect: &str) -> Option<StatementRef> {
        let detail = match aspect {
            "comment" => "comment",
            "default" => "default",
            "generated" | "generated-kind" => "default",
            "not-null-name" | "not-null-validated" | "not-null-no-inherit" => "nullability",
            "labels" => "labels",
            _ => return None,
        };
        self.journal.details.get(&(path.clone(), detail)).copied()
    }

    fn since(&self, first: Option<StatementRef>) -> impl Iterator<Item = (StatementRef, &Words)> {
        let statements = self.statements();
        let start = statements.partition_point(|(at, _)| first.is_some_and(|first| *at < first));
        statements[start..].iter().map(|(at, words)| (*at, words))
    }

    fn statements(&self) -> &[(StatementRef, Words)] {
        self.statements.get_or_init(|| {
            let mut statements = Vec::new();
            for (migration, content) in (0..).zip(&self.history.migrations) {
                for (statement, text) in (0..).zip(&content.up) {
                    statements.push((StatementRef { migration, statement }, Words::of(text)));
                }
            }
            statements
        })
    }
}

/// The relation that a part belongs to, or the object itself.
pub(crate) fn relation_of(path: &ObjectPath) -> Option<ObjectPath> {
    if !path.is_part() {
        return Some(path.clone());
    }
    let schema = path.schema.as_ref()?;
    Some(ObjectPath::in_schema(ObjectKind::Table, schema, path.head.as_str()))
}
