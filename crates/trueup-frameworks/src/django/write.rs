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
use super::tables::{Owners, owners};
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
    let mut project = Project::of(request.history, owners(request.detected));
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
            let joined = project.leaves.get(&app).filter(|leaves| leaves.len() > 1);
            let text = file(&piece, &dependencies, joined, &|up| project.hints(&app, up));
            written.push(WrittenMigration {
                id: Text::new(key.to_string()),
                key: Text::new(key.to_string()),
                checksum: None,
                parts: range.start + piece.parts.start..range.start + piece.parts.end,
                transactional: piece.transactional && piece.down_transactional,
                files: vec![WrittenFile { path, text: with_line_ends(&text, ending) }],
            });
            project.leaves.insert(app.clone(), BTreeSet::from([key]));
        }
    }
    Ok(written)
}

/// The app that a text is about, of those that are the project's own.
pub(super) fn file_of<'h>(history: &'h History) -> FileOf<'h> {
    let project = Project::of(history, Owners::new());
    Box::new(move |text| project.own_app([text]).cloned())
}

/// What the history says about apps: their last migrations, where these lie, and which tables are theirs.
struct Project<'a> {
    history: &'a History,
    /// More than one where branches were never merged: the next migration joins them.
    leaves: BTreeMap<String, BTreeSet<Key>>,
    folders: BTreeMap<String, Utf8PathBuf>,
    tables: BTreeMap<String, String>,
    owners: Owners,
}

impl<'a> Project<'a> {
    fn of(history: &'a History, owners: Owners) -> Self {
        let mut project = Project {
            history,
            leaves: BTreeMap::new(),
            folders: BTreeMap::new(),
            tables: BTreeMap::new(),
            owners,
        };
        let mut parents: BTreeSet<&str> = BTreeSet::new();
        for migration in history.migrations.iter().filter(|migration| has_own_file(migration)) {
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
        for migration in history.migrations.iter().filter(|migration| has_own_file(migration)) {
            if let (false, Ok(key)) = (parents.contains(migration.id.as_str()), key_of(&migration.key)) {
                project.leaves.entry(app_of(migration).to_owned()).or_default().insert(key);
            }
        }
        project
    }

    /// The app of the project that takes what belongs to nobody: the one with the most migrations that do something
    /// in this database. Those of installed packages are not the project's to write.
    fn home(&self) -> Result<String, WriteError> {
        let count = |app: &str| {
            let own = self.history.migrations.iter().filter(|migration| app_of(migration) == app);
            let working = own.clone().filter(|migration| !migration.up.is_empty()).count();
            (working, own.count())
        };
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
        texts.into_iter().flat_map(words_of).filter_map(|word| self.tables.get(word))
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

    /// The last migrations of the app itself, of the apps whose tables are needed, and the one written before.
    fn dependencies(&self, app: &str, needed: &BTreeSet<String>, last: Option<&Key>) -> BTreeSet<Key> {
        let apps = needed.iter().map(String::as_str).chain([app]);
        apps.filter_map(|app| self.leaves.get(app)).flatten().chain(last).cloned().collect()
    }

    /// What routers are told of a statement: the model of the first table that it names, one of the app itself if there
    /// is any, as they are told of what makes that table.
    fn hints(&self, app: &str, up: &Prepared) -> Option<String> {
        let texts = up.comment.iter().chain([&up.text]);
        let owners: Vec<_> =
            texts.flat_map(|text| words_of(text)).filter_map(|word| self.owners.get(word)).collect();
        let own = owners.iter().find(|(owner, _)| owner == app);
        let (_, model) = own.or_else(|| owners.first())?;
        Some(format!("{{\"model_name\": {}}}", literal(model, "")))
    }

    /// One more than the highest number of the app, in files and in the ledger.
    fn next_name(&self, app: &str, slug: &str, recorded: &[Text]) -> String {
        let keys = self.history.migrations.iter().map(|migration| &migration.key).chain(recorded);
        let own = keys.filter_map(|key| key_of(key).ok()).filter(|key| key.app == app).map(|key| key.name);
        let written = self.leaves.get(app).into_iter().flatten().map(|key| key.name.clone());
        let numbers = own.chain(written).filter_map(|name| Some(leading_digits(&name)?.0.to_owned()));
        let highest = numbers.max_by_key(|digits| digits.parse::<u64>().unwrap_or_default());
        let number =
            highest.map_or_else(|| "0001".to_owned(), |digits| format!("{:0>4}", incremented(&digits)));
        format!("{number}_{slug}")
    }
}

/// What a database records of an app that cannot be read has none.
fn has_own_file(migration: &Migration) -> bool {
    let name = migration.key.as_str().split_once('.').map(|(_, name)| name);
    name.is_some() && Utf8Path::new(&*migration.file).file_stem() == name
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

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '$')))
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

fn file(
    piece: &Piece,
    dependencies: &BTreeSet<Key>,
    joined: Option<&BTreeSet<Key>>,
    hints: &dyn Fn(&Prepared) -> Option<String>,
) -> String {
    let mut text = String::new();
    for line in &piece.head {
        text.push_str(&comment(line, ""));
    }
    if let Some(joined) = joined {
        let names: Vec<&str> = joined.iter().map(|key| key.name.as_str()).collect();
        text.push_str(&comment(&format!("It also joins {}.", names.join(" and ")), ""));
    }
    if !text.is_empty() {
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
    text.push_str(&operations(piece, hints));
    text.push_str("    ]\n");
    text
}

fn operations(piece: &Piece, hints: &dyn Fn(&Prepared) -> Option<String>) -> String {
    let mut text = String::new();
    match &piece.down {
        // Django takes operations back from the last to the first.
        Down::Statements(back) if back.len() == piece.up.len() => {
            for (up, back) in piece.up.iter().zip(back.iter().rev()) {
                push(&mut text, up, Some(&literal(&back.text, INDENT)), hints(up));
            }
        }
        Down::Statements(back) => {
            let list: String = back
                .iter()
                .map(|back| format!("{INDENT}    {},\n", literal(&back.text, "                ")))
                .collect();
            let hints_of_all = piece.up.first().and_then(hints);
            text.push_str(&format!(
                "        migrations.RunSQL(\n{INDENT}sql=migrations.RunSQL.noop,\n{INDENT}reverse_sql=[\n{list}{INDENT}],\n"
            ));
            close(&mut text, hints_of_all);
            piece.up.iter().for_each(|up| push(&mut text, up, Some(NOTHING), hints(up)));
        }
        Down::Elsewhere => piece.up.iter().for_each(|up| push(&mut text, up, Some(NOTHING), hints(up))),
        Down::None(_) => piece.up.iter().for_each(|up| push(&mut text, up, None, hints(up))),
    }
    text
}

const INDENT: &str = "            ";
const NOTHING: &str = "migrations.RunSQL.noop";

/// In a list, so that Django takes nothing apart and looks for no parameters.
fn push(text: &mut String, up: &Prepared, back: Option<&str>, hints: Option<String>) {
    for line in &up.comment {
        text.push_str(&comment(line, "        "));
    }
    text.push_str(&format!("        migrations.RunSQL(\n{INDENT}sql={},\n", literal(&up.text, INDENT)));
    if let Some(back) = back {
        text.push_str(&format!("{INDENT}reverse_sql={back},\n"));
    }
    close(text, hints);
}

fn close(text: &mut String, hints: Option<String>) {
    if let Some(hints) = hints {
        text.push_str(&format!("{INDENT}hints={hints},\n"));
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
