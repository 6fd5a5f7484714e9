//! Which statement of the history stands behind an object or one of its properties.
//!
//! The journal knows exactly which statement created an object and which one last wrote its row. A property is
//! narrower than a row: of the statements since then that name the object, the last one that speaks of the property
//! claims it; where none does, the one that made the object.

use std::cell::OnceCell;
use std::sync::Arc;

use trueup_model::journal::{Journal, StatementRef};
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::{History, Ledger, Origin, Statement};
use trueup_sql::classify;

/// What origins are made of.
pub struct Claims<'a> {
    pub history: &'a History,
    pub ledger: &'a Ledger,
    pub journal: &'a Journal,
    /// The statements taken apart, once, when the first question is asked: a thousand findings ask a thousand times.
    statements: OnceCell<Vec<(StatementRef, Words)>>,
}

impl<'a> Claims<'a> {
    pub fn new(history: &'a History, ledger: &'a Ledger, journal: &'a Journal) -> Self {
        Self { history, ledger, journal, statements: OnceCell::new() }
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
            return Some(created);
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

    /// The statement that made a table of this name which is not there any more.
    pub fn former(&self, path: &ObjectPath) -> Option<StatementRef> {
        let made = self.since(None).find(|(_, words)| {
            let creates = words.verb.starts_with("create ") && words.verb.ends_with("table");
            creates && names(&words.target, path.head.as_str())
        });
        made.map(|(at, _)| at)
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

/// The names under which a statement can mean an object.
struct Names {
    kind: ObjectKind,
    head: Vec<String>,
    part: Vec<String>,
}

impl Names {
    fn meant_by(&self, words: &Words, aspect: &str) -> bool {
        let any = |all: &[String], text: &str| all.iter().any(|name| names(text, name));
        match self.kind {
            ObjectKind::Column => any(&self.head, &words.target) && any(&self.part, &words.text),
            // Triggers are switched on and off all at once as well.
            _ if aspect == "enabled" && words.target.ends_with(" trigger all") => {
                any(&self.head, &words.target)
            }
            // An index and a constraint can be named without their table.
            _ if !self.part.is_empty() => any(&self.part, &words.text),
            _ => any(&self.head, &words.target),
        }
    }
}

/// The beginning of a statement in lower case: what it does, and to what.
struct Words {
    verb: String,
    /// Up to the first parenthesis or AS: what it is about.
    target: String,
    text: String,
    /// The old name, and the text from the new one on, of a statement that renames something.
    renaming: Option<(String, String)>,
}

impl Words {
    fn of(statement: &Statement) -> Self {
        let text = statement.text.to_lowercase();
        let verb = classify(&statement.text).verb.to_lowercase();
        let target = match verb.as_str() {
            // Behind ON, after the privileges and the columns that they are for.
            "grant" | "revoke" => text.split_once(" on ").map_or("", |(_, object)| object).to_owned(),
            _ => {
                let words = text.split_whitespace().take_while(|word| *word != "as");
                let beginning = words.collect::<Vec<_>>().join(" ");
                beginning.split('(').next().unwrap_or_default().to_owned()
            }
        };
        let renaming = text.split_once(" rename ").and_then(|(_, rest)| rest.split_once(" to ")).and_then(
            |(before, after)| {
                let old = before.trim().trim_start_matches("column ").trim_matches('"');
                (!old.is_empty()).then(|| (old.to_owned(), after.to_owned()))
            },
        );
        Self { verb, target, text, renaming }
    }

    /// CREATE and ALTER of something that an object of this kind can be made or changed by.
    fn make_or_change(&self, kind: ObjectKind) -> bool {
        let Some((verb, what)) = self.verb.split_once(' ') else { return self.verb == "do" };
        matches!(verb, "create" | "alter") && stated_as(kind).iter().any(|word| what.ends_with(word))
    }

    /// `ON SCHEMA …`, `ON TYPE …`: a GRANT on something other than a table.
    fn names_a_class(&self) -> bool {
        const CLASSES: &[&str] = &[
            "schema",
            "type",
            "domain",
            "sequence",
            "function",
            "procedure",
            "routine",
            "language",
            "foreign",
            "all",
            "database",
            "tablespace",
            "large",
            "parameter",
        ];
        self.target.split_whitespace().next().is_some_and(|word| CLASSES.contains(&word))
    }

    fn speak_of(&self, kind: ObjectKind, aspect: &str) -> bool {
        let says = |words: &[&str]| words.iter().any(|word| self.text.contains(word));
        match aspect {
            "index-comment" => self.verb == "comment" && self.target.contains(" index "),
            "attribute-comments" => self.verb == "comment" && self.target.contains(" column "),
            "privileges" => {
                let class = stated_as(kind).iter().find(|class| self.target.contains(&format!("{class} ")));
                let names_class = class.is_some();
                let of_columns = self.text.split(" on ").next().is_some_and(|before| before.contains('('));
                let is_relation = kind.is_relation() || kind == ObjectKind::Column;
                matches!(self.verb.as_str(), "grant" | "revoke")
                    && of_columns == (kind == ObjectKind::Column)
                    && (names_class || (is_relation && !self.names_a_class()))
            }
            "owner" => says(&["owner to"]),
            "clustered-on" => self.verb == "cluster" || says(&["cluster on"]),
            "populated" => {
                self.verb.starts_with("refresh") || (self.make_or_change(kind) && says(&["with no data"]))
            }
            "definition" if kind == ObjectKind::BaseType => self.verb == "create type",
            _ => self.make_or_change(kind) && says(keywords(aspect)),
        }
    }
}

/// The relation that a part belongs to, or the object itself.
fn relation_of(path: &ObjectPath) -> Option<ObjectPath> {
    if !path.is_part() {
        return Some(path.clone());
    }
    let schema = path.schema.as_ref()?;
    Some(ObjectPath::in_schema(ObjectKind::Table, schema, path.head.as_str()))
}

/// Whether a text holds a name as a word of its own, in any case.
pub fn names(text: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(&name).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// The last words of what CREATE and ALTER name when they make or change an object of a kind.
fn stated_as(kind: ObjectKind) -> &'static [&'static str] {
    match kind {
        ObjectKind::Schema => &["schema"],
        ObjectKind::Extension => &["extension"],
        ObjectKind::Enum | ObjectKind::CompositeType | ObjectKind::RangeType | ObjectKind::BaseType => {
            &["type"]
        }
        ObjectKind::Domain => &["domain"],
        ObjectKind::Sequence => &["sequence", "table"],
        ObjectKind::Table | ObjectKind::ForeignTable | ObjectKind::Column => &["table", "view"],
        ObjectKind::View | ObjectKind::MaterializedView => &["view"],
        ObjectKind::PrimaryKey
        | ObjectKind::UniqueConstraint
        | ObjectKind::CheckConstraint
        | ObjectKind::ForeignKey
        | ObjectKind::ExclusionConstraint => &["table", "index"],
        ObjectKind::Index => &["index", "table"],
        ObjectKind::Statistics => &["statistics"],
        ObjectKind::Trigger => &["trigger", "table"],
        ObjectKind::Rule => &["rule", "table"],
        ObjectKind::Policy => &["policy"],
        ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Aggregate => {
            &["function", "procedure", "routine", "aggregate"]
        }
        ObjectKind::EventTrigger => &["event trigger"],
        ObjectKind::DefaultPrivileges => &["privileges"],
        ObjectKind::Collation => &["collation"],
        ObjectKind::Conversion => &["conversion"],
        ObjectKind::Cast => &["cast"],
        ObjectKind::Operator => &["operator"],
        ObjectKind::OperatorClass => &["class"],
        ObjectKind::OperatorFamily => &["family", "class"],
        ObjectKind::Language => &["language"],
        ObjectKind::Transform => &["transform"],
        ObjectKind::AccessMethod => &["method"],
        ObjectKind::TextSearchParser => &["parser"],
        ObjectKind::TextSearchTemplate => &["template"],
        ObjectKind::TextSearchDictionary => &["dictionary"],
        ObjectKind::TextSearchConfiguration => &["configuration"],
        ObjectKind::ForeignDataWrapper => &["wrapper"],
        ObjectKind::ForeignServer => &["server"],
        ObjectKind::UserMapping => &["mapping"],
        ObjectKind::Publication => &["publication"],
        ObjectKind::Subscription => &["subscription"],
    }
}

/// Words by which a CREATE or ALTER speaks of a property, in lower case. A property without an entry is one that only
/// the statement sets which makes the object.
fn keywords(aspect: &str) -> &'static [&'static str] {
    match aspect {
        "name" => &["rename"],
        "type" => &[" type "],
        "nullability" => &["not null", "primary key", "serial"],
        "default" => &["set default", "drop default", " default "],
        "identity" | "identity-options" | "identity-sequence" => &["identity", "serial"],
        "generated" | "generated-kind" => &["generated"],
        "storage" => &["set storage", " storage "],
        "compression" => &["compression"],
        "statistics-target" => &["set statistics"],
        "options" | "foreign-options" => &["set (", "set(", "reset (", "with (", "with(", "options"],
        "row-security" | "forced-row-security" => &["row level security"],
        "replica-identity" => &["replica identity"],
        "persistence" => &["logged"],
        "inheritance" => &["inherit "],
        "partition-of" | "partition-bound" => &["partition of", "attach partition"],
        "tablespace" => &["tablespace"],
        "validated" | "not-null-validated" => &["validate", "not valid"],
        "enabled" => &["enable", "disable"],
        "labels" => &["add value", "rename value", "as enum"],
        "checks" => &["add constraint", "drop constraint", "validate constraint", " check "],
        "schema" => &["set schema"],
        "version" => &["update", "version"],
        "start" | "increment" | "minimum" | "maximum" | "cache" | "cycle" => {
            &["start", "increment", "minvalue", "maxvalue", "cache", "cycle"]
        }
        "owned-by" => &["owned by"],
        "deferrable" => &["deferrable"],
        "mappings" => &["mapping"],
        "tables" | "schemas" => &["add table", "drop table", "set table", "for table"],
        "volatility" => &["volatile", "stable", "immutable"],
        "strict" => &["strict", "null input"],
        "security-definer" => &["security"],
        "leakproof" => &["leakproof"],
        "parallel" => &["parallel"],
        "cost" => &["cost "],
        "rows" => &["rows "],
        "settings" => &[" set ", "reset "],
        "attributes" => &["attribute"],
        "roles" => &[" to "],
        "using" => &["using"],
        "with-check" => &["with check"],
        _ => &["or replace"],
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_are_whole_words() {
        assert!(names("alter table orders add total", "orders"));
        assert!(names("alter table \"orders\" add total", "Orders"));
        assert!(!names("alter table reorders add total", "orders"));
        assert!(!names("create index orders_total", "orders"));
    }
}
