//! refinery's next migrations, and the rows of its ledger.

use trueup_model::repair::Script;
use trueup_model::{History, Ledger, Migration, Text};

use crate::detect::Detected;
use crate::naming::leading_digits;
use crate::refinery::{NAME, Name, Refinery, checksum, checksum_of, parse, stem_of};
use crate::settings::read_text;
use crate::source::open;
use crate::write::next::{First, Numbers, Order, newest, newest_number};
use crate::write::rows::{self, Table, literal, number};
use crate::write::sheet::{line_ending, push_head, push_statements, with_line_ends};
use crate::write::{
    LedgerItem, Marks, WriteError, WriteRequest, WrittenFile, WrittenMigration, folder_beside, pieces, placed,
};

const MARKS: Marks = Marks { tool: NAME, ..Marks::NONE };

/// refinery runs every migration in a transaction and knows no way back.
pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    if let Some(part) = request.script.up.iter().find(|part| !part.transactional) {
        return Err(WriteError::NeedsNoTransaction { tool: NAME, comment: part.comment.clone() });
    }
    let detected = request.detected;
    let newest = newest(&Refinery, request.history);
    let ending = line_ending(detected, newest);
    let folder = folder_beside(detected, newest);
    let wide = has_wide_versions(detected, request.history);
    let number = newest_number(&Refinery, request, newest.map(spelled));
    let mut numbers = Numbers::after(number, request.now, First::Sequence { width: 1 }, Order::ByValue);
    let reason = match &request.script.down {
        Ok(_) => "refinery knows none".to_owned(),
        Err(reason) => reason.clone(),
    };
    let script = Script { down: Err(reason), ..request.script.clone() };
    let mut written = Vec::new();
    for piece in pieces(&script, &MARKS)? {
        let spelled = numbers.next();
        let id = format!("V{spelled}__{}", piece.slug);
        let mut text = String::new();
        push_head(&mut text, &piece.head);
        push_statements(&mut text, &piece.up);
        let text = with_line_ends(&text, ending);
        let key = Text::new(spelled.trim_start_matches('0'));
        let sum = parse(&id).map(|name| sum_of(name, &text, wide));
        written.push(WrittenMigration {
            id: Text::new(&id),
            key,
            checksum: sum.map(Text::new),
            parts: piece.parts,
            transactional: true,
            files: vec![WrittenFile { path: placed(detected, &folder, &format!("{id}.sql")), text }],
        });
    }
    Ok(written)
}

fn sum_of(name: Name<'_>, text: &str, wide: bool) -> String {
    if wide { checksum(name.name, name.version, text) } else { checksum_of(name, text) }
}

/// With the feature `int8-versions` all versions are hashed as wider numbers.
fn has_wide_versions(detected: &Detected, history: &History) -> bool {
    let is_wide = |migration: &Migration| {
        migration.key.as_str().parse::<i64>().is_ok_and(|version| i32::try_from(version).is_err())
    };
    history.migrations.iter().any(is_wide)
        || detected
            .folder
            .ancestors()
            .take_while(|folder| folder.starts_with(&detected.root))
            .filter_map(|folder| read_text(&folder.join("Cargo.toml")))
            .any(|text| text.contains("int8-versions"))
}

fn spelled(migration: &Migration) -> String {
    migration
        .id
        .as_str()
        .strip_prefix(['U', 'V'])
        .and_then(leading_digits)
        .map_or_else(|| migration.key.to_string(), |(digits, _)| digits.to_owned())
}

pub(super) fn record(
    detected: &Detected,
    history: &History,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&Refinery, detected, ledger);
    let wide = has_wide_versions(detected, history);
    let version = if wide { "version int8 PRIMARY KEY" } else { "version int4 PRIMARY KEY" };
    let mut statements =
        table.creation(&[version, "name varchar(255)", "applied_on varchar(255)", "checksum varchar(255)"]);
    for item in items {
        let unknown = || WriteError::Unknown { key: item.key.clone(), what: "the name" };
        let name = parse(stem_of(item.file.as_str())).ok_or_else(unknown)?;
        statements.push(format!(
            "INSERT INTO {} (version, name, applied_on, checksum) VALUES ({}, {}, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), {})",
            table.quoted(),
            number(&item.key)?,
            literal(name.name),
            literal(&recorded_sum(detected, item, name, wide)?),
        ));
    }
    Ok(statements)
}

/// The reader goes by the width of the number, since a file does not say what the program was built with.
fn recorded_sum(
    detected: &Detected,
    item: &LedgerItem,
    name: Name<'_>,
    wide: bool,
) -> Result<String, WriteError> {
    let file = open(&detected.root, &detected.root.join(&item.file));
    match String::from_utf8(file.bytes) {
        // A file that is not written yet has the sum that its writer knows.
        Ok(text) if wide && !text.is_empty() => Ok(checksum(name.name, name.version, &text)),
        Ok(_) | Err(_) => rows::checksum(item).map(str::to_owned),
    }
}

pub(super) fn forget(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&Refinery, detected, ledger).quoted();
    items
        .iter()
        .map(|item| Ok(format!("DELETE FROM {table} WHERE version = {}", number(&item.key)?)))
        .collect()
}
