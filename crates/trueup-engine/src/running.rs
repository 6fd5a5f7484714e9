//! A migration as it will be run: what may be in a transaction in one, what may not on its own.
//!
//! Tools open transactions, and so do files. Here there is one around everything of a migration that can be in one,
//! because a row of the ledger belongs to the change that it speaks of. What a file says itself about transactions is
//! taken out; what would end one in the middle cannot be run like that, and is refused with its place.

use std::collections::BTreeSet;

use trueup_model::history::TransactionMode;
use trueup_model::repair::{Script, ScriptPart};
use trueup_model::{Catalog, Ident, Migration, ObjectKind, Place, QualifiedName, Statement};
use trueup_sql::{Effect, TransactionControl, classify, holds_password, words};

/// A statement that nobody can run here in place of the tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrunnable {
    pub place: Place,
    pub reason: String,
}

/// The script of a migration, with its way back where the migration has one.
pub fn as_script(migration: &Migration) -> Result<Script, Unrunnable> {
    if let Some(opaque) = migration.opaque.as_ref().or(migration.only_by_tool.as_ref()) {
        return Err(Unrunnable { place: opaque.place.clone(), reason: opaque.reason.clone() });
    }
    let down = match &migration.down {
        None => Err("the migration has none".to_owned()),
        Some(down) => parts(down, migration.transaction).map_err(|error| error.reason),
    };
    Ok(Script {
        title: migration.id.to_string(),
        head: Vec::new(),
        up: parts(&migration.up, migration.transaction)?,
        down,
    })
}

