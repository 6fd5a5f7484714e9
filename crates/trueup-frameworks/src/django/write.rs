//! A repair as Django's next migrations: in the apps whose tables it is about, each after the last one of its app and
//! after what it needs of the others, with statements that Django runs as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::repair::{Script, ScriptPart};
use trueup_model::{History, Ledger, Migration, Text};
use trueup_sql::classify::classify;
use trueup_sql::lexer::significant_tokens;
use trueup_sql::text::LineEnding;
use trueup_sql::unquote_ident;

use super::Django;
use super::graph::Key;
use super::python_text::{comment, literal};
use crate::detect::Detected;
use crate::framework::FileOf;
use crate::naming::leading_digits;
use crate::write::next::incremented;
use crate::write::rows::{Table, literal as quoted};
use crate::write::sheet::line_ending;
use crate::write::{
    Down, LedgerItem, Marks, Piece, Prepared, WriteError, WriteRequest, WrittenFile, WrittenMigration, pieces,
};

const MARKS: Marks = Marks { tool: "Django", ..Marks::NONE };

pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    if request.script.up.is_empty() {
        return Err(WriteError::Empty);
    }
    let mut project = Project::of(request.history);
    let home = project.home()?;
    let ending = line_ending(request.detected, request.history.migrations.last());
    let mut written: Vec<WrittenMigration> = Vec::new();
    for (app, range, script) in by_app(request.script, &project, &home) {
        for piece in pieces(&script, &MARKS)? {
            let needed = needed_apps(&script.up[piece.parts.clone()], &project);
            let last = written.last().map(|migration| key_of(&migration.key)).transpose()?;
            let dependencies = project.dependencies(&app, &needed, last.as_ref());
            let name = project.next_name(&app, &piece.slug, request.recorded);
            let path = project.folder(&app)?.join(format!("{name}.py"));
            let key = Key::new(&app, name);
            let text = file(&piece, &dependencies);
            written.push(WrittenMigration {
                id: Text::new(key.to_string()),
                key: Text::new(key.to_string()),
                checksum: None,
                parts: range.start + piece.parts.start..range.start + piece.parts.end,
                transactional: piece.transactional && piece.down_transactional,
                files: vec![WrittenFile { path, text: with_line_ends(&text, ending) }],
            });
            project.leaves.insert(app.clone(), key);
        }
    }
    Ok(written)
}

/// The app that a text is about, of those that are the project's own.
pub(super) fn file_of<'h>(history: &'h History) -> FileOf<'h> {
    let project = Project::of(history);
    Box::new(move |text| project.own_app([text]).cloned())
}

/// What the history says about apps: their last migrations, where these lie, and which tables are theirs.
struct Project<'a> {
    history: &'a History,
    leaves: BTreeMap<String, Key>,
    folders: BTreeMap<String, Utf8PathBuf>,
    tables: BTreeMap<String, String>,
}

impl<'a> Project<'a> {
    fn of(history: &'a History) -> Self {
        let mut project =
            Project { history, leaves: BTreeMap::new(), folders: BTreeMap::new(), tables: BTreeMap::new() };
        let mut parents: BTreeSet<&str> = BTreeSet::new();
        for migration in &history.migrations {
            let app = app_of(migration);
            let own = migration.parents.iter().filter(|parent| app_in(parent.as_str()) == app);
            parents.extend(own.map(Text::as_str));
            if let Some(folder) = Utf8Path::new(&*migration.file).parent() {
                project.folders.insert(app.to_owned(), folder.to_owned());
            }
            for name in migration.up.iter().flat_map(|statement| names_made(&statement.text)) {
                project.tables.insert(name, app.to_owned());
            }
        }
        for migration in &history.migrations {
            // The last in the order of the history, where an app has more than one end.
            if let (false, Ok(key)) = (parents.contains(migration.id.as_str()), key_of(&migration.key)) {
                project.leaves.insert(app_of(migration).to_owned(), key);
            }
        }
        project
    }

    /// The app of the project that takes what belongs to nobody: the one with the most migrations. Those of installed
    /// packages are not the project's to write.
    fn home(&self) -> Result<String, WriteError> {
        let count =
            |app: &str| self.history.migrations.iter().filter(|migration| app_of(migration) == app).count();
        let own = self.folders.keys().filter(|app| self.is_own(app));
        own.max_by_key(|app| (count(app), std::cmp::Reverse((*app).clone()))).cloned().ok_or_else(|| {
            WriteError::Folder {
                reason: "no app of this project has migrations of its own; write it with --as sql".to_owned(),
            }
        })
    }

