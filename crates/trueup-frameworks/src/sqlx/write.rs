//! sqlx's next migrations, and the rows of its ledger.

use trueup_model::{Ledger, Migration, Text};

use crate::detect::Detected;
use crate::naming::leading_digits;
use crate::sqlx::{NAME, Sqlx, checksum};
use crate::write::next::{First, Numbers, Order, newest, newest_number};
use crate::write::rows::{self, Table, literal, number};
use crate::write::sheet::{line_ending, push_comments, push_head, push_statements, with_line_ends};
use crate::write::{
    Down, ELSEWHERE, LedgerItem, Marks, WriteError, WriteRequest, WrittenFile, WrittenMigration, pieces,
    placed,
};

const SWITCH: &str = "no-transaction";

/// The first line of a file is a switch when it begins so.
const MARKS: Marks =
    Marks { tool: NAME, tame: |comment| comment.replace(SWITCH, "no transaction"), harms: |_| false };

pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    let detected = request.detected;
    let newest = newest(&Sqlx, request.history);
    let ending = line_ending(detected, newest);
    // sqlx takes the form of new migrations from those that are there.
    let reversible =
        newest.map_or(request.script.down.is_ok(), |migration| migration.file.ends_with(".up.sql"));
    let number = newest_number(&Sqlx, request, newest.map(spelled));
    let mut numbers = Numbers::after(number, request.now, First::Timestamp, Order::ByValue);
    let mut written = Vec::new();
    for piece in pieces(request.script, &MARKS)? {
        let spelled = numbers.next();
        let id = format!("{spelled}_{}", piece.slug);
        let mut head = piece.head.clone();
        if !reversible && request.script.down.is_ok() {
            head.push("its way back is not written: the migrations here have none (.down.sql)".to_owned());
        }
        let mut up = switch(piece.transactional);
        push_head(&mut up, &head);
        push_statements(&mut up, &piece.up);
        let up = with_line_ends(&up, ending);
        let sum = checksum(up.as_bytes());
        let file = |suffix: &str, text: String| WrittenFile {
            path: placed(detected, &detected.folder, &format!("{id}{suffix}")),
            text,
        };
        let mut files = vec![file(if reversible { ".up.sql" } else { ".sql" }, up)];
        if reversible {
            let mut down = switch(piece.down_transactional);
            push_head(&mut down, &piece.head);
            if let Down::Elsewhere = piece.down {
                push_comments(&mut down, &[ELSEWHERE.to_owned()]);
            }
            push_statements(&mut down, &piece.down.or_refusal(&MARKS)?);
            files.push(file(".down.sql", with_line_ends(&down, ending)));
        }
        written.push(WrittenMigration {
            id: Text::new(&id),
            key: Text::new(spelled.trim_start_matches('0')),
            checksum: Some(Text::new(sum)),
            parts: piece.parts,
            transactional: piece.transactional,
            files,
        });
    }
    Ok(written)
}

fn switch(transactional: bool) -> String {
    if transactional { String::new() } else { format!("-- {SWITCH}\n") }
}

fn spelled(migration: &Migration) -> String {
    leading_digits(migration.id.as_str())
        .map_or_else(|| migration.key.to_string(), |(digits, _)| digits.to_owned())
}

pub(super) fn record(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&Sqlx, detected, ledger);
    let mut statements = table.creation(&[
        "version bigint PRIMARY KEY",
        "description text NOT NULL",
        "installed_on timestamptz NOT NULL DEFAULT now()",
        "success boolean NOT NULL",
        "checksum bytea NOT NULL",
        "execution_time bigint NOT NULL",
    ]);
    for item in items {
        statements.push(format!(
            "INSERT INTO {} (version, description, success, checksum, execution_time) VALUES ({}, {}, true, decode({}, 'hex'), 0)",
            table.quoted(),
            number(&item.key)?,
            literal(&description(item)),
            literal(rows::checksum(item)?),
        ));
    }
    Ok(statements)
}

/// What follows the first underscore of the name, with blanks.
fn description(item: &LedgerItem) -> String {
    let name = item.file.file_name().unwrap_or_default();
    let bare = name.strip_suffix(".up.sql").or(name.strip_suffix(".sql")).unwrap_or(name);
    bare.split_once('_').map_or("", |(_, rest)| rest).replace('_', " ")
}

pub(super) fn forget(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&Sqlx, detected, ledger).quoted();
    items
        .iter()
        .map(|item| Ok(format!("DELETE FROM {table} WHERE version = {}", number(&item.key)?)))
        .collect()
}