/// Tables whose names stand anywhere in these scripts, also within the text of code that they make or run; all tables
/// where code is run whose names nobody can see. Which ones they really touch is for a server to say; these are worth
/// having rows in them when it is tried.
pub fn mentioned(scripts: &[Script], catalog: &Catalog) -> Vec<QualifiedName> {
    let mut parts = scripts.iter().flat_map(|script| &script.up);
    let runs_code = parts.any(|part| {
        // A block of ours says all names in full.
        classify(&part.text).effect == Effect::Unknown && title_of_block(&part.text).is_none()
    });
    let mut words = BTreeSet::new();
    for part in scripts.iter().flat_map(|script| &script.up) {
        words.extend(
            part.text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').map(str::to_lowercase),
        );
    }
    let is_mentioned = |name: &Ident| {
        let name = name.as_str().to_lowercase();
        // A name with blanks is in no list of words.
        words.contains(&name) || name.contains(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
    };
    catalog
        .entries()
        .iter()
        .filter(|entry| entry.path.kind == ObjectKind::Table)
        .filter(|entry| runs_code || is_mentioned(&entry.path.head))
        .filter_map(|entry| entry.path.qualified())
        .collect()
}

fn parts(statements: &[Statement], mode: TransactionMode) -> Result<Vec<ScriptPart>, Unrunnable> {
    let mut parts = Vec::new();
    let mut is_in_block = mode != TransactionMode::PerStatement;
    for statement in statements {
        let class = classify(&statement.text);
        let refuse =
            |reason: &str| Err(Unrunnable { place: statement.place.clone(), reason: reason.to_owned() });
        match class.transaction {
            Some(TransactionControl::Begin) => {
                is_in_block = true;
                continue;
            }
            Some(TransactionControl::Commit) => {
                is_in_block = mode != TransactionMode::PerStatement;
                continue;
            }
            Some(
                TransactionControl::CommitAndChain
                | TransactionControl::Rollback
                | TransactionControl::RollbackAndChain
                | TransactionControl::PrepareTransaction
                | TransactionControl::CommitPrepared
                | TransactionControl::RollbackPrepared,
            ) => return refuse("it ends a transaction in the middle of the migration"),
            // What cannot be replayed like that is not run like that.
            Some(
                TransactionControl::Savepoint
                | TransactionControl::ReleaseSavepoint
                | TransactionControl::RollbackToSavepoint,
            ) if !is_in_block => {
                return refuse(
                    "it uses a savepoint outside of a transaction, and the statements of such a file commit one by one: \
                     put BEGIN and COMMIT around them",
                );
            }
            Some(
                TransactionControl::Savepoint
                | TransactionControl::ReleaseSavepoint
                | TransactionControl::RollbackToSavepoint
                | TransactionControl::SetTransaction,
            )
            | None => {}
        }
        if becomes_another(&statement.text) {
            return refuse(
                "it goes on as another role, which may not write the ledger: SET ROLE and RESET ROLE instead",
            );
        }
        if class.verb == "COPY" && statement.copy_data.is_none() {
            return refuse("it copies from or to something that is not in the migration");
        }
        parts.push(ScriptPart {
            comment: told(statement, &class.verb),
            text: statement.text.to_string(),
            copy_data: statement.copy_data.clone(),
            transactional: !stands_alone(&class.verb, &statement.text, class.outside_transaction, mode),
        });
    }
    Ok(parts)
}

/// `SET SESSION AUTHORIZATION`, unless it goes back.
fn becomes_another(text: &str) -> bool {
    let words: Vec<String> = words(text).take(5).collect();
    let at = words.windows(2).position(|pair| pair[0] == "session" && pair[1] == "authorization");
    words.first().is_some_and(|first| first == "set")
        && at.is_some_and(|at| words.get(at + 2).is_some_and(|role| role != "default"))
}

/// What the server refuses in a transaction; and a new label of an enum, which later statements may use only once it
/// is committed, where the tool would have committed it.
fn stands_alone(verb: &str, text: &str, outside_transaction: bool, mode: TransactionMode) -> bool {
    let adds_label = || {
        verb == "ALTER TYPE" && {
            let words: Vec<String> = words(text).take(12).collect();
            words.windows(2).any(|pair| pair[0] == "add" && pair[1] == "value")
        }
    };
    outside_transaction || (mode == TransactionMode::PerStatement && adds_label())
}

/// `db/0003_add_price.sql:4: alter table orders add column price numeric`
fn told(statement: &Statement, verb: &str) -> String {
    const LENGTH: usize = 60;
    let Place { file, line, .. } = &statement.place;
    if let Some(title) = title_of_block(&statement.text) {
        return format!("{file}:{line}: {title}");
    }
    let text = statement.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = text.chars().take(LENGTH).collect();
    if holds_password(&statement.text) || text.contains("://") {
        short = format!("{verb} …");
    } else if short.len() < text.len() {
        short.push('…');
    }
    format!("{file}:{line}: {short}")
}

/// The comment with which the code of a `DO` begins.
fn title_of_block(text: &str) -> Option<&str> {
    let code = text.strip_prefix("DO $")?.split_once('$')?.1;
    let title = code.trim_start_matches(' ').strip_prefix("--")?.lines().next()?.trim();
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use trueup_model::Text;
    use trueup_model::history::{MigrationKind, Opaque};

    use super::*;

    fn migration(mode: TransactionMode, statements: &[&str]) -> Migration {
        let file: Arc<str> = Arc::from("db/1.sql");
        let up = (1..)
            .zip(statements)
            .map(|(line, text)| Statement {
                text: Arc::from(*text),
                place: Place::new(file.clone(), line, 1),
                copy_data: text.ends_with("stdin").then(|| Arc::from("1\n")),
            })
            .collect();
        Migration {
            id: Text::new("1_shop"),
            key: Text::new("1"),
            kind: MigrationKind::Versioned,
            parents: Vec::new(),
            replaces: Vec::new(),
            file,
            transaction: mode,
            up,
            down: None,
            checksum: None,
            opaque: None,
            reach: trueup_model::Reach::Nothing,
            only_by_tool: None,
        }
    }

    /// Statements that stand alone are in brackets.
    #[track_caller]
    fn check(mode: TransactionMode, statements: &[&str], expected: &str) {
        let outcome = match as_script(&migration(mode, statements)) {
            Err(error) => format!("line {}: {}", error.place.line, error.reason),
            Ok(script) => script
                .up
                .iter()
                .map(|part| if part.transactional { part.text.clone() } else { format!("[{}]", part.text) })
                .collect::<Vec<_>>()
                .join("; "),
        };
        assert_eq!(outcome, expected);
    }

    #[test]
    fn one_transaction_stands_around_what_may_be_in_one() {
        check(
            TransactionMode::PerStatement,
            &["begin", "create table a ()", "commit", "create index concurrently i on a (b)", "vacuum a"],
            "create table a (); [create index concurrently i on a (b)]; [vacuum a]",
        );
        check(TransactionMode::Single, &["savepoint a", "rollback to a"], "savepoint a; rollback to a");
    }

    #[test]
    fn a_new_label_is_committed_where_the_tool_would_commit_it() {
        let statements = ["alter type mood add value 'calm'", "insert into a values ('calm')"];
        check(
            TransactionMode::PerStatement,
            &statements,
            "[alter type mood add value 'calm']; insert into a values ('calm')",
        );
        check(TransactionMode::Single, &statements, &statements.join("; "));
    }

    #[test]
    fn what_cannot_be_run_is_named_with_its_place() {
        check(
            TransactionMode::PerStatement,
            &["select 1", "rollback"],
            "line 2: it ends a transaction in the middle of the migration",
        );
        check(
            TransactionMode::PerStatement,
            &["copy a from '/tmp/a'"],
            "line 1: it copies from or to something that is not in the migration",
        );
        check(TransactionMode::PerStatement, &["copy a from stdin"], "copy a from stdin");
        check(
            TransactionMode::Single,
            &["select 1", "set local session authorization ann"],
            "line 2: it goes on as another role, which may not write the ledger: SET ROLE and RESET ROLE instead",
        );
        let back = "set session authorization default";
        check(TransactionMode::Single, &[back], back);
        let savepoint = ["savepoint a", "begin", "savepoint b", "release b", "commit"];
        let reason = "it uses a savepoint outside of a transaction, and the statements of such a file commit one by one: \
                      put BEGIN and COMMIT around them";
        check(TransactionMode::PerStatement, &savepoint, &format!("line 1: {reason}"));
        check(TransactionMode::PerStatement, &savepoint[1..], "savepoint b; release b");
        check(
            TransactionMode::PerStatement,
            &["begin", "commit", "rollback to b"],
            &format!("line 3: {reason}"),
        );
        let opaque = Opaque { reason: "a loop".to_owned(), place: Place::new("db/1.sql", 7, 1) };
        let unread = Migration { opaque: Some(opaque), ..migration(TransactionMode::Single, &[]) };
        assert_eq!(as_script(&unread).map_err(|error| error.reason), Err("a loop".to_owned()));
    }

    #[test]
    fn a_part_is_told_by_its_place_and_its_first_words() {
        let long = format!("create table a (\n    b text default '{}')", "x".repeat(60));
        let script = as_script(&migration(TransactionMode::Single, &[&long])).expect("a script");
        let wanted = format!("db/1.sql:1: create table a ( b text default '{}…", "x".repeat(27));
        assert_eq!(script.up[0].comment, wanted);
        assert_eq!(script.down, Err("the migration has none".to_owned()));
        let block = "DO $body$ -- create index shop.orders.total\nBEGIN END $body$";
        let script = as_script(&migration(TransactionMode::Single, &[block])).expect("a script");
        assert_eq!(script.up[0].comment, "db/1.sql:1: create index shop.orders.total");
        let secret = "alter role shop\nPASSWORD 'hunter2'";
        let script = as_script(&migration(TransactionMode::Single, &[secret])).expect("a script");
        assert_eq!(script.up[0].comment, "db/1.sql:1: ALTER ROLE …");
    }
}
