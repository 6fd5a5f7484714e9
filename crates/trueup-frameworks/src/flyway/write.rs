//! Flyway's next migrations, and the rows of its ledger.

use camino::Utf8Path;
use trueup_model::{Ledger, Migration, Text};

use crate::detect::Detected;
use crate::flyway::checksum::checksum;
use crate::flyway::configuration::{self, Configuration};
use crate::flyway::detect::stem_of;
use crate::flyway::name::{canonical_version, compare_keys};
use crate::flyway::{Flyway, NAME};
use crate::write::next::{First, Numbers, Order, newest};
use crate::write::rows::{self, Table, literal};
use crate::write::sheet::{line_ending, push_comments, push_head, push_statements, with_line_ends};
use crate::write::{
    Down, ELSEWHERE, LedgerItem, Marks, WriteError, WriteRequest, WrittenFile, WrittenMigration,
    folder_beside, pieces, placed,
};

/// Placeholders are switched off by file where a text looks like one.
const MARKS: Marks = Marks { tool: NAME, ..Marks::NONE };

pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    let detected = request.detected;
    let configuration = configuration::of(detected);
    let newest = newest(&Flyway, request.history);
    let ending = line_ending(detected, newest);
    let folder = folder_beside(detected, newest);
    let suffix = configuration.suffixes.first().map_or(".sql", String::as_str);
    let mut versions = Versions::after(request, newest, &configuration);
    let mut written = Vec::new();
    for piece in pieces(request.script, &MARKS)? {
        let version = versions.next();
        let name = format!("{version}{}{}", configuration.separator, piece.slug);
        let id = format!("{}{name}", configuration.versioned_prefix);
        let mut up = String::new();
        push_head(&mut up, &piece.head);
        push_statements(&mut up, &piece.up);
        let up = with_line_ends(&up, ending);
        let sum = checksum(&up);
        let mut files =
            script(detected, &folder, &format!("{id}{suffix}"), up, piece.transactional, &configuration);
        let mut down = String::new();
        push_head(&mut down, &piece.head);
        let back = match piece.down {
            Down::Statements(statements) => {
                push_statements(&mut down, &statements);
                true
            }
            Down::Elsewhere => {
                push_comments(&mut down, &[ELSEWHERE.to_owned()]);
                down.push_str("SELECT 1;\n");
                true
            }
            // Without a script to undo it, Flyway says that it cannot.
            Down::None(_) => false,
        };
        if back {
            let name = format!("{}{name}{suffix}", configuration.undo_prefix);
            let text = with_line_ends(&down, ending);
            files.extend(script(detected, &folder, &name, text, piece.down_transactional, &configuration));
        }
        written.push(WrittenMigration {
            id: Text::new(&id),
            key: Text::new(canonical_version(&version).unwrap_or(version)),
            checksum: Some(Text::new(sum.to_string())),
            parts: piece.parts,
            transactional: piece.transactional,
            files,
        });
    }
    Ok(written)
}

/// A script, and its own configuration beside it where that of the project does not suit it.
fn script(
    detected: &Detected,
    folder: &Utf8Path,
    name: &str,
    text: String,
    transactional: bool,
    configuration: &Configuration,
) -> Vec<WrittenFile> {
    let mut settings = String::new();
    if transactional != configuration.execute_in_transaction {
        settings.push_str(&format!("executeInTransaction={transactional}\n"));
    }
    if configuration.placeholder_replacement && text.contains(&configuration.placeholder_prefix) {
        settings.push_str("placeholderReplacement=false\n");
    }
    let mut files = vec![WrittenFile { path: placed(detected, folder, name), text }];
    if !settings.is_empty() {
        files.push(WrittenFile { path: placed(detected, folder, &format!("{name}.conf")), text: settings });
    }
    files
}

/// Versions one after the other: the last part goes on, whatever stands before it.
struct Versions {
    /// `1.` of `1.10`.
    front: String,
    last: Numbers,
}

