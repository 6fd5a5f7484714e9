//! The migrations of a project as read from its files: what claims to have built the database.

use std::sync::Arc;

use crate::finding::Finding;
use crate::name::{Ident, Text};
use crate::origin::Place;
use crate::reach::Reach;

/// All migrations of a project, in the order in which the tool at hand would run them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The framework's word in reports: `flyway`, `goose`, `plain`.
    pub framework: &'static str,
    /// The folder as shown: relative to the project.
    pub root: Text,
    pub preparation: Preparation,
    pub migrations: Vec<Migration>,
    /// What runs beside all of them, each time, and may change the schema.
    pub handlers: Vec<Handler>,
    /// What was wrong with the files themselves. The readable rest is in `migrations`.
    pub findings: Vec<Finding>,
}

/// What the tool arranges before it runs a migration, as far as its configuration in the project says so. It decides
/// where everything ends up that names no schema, and schemas that are made here are in no migration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preparation {
    /// The search path that the configured URL asks for. Empty: the server's default.
    pub search_path: Vec<Ident>,
    /// What the tool puts in front of the search path of its connection, whatever that is.
    pub default_schema: Option<Ident>,
    /// Schemas that the tool makes where they are missing.
    pub schemas: Vec<Ident>,
    /// It makes the first schema of its search path, too.
    pub makes_first_of_path: bool,
}

/// What a server's `search_path` is when nobody has set it.
const USUAL_PATH: [&str; 2] = [OWN_SCHEMA, "public"];

/// Stands in a search path for the schema that is called as the role is.
const OWN_SCHEMA: &str = "$user";

impl Preparation {
    /// The search path with which the tool migrates a database, given the one that the URL of this database asks
    /// for. Empty: the server's default. The URL at hand beats the configured one: it stands for another environment
    /// of the same project.
    pub fn search_path_on(&self, url: &[Ident]) -> Vec<Ident> {
        let path = if url.is_empty() { &self.search_path } else { url };
        let Some(first) = &self.default_schema else { return path.to_vec() };
        let mut result = vec![first.clone()];
        if path.is_empty() {
            result.extend(USUAL_PATH.iter().map(Ident::new).filter(|schema| schema != first));
        } else {
            result.extend(path.iter().filter(|schema| *schema != first).cloned());
        }
        result
    }

    /// The same for one database, with everything that depends on its URL decided: `search_path` and `schemas` alone
    /// say what is to be arranged.
    pub fn decided_on(&self, url: &[Ident]) -> Preparation {
        Preparation {
            search_path: self.search_path_on(url),
            default_schema: None,
            schemas: self.schemas_on(url),
            makes_first_of_path: false,
        }
    }

    /// The schemas that the tool makes in that database before its first migration.
    pub fn schemas_on(&self, url: &[Ident]) -> Vec<Ident> {
        let mut schemas = self.schemas.clone();
        if self.makes_first_of_path {
            let first = self.search_path_on(url).into_iter().next();
            schemas.extend(first.filter(|schema| schema.as_str() != OWN_SCHEMA));
        }
        let mut seen = std::collections::BTreeSet::new();
        schemas.retain(|schema| seen.insert(schema.clone()));
        schemas
    }
}

/// One node of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// What findings call it: unique in the history, close to the file's name (`0003_add_price`).
    pub id: Text,
    /// What the tool's ledger calls it (`3`, `20240131120000`, or the same as `id`).
    pub key: Text,
    pub kind: MigrationKind,
    pub parents: Vec<Text>,
    /// Keys of the migrations that it stands for: a database that has all of them has it.
    pub replaces: Vec<Text>,
    pub file: Arc<str>,
    pub transaction: TransactionMode,
    pub up: Vec<Statement>,
    /// The way back, where the migration has one.
    pub down: Option<Vec<Statement>>,
    /// The checksum that the tool itself computes over the file and keeps in its ledger, in its own spelling.
    pub checksum: Option<Text>,
    /// Why the up part could not be read completely.
    pub opaque: Option<Opaque>,
    /// What the unread rest may have touched.
    pub reach: Reach,
    /// What only the tool itself can run: code that changes rows. The schema is known without it.
    pub only_by_tool: Option<Opaque>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MigrationKind {
    Versioned,
    /// Runs again whenever its content changes, after all versioned ones (Flyway's `R__`).
    Repeatable,
    /// Stands for all migrations up to its version on databases that start with it (Flyway's `B…__`).
    Baseline,
}

/// How the tool at hand wraps a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionMode {
    /// The tool opens one transaction around the whole migration.
    Single,
    /// The whole file is sent at once: one implicit transaction, unless the file has its own.
    Implicit,
    /// Every statement commits by itself, unless the file has its own transactions.
    PerStatement,
}

/// Something that the tool runs before or after the migrations, and that belongs to none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handler {
    /// What findings call it.
    pub id: Text,
    pub why: Opaque,
    /// What it may touch.
    pub reach: Reach,
    /// Before the migrations, and else after them.
    pub comes_first: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opaque {
    pub reason: String,
    pub place: Place,
}

/// One statement of a migration with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The text without the final semicolon, comments inside it kept.
    pub text: Arc<str>,
    /// Where its first word stands.
    pub place: Place,
    /// The lines that follow `COPY … FROM STDIN`, without the final `\.`.
    pub copy_data: Option<Arc<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idents(names: &[&str]) -> Vec<Ident> {
        names.iter().map(Ident::new).collect()
    }

    #[test]
    fn the_url_at_hand_beats_the_configured_one_and_a_default_schema_stays_in_front() {
        for (default_schema, configured, url, expected) in [
            (None, vec![], vec![], vec![]),
            (None, vec!["shop"], vec![], vec!["shop"]),
            (None, vec!["shop"], vec!["tenant", "public"], vec!["tenant", "public"]),
            (Some("shop"), vec![], vec![], vec!["shop", "$user", "public"]),
            (Some("public"), vec![], vec![], vec!["public", "$user"]),
            (Some("shop"), vec!["app", "shop"], vec![], vec!["shop", "app"]),
            (Some("shop"), vec!["app"], vec!["tenant"], vec!["shop", "tenant"]),
        ] {
            let preparation = Preparation {
                search_path: idents(&configured),
                default_schema: default_schema.map(Ident::new),
                ..Preparation::default()
            };
            assert_eq!(
                preparation.search_path_on(&idents(&url)),
                idents(&expected),
                "{preparation:?} on {url:?}"
            );
        }
    }

    #[test]
    fn the_schemas_that_a_tool_makes_are_named_once() {
        let preparation = Preparation {
            search_path: idents(&["shop"]),
            schemas: idents(&["audit", "shop"]),
            makes_first_of_path: true,
            ..Preparation::default()
        };
        assert_eq!(preparation.schemas_on(&[]), idents(&["audit", "shop"]));
        assert_eq!(preparation.schemas_on(&idents(&["tenant"])), idents(&["audit", "shop", "tenant"]));
        assert_eq!(preparation.schemas_on(&idents(&["$user", "x"])), idents(&["audit", "shop"]));
        let other = Preparation { makes_first_of_path: false, ..preparation };
        assert_eq!(other.schemas_on(&idents(&["tenant"])), idents(&["audit", "shop"]));
    }
}
