//! What a tool itself sends to a database, where its migrations cannot be read from their texts alone: the tool runs on
//! a throwaway database, and what it says becomes the history.

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::history::TransactionMode;
use trueup_model::{History, Migration, Place, Reach, Statement, Text};
use trueup_sql::classify::classify;
use trueup_sql::semantic_text;

use crate::folder::shown;
use crate::source;

/// A program that runs the migrations of a project and tells what each of them sends. It reads one JSON object from
/// its standard input: what `request` holds, and under `database` where the throwaway database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorder {
    pub program: Utf8PathBuf,
    pub arguments: Vec<String>,
    pub folder: Utf8PathBuf,
    pub environment: Vec<(String, String)>,
    pub request: BTreeMap<&'static str, Option<String>>,
}

/// A migration as it ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub key: String,
    pub file: String,
    pub atomic: bool,
    pub statements: Vec<String>,
}

/// The history with the statements that were recorded, in the order in which the tool ran its migrations. Statements
/// that were read from the text as well keep their places.
pub fn with_recorded(history: &History, root: &Utf8Path, recorded: &[Recorded]) -> History {
    let migrations = recorded.iter().map(|recorded| migration(history, root, recorded)).collect();
    History { migrations, ..history.clone() }
}

fn migration(history: &History, root: &Utf8Path, recorded: &Recorded) -> Migration {
    let read = history.migrations.iter().find(|migration| migration.key.as_str() == recorded.key);
    let file: Arc<str> = match read {
        Some(read) => read.file.clone(),
        None => shown(root, Utf8Path::new(&recorded.file)).into(),
    };
    let transaction = if recorded.atomic { TransactionMode::Single } else { TransactionMode::PerStatement };
    let mut places: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for statement in read.iter().flat_map(|read| &read.up).rev() {
        places.entry(semantic_text(&statement.text)).or_default().push(statement.place.clone());
    }
    let mut last = Place::start_of(file.clone());
    let bare = |text: &String| text.trim_end().trim_end_matches(';').to_owned();
    let up = recorded.statements.iter().filter(|text| makes_schema(text)).map(bare).map(|text| {
        // What was not read stands near what was read before it.
        if let Some(place) = places.get_mut(&semantic_text(&text)).and_then(Vec::pop) {
            last = place;
        }
        Statement { text: text.into(), place: last.clone(), copy_data: None }
    });
    let up = up.collect();
    let made = match read {
        Some(read) => Migration {
            opaque: None,
            reach: Reach::Nothing,
            // What it sends is known by now, but not what it does to rows elsewhere.
            only_by_tool: read.only_by_tool.clone().or_else(|| read.opaque.clone()),
            ..read.clone()
        },
        None => source::migration(&recorded.key, &recorded.key, &file, transaction),
    };
    Migration { up, transaction, key: Text::new(&recorded.key), ..made }
}

/// Whether a statement may change more than rows. Tools look into the catalogs all the time; a function that is called
/// for itself may do anything.
fn makes_schema(text: &str) -> bool {
    let verb = classify(text).verb;
    match verb.split(' ').next().unwrap_or_default() {
        "INSERT" | "UPDATE" | "DELETE" | "SAVEPOINT" | "RELEASE" | "ROLLBACK" | "BEGIN" | "COMMIT"
        | "SHOW" | "EXPLAIN" | "" => false,
        "SELECT" => !trueup_sql::classify::words(text).any(|word| word.eq_ignore_ascii_case("from")),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_takes_the_place_of_what_was_read() {
        let file: Arc<str> = "shop/migrations/0001_initial.py".into();
        let mut read =
            source::migration("shop.0001_initial", "shop.0001_initial", &file, TransactionMode::Single);
        let statement = |text: &str, line| Statement {
            text: text.into(),
            place: Place::new(file.clone(), line, 9),
            copy_data: None,
        };
        read.up = vec![statement("CREATE TABLE a (id int)", 12)];
        read.opaque = Some(trueup_model::history::Opaque {
            reason: "a loop".to_owned(),
            place: Place::start_of(file.clone()),
        });
        let history = History {
            framework: "django",
            root: Text::new("."),
            preparation: trueup_model::Preparation::default(),
            migrations: vec![read],
            handlers: Vec::new(),
            findings: Vec::new(),
        };
        let recorded = |key: &str, statements: &[&str]| Recorded {
            key: key.to_owned(),
            file: format!("/p/{}.py", key.replace('.', "/migrations/")),
            atomic: key.starts_with("shop"),
            statements: statements.iter().map(|text| (*text).to_owned()).collect(),
        };
        let sent =
            ["SELECT a FROM pg_class", "CREATE TABLE a  (id int);", "INSERT INTO a VALUES (1)", "SELECT f()"];
        let made = with_recorded(
            &history,
            Utf8Path::new("/p"),
            &[recorded("auth.0001_initial", &["CREATE TABLE u ()"]), recorded("shop.0001_initial", &sent)],
        );
        let ids: Vec<&str> = made.migrations.iter().map(|migration| migration.id.as_str()).collect();
        assert_eq!(ids, ["auth.0001_initial", "shop.0001_initial"]);
        assert_eq!(&*made.migrations[0].file, "auth/migrations/0001_initial.py");
        assert_eq!(made.migrations[0].transaction, TransactionMode::PerStatement);
        let shop = &made.migrations[1];
        let up: Vec<(&str, u32)> =
            shop.up.iter().map(|statement| (&*statement.text, statement.place.line)).collect();
        assert_eq!(up, [("CREATE TABLE a  (id int)", 12), ("SELECT f()", 12)]);
        assert_eq!(shop.opaque, None);
    }
}