impl Versions {
    fn after(request: &WriteRequest<'_>, newest: Option<&Migration>, configuration: &Configuration) -> Self {
        let written = newest.and_then(|migration| spelled(migration.file.as_ref(), configuration));
        let recorded = request
            .recorded
            .iter()
            .filter_map(|key| canonical_version(key.as_str().trim_start_matches('B')))
            .max_by(|left, right| compare_keys(left, right));
        let newest = match (written, recorded) {
            (Some(written), Some(recorded))
                if canonical_version(&written).is_none_or(|key| compare_keys(&recorded, &key).is_gt()) =>
            {
                Some(recorded)
            }
            (Some(written), _) => Some(written),
            (None, recorded) => recorded,
        };
        let (front, last) = match newest {
            Some(version) => {
                let at = version.rfind(['.', '_']).map_or(0, |at| at + 1);
                (version[..at].to_owned(), Some(version[at..].to_owned()))
            }
            None => (String::new(), None),
        };
        Self { front, last: Numbers::after(last, request.now, First::Sequence { width: 1 }, Order::ByValue) }
    }

    fn next(&mut self) -> String {
        format!("{}{}", self.front, self.last.next())
    }
}

/// The version as the file's name writes it.
fn spelled(file: &str, configuration: &Configuration) -> Option<String> {
    let name = file.rsplit('/').next().unwrap_or(file);
    let stem = stem_of(name, configuration).or_else(|| name.rsplit_once('.').map(|(stem, _)| stem))?;
    let head = stem.split_once(&configuration.separator).map_or(stem, |(head, _)| head);
    let start = head.find(|character: char| character.is_ascii_digit())?;
    let version = &head[start..];
    canonical_version(version).map(|_| version.to_owned())
}

pub(super) fn record(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let configuration = configuration::of(detected);
    let table = Table::of(&Flyway, detected, ledger);
    let key = format!(
        "CONSTRAINT {} PRIMARY KEY (installed_rank)",
        trueup_sql::quote_ident(&format!("{}_pk", table.name))
    );
    let mut statements = table.creation(&[
        "installed_rank integer NOT NULL",
        "version varchar(50)",
        "description varchar(200) NOT NULL",
        "type varchar(20) NOT NULL",
        "script varchar(1000) NOT NULL",
        "checksum integer",
        "installed_by varchar(100) NOT NULL",
        "installed_on timestamp NOT NULL DEFAULT now()",
        "execution_time integer NOT NULL",
        "success boolean NOT NULL",
        &key,
    ]);
    let name = table.quoted();
    if !table.exists {
        let index = trueup_sql::quote_ident(&format!("{}_s_idx", table.name));
        statements.push(format!("CREATE INDEX {index} ON {name} (success)"));
    }
    for item in items {
        let key = item.key.as_str();
        let version = match key.starts_with("R__") {
            true => None,
            false => spelled(item.file.as_str(), &configuration).map(|version| version.replace('_', ".")),
        };
        let kind = if key.starts_with('B') { "SQL_BASELINE" } else { "SQL" };
        let sum: i32 = rows::checksum(item)?
            .parse()
            .map_err(|_| WriteError::Unknown { key: item.key.clone(), what: "the checksum" })?;
        statements.push(format!(
            "INSERT INTO {name} (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) \
             SELECT coalesce(max(installed_rank), 0) + 1, {}, {}, '{kind}', {}, {sum}, current_user, 0, true FROM {name}",
            version.map_or("NULL".to_owned(), |version| literal(&version)),
            literal(&description(item, &configuration)),
            literal(&script_name(detected, item)),
        ));
    }
    Ok(statements)
}

fn description(item: &LedgerItem, configuration: &Configuration) -> String {
    let name = item.file.file_name().unwrap_or_default();
    let stem = stem_of(name, configuration).unwrap_or(name);
    stem.split_once(&configuration.separator).map_or("", |(_, rest)| rest).replace('_', " ")
}

/// Relative to the location that holds it.
fn script_name(detected: &Detected, item: &LedgerItem) -> String {
    let file = detected.root.join(&item.file);
    std::iter::once(&detected.folder)
        .chain(&detected.further_folders)
        .find_map(|folder| file.strip_prefix(folder).ok())
        .map_or_else(|| item.file.to_string(), ToString::to_string)
}

pub(super) fn forget(detected: &Detected, ledger: &Ledger, items: &[LedgerItem]) -> Vec<String> {
    let table = Table::of(&Flyway, detected, ledger).quoted();
    items
        .iter()
        .map(|item| format!("DELETE FROM {table} WHERE script = {}", literal(&script_name(detected, item))))
        .collect()
}
