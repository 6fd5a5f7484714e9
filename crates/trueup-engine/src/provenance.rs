//! Which statement of the history stands behind an object or one of its properties.
//!
//! The journal knows exactly which statement created an object and which one last wrote its row. A property is
//! narrower than a row: among the statements in between that name the object, the last one that speaks of the
//! property is the one that claims it.

use std::sync::Arc;

use trueup_model::journal::{Journal, StatementRef};
use trueup_model::name::Text;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_model::{History, Ledger, Origin, Statement};

/// What origins are made of.
pub struct Claims<'a> {
    pub history: &'a History,
    pub ledger: &'a Ledger,
    pub journal: &'a Journal,
}

impl Claims<'_> {
    /// The statement that claims an object, or one property of it.
    pub fn statement(&self, path: &ObjectPath, aspect: Option<&str>) -> Option<StatementRef> {
        if let Some(aspect) = aspect {
            if let Some(exact) = self.detail(path, aspect) {
                return Some(exact);
            }
        }
        let own = self.journal.of(path);
        let relation = self.journal.entries.get(&relation_of(path)?).copied().or(own)?;
        let first = own.and_then(|own| own.created).or(relation.created);
        let last = own.and_then(|own| own.changed).or(relation.changed);
        let (first, last) = match (first, last) {
            (Some(first), Some(last)) => (first.min(last), last.max(first)),
            (Some(one), None) | (None, Some(one)) => (one, one),
            (None, None) => return None,
        };
        let speaking = |wanted: &dyn Fn(&str) -> bool| {
            let mut statements = self.between(first, last).filter(|(_, statement)| {
                let text = statement.text.to_lowercase();
                names(&text, path.head.as_str())
                    && (path.kind != ObjectKind::Column || names(&text, path.part.as_str()))
                    && wanted(&text)
            });
            match aspect {
                // The statement that made it is the first one that names it, a later word on a property is the last.
                None => statements.next().map(|(at, _)| at),
                Some(_) => statements.last().map(|(at, _)| at),
            }
        };
        match aspect {
            None if path.kind != ObjectKind::Column => own.and_then(|own| own.created).or(Some(last)),
            None => speaking(&|_| true).or(Some(last)),
            Some(aspect) => speaking(&|text| keywords(aspect).iter().any(|word| text.contains(word)))
                .or_else(|| speaking(&|_| true))
                .or(Some(first)),
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

    fn between(
        &self,
        first: StatementRef,
        last: StatementRef,
    ) -> impl Iterator<Item = (StatementRef, &Statement)> {
        let migrations = self.history.migrations.iter().enumerate();
        migrations.flat_map(move |(migration, content)| {
            content.up.iter().enumerate().filter_map(move |(statement, text)| {
                let at = StatementRef {
                    migration: u32::try_from(migration).ok()?,
                    statement: u32::try_from(statement).ok()?,
                };
                (first..=last).contains(&at).then_some((at, text))
            })
        })
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
fn names(text: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(&name).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Words by which a statement speaks of a property, in lower case.
fn keywords(aspect: &str) -> &'static [&'static str] {
    match aspect {
        "type" | "subtype" => &["type", "create"],
        "nullability" => &["null", "primary key", "serial"],
        "default" | "identity" | "identity-options" | "identity-sequence" => {
            &["default", "identity", "serial"]
        }
        "generated" | "generated-kind" => &["generated"],
        "collation" => &["collat"],
        "storage" => &["set storage", "storage"],
        "compression" => &["compression"],
        "statistics-target" => &["statistics"],
        "options" | "foreign-options" => {
            &["set (", "set(", "with (", "with(", "options", "reset", "alter column"]
        }
        "owner" => &["owner to"],
        "privileges" => &["grant", "revoke"],
        "row-security" | "forced-row-security" => &["row level security"],
        "replica-identity" => &["replica identity"],
        "clustered-on" => &["cluster"],
        "persistence" => &["logged"],
        "inheritance" => &["inherit"],
        "partition-of" | "partition-bound" => &["partition of", "attach partition"],
        "tablespace" => &["tablespace"],
        "access-method" => &["using"],
        "validated" | "valid" => &["validate", "not valid", "constraint", "index"],
        "enabled" => &["enable", "disable", "create"],
        "comment" | "index-comment" | "attribute-comments" => &["comment"],
        "labels" => &["value", "enum"],
        "checks" => &["check", "constraint"],
        "schema" => &["schema", "create"],
        "version" => &["version", "update", "create"],
        "column-order" => &["create table"],
        "populated" => &["data", "refresh", "materialized"],
        "start" | "increment" | "minimum" | "maximum" | "cache" | "cycle" => &["sequence"],
        "owned-by" => &["owned by", "serial"],
        "deferrable" => &["deferr", "constraint", "references"],
        "volatility" | "strict" | "security-definer" | "leakproof" | "parallel" | "cost" | "rows"
        | "settings" | "support" => &["alter", "create"],
        _ => &["create", "add", "alter"],
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