    fn is_own(&self, app: &str) -> bool {
        let foreign = |part: &str| matches!(part, "site-packages" | "dist-packages" | "..");
        self.folders.get(app).is_some_and(|folder| {
            folder.is_relative() && !folder.components().any(|component| foreign(component.as_str()))
        })
    }

    /// The apps of the words in texts that are names of tables, wherever they stand.
    fn apps_in<'p, const N: usize>(&'p self, texts: [&'p str; N]) -> impl Iterator<Item = &'p String> {
        let is_end = |character: char| !(character.is_alphanumeric() || matches!(character, '_' | '$'));
        let words = texts.into_iter().flat_map(move |text| text.split(is_end));
        words.filter_map(|word| self.tables.get(word))
    }

    /// The first of them that is the project's to write.
    fn own_app<'p, const N: usize>(&'p self, texts: [&'p str; N]) -> Option<&'p String> {
        self.apps_in(texts).find(|app| self.is_own(app))
    }

    fn folder(&self, app: &str) -> Result<&Utf8PathBuf, WriteError> {
        self.folders.get(app).ok_or_else(|| WriteError::Folder {
            reason: format!("the app {app} has no folder of migrations"),
        })
    }

    /// The last migration of the app itself, of the apps whose tables are needed, and the one written before.
    fn dependencies(&self, app: &str, needed: &BTreeSet<String>, last: Option<&Key>) -> BTreeSet<Key> {
        let apps = needed.iter().map(String::as_str).chain([app]);
        apps.filter_map(|app| self.leaves.get(app)).chain(last).cloned().collect()
    }

    /// One more than the highest number of the app, in files and in the ledger.
    fn next_name(&self, app: &str, slug: &str, recorded: &[Text]) -> String {
        let keys = self.history.migrations.iter().map(|migration| &migration.key).chain(recorded);
        let own = keys.filter_map(|key| key_of(key).ok()).filter(|key| key.app == app).map(|key| key.name);
        let written = self.leaves.get(app).map(|key| key.name.clone());
        let numbers = own.chain(written).filter_map(|name| Some(leading_digits(&name)?.0.to_owned()));
        let highest = numbers.max_by_key(|digits| digits.parse::<u64>().unwrap_or_default());
        let number =
            highest.map_or_else(|| "0001".to_owned(), |digits| format!("{:0>4}", incremented(&digits)));
        format!("{number}_{slug}")
    }
}

fn app_of(migration: &Migration) -> &str {
    app_in(migration.key.as_str())
}

fn app_in(key: &str) -> &str {
    key.split_once('.').map_or(key, |(app, _)| app)
}

/// The table that a statement makes or renames to, and the relations that the statement of a repair speaks of.
fn names_made(statement: &str) -> Option<String> {
    let verb = classify(statement).verb;
    if verb != "CREATE TABLE" && verb != "ALTER TABLE" {
        return None;
    }
    let words: Vec<&str> = significant_tokens(statement).map(|token| token.text(statement)).collect();
    let at = match verb == "CREATE TABLE" {
        true => words.iter().position(|word| word.eq_ignore_ascii_case("table"))? + 1,
        false => {
            let rename = words.iter().position(|word| word.eq_ignore_ascii_case("rename"))?;
            words.get(rename + 1).filter(|word| word.eq_ignore_ascii_case("to"))?;
            rename + 2
        }
    };
    let past_guard = words.get(at).is_some_and(|word| word.eq_ignore_ascii_case("if"));
    let at = if past_guard { at + 3 } else { at };
    let name = if words.get(at + 1) == Some(&".") { words.get(at + 2) } else { words.get(at) };
    name.map(|name| unquote_ident(name))
}

/// The texts of a part in which tables are named: in the statement, in a guard, in a comment.
fn texts(part: &ScriptPart) -> [&str; 2] {
    [&part.comment, &part.text]
}

fn needed_apps(parts: &[ScriptPart], project: &Project<'_>) -> BTreeSet<String> {
    parts.iter().flat_map(|part| project.apps_in(texts(part))).cloned().collect()
}

/// Runs of parts that are about tables of one app. A way back that does not take back part by part cannot be divided.
fn by_app(script: &Script, project: &Project<'_>, home: &str) -> Vec<(String, Range<usize>, Script)> {
    let own = |part: &ScriptPart| project.own_app(texts(part)).cloned();
    let whole = |app: String| vec![(app, 0..script.up.len(), script.clone())];
    let mirrored = match &script.down {
        Ok(down) => down.len() == script.up.len(),
        Err(_) => true,
    };
    if !mirrored {
        return whole(script.up.iter().find_map(own).unwrap_or_else(|| home.to_owned()));
    }
    let mut runs: Vec<(String, Range<usize>)> = Vec::new();
    for (at, part) in script.up.iter().enumerate() {
        let app = own(part).or_else(|| runs.last().map(|(app, _)| app.clone()));
        let app = app.unwrap_or_else(|| home.to_owned());
        match runs.last_mut() {
            Some((last, range)) if *last == app => range.end = at + 1,
            _ => runs.push((app, at..at + 1)),
        }
    }
    let count = script.up.len();
    runs.into_iter()
        .map(|(app, range)| {
            let back = count - range.end..count - range.start;
            let down = script.down.as_ref().map(|down| down[back].to_vec()).map_err(String::clone);
            let part = Script { up: script.up[range.clone()].to_vec(), down, ..script.clone() };
            (app, range, part)
        })
        .collect()
}

fn file(piece: &Piece, dependencies: &BTreeSet<Key>) -> String {
    let mut text = String::new();
    for line in &piece.head {
        text.push_str(&comment(line, ""));
    }
    if !piece.head.is_empty() {
        text.push('\n');
    }
    text.push_str("from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n");
    if !(piece.transactional && piece.down_transactional) {
        text.push_str("    atomic = False\n\n");
    }
    text.push_str("    dependencies = [\n");
    for Key { app, name } in dependencies {
        text.push_str(&format!("        ({}, {}),\n", literal(app, ""), literal(name, "")));
    }
    text.push_str("    ]\n\n    operations = [\n");
    text.push_str(&operations(piece));
    text.push_str("    ]\n");
    text
}

fn operations(piece: &Piece) -> String {
    let mut text = String::new();
    match &piece.down {
        // Django takes operations back from the last to the first.
        Down::Statements(back) if back.len() == piece.up.len() => {
            for (up, back) in piece.up.iter().zip(back.iter().rev()) {
                push(&mut text, up, Some(&literal(&back.text, INDENT)));
            }
        }
        Down::Statements(back) => {
            let list: String = back
                .iter()
                .map(|back| format!("{INDENT}    {},\n", literal(&back.text, "                ")))
                .collect();
            text.push_str(&format!(
                "        migrations.RunSQL(\n{INDENT}sql=migrations.RunSQL.noop,\n{INDENT}reverse_sql=[\n{list}{INDENT}],\n        ),\n"
            ));
            piece.up.iter().for_each(|up| push(&mut text, up, Some(NOTHING)));
        }
        Down::Elsewhere => piece.up.iter().for_each(|up| push(&mut text, up, Some(NOTHING))),
        Down::None(_) => piece.up.iter().for_each(|up| push(&mut text, up, None)),
    }
    text
}

const INDENT: &str = "            ";
const NOTHING: &str = "migrations.RunSQL.noop";

/// In a list, so that Django takes nothing apart and looks for no parameters.
fn push(text: &mut String, up: &Prepared, back: Option<&str>) {
    for line in &up.comment {
        text.push_str(&comment(line, "        "));
    }
    text.push_str(&format!("        migrations.RunSQL(\n{INDENT}sql={},\n", literal(&up.text, INDENT)));
    if let Some(back) = back {
        text.push_str(&format!("{INDENT}reverse_sql={back},\n"));
    }
    text.push_str("        ),\n");
}

fn with_line_ends(text: &str, ending: LineEnding) -> String {
    match ending {
        LineEnding::CrLf => text.replace('\n', "\r\n"),
        LineEnding::Lf | LineEnding::Mixed => text.to_owned(),
    }
}

pub(super) fn key_of(text: &Text) -> Result<Key, WriteError> {
    // Labels of apps hold no dot.
    text.as_str()
        .split_once('.')
        .map(|(app, name)| Key::new(app, name))
        .ok_or_else(|| WriteError::Unknown { key: text.clone(), what: "the app" })
}

pub(super) fn record(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&Django, detected, ledger);
    let mut statements = table.creation(&[
        "id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "app varchar(255) NOT NULL",
        "name varchar(255) NOT NULL",
        "applied timestamptz NOT NULL",
    ]);
    for item in items {
        let key = key_of(&item.key)?;
        statements.push(format!(
            "INSERT INTO {} (app, name, applied) VALUES ({}, {}, now())",
            table.quoted(),
            quoted(&key.app),
            quoted(&key.name)
        ));
    }
    Ok(statements)
}

pub(super) fn forget(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&Django, detected, ledger).quoted();
    let row = |item: &LedgerItem| {
        let key = key_of(&item.key)?;
        Ok(format!("DELETE FROM {table} WHERE app = {} AND name = {}", quoted(&key.app), quoted(&key.name)))
    };
    items.iter().map(row).collect()
}

#[cfg(test)]
mod tests;
