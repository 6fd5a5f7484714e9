//! golang-migrate's next migrations, and the one row of its ledger.

use trueup_model::ledger::EntryState;
use trueup_model::{History, Ledger, Migration, Text};

use crate::detect::Detected;
use crate::golang_migrate::{GolangMigrate, NAME};
use crate::naming::{compare_numbers, leading_digits};
use crate::url;
use crate::write::next::{First, Numbers, Order, newest, newest_number};
use crate::write::rows::{Table, number};
use crate::write::sheet::{line_ending, push_comments, push_head, push_statements, with_line_ends};
use crate::write::{
    Down, ELSEWHERE, LedgerItem, Marks, Prepared, WriteError, WriteRequest, WrittenFile, WrittenMigration,
    pieces, placed,
};

/// A file is sent as a whole: one transaction without being told, or none around a single statement.
const WHOLE: Marks = Marks { tool: NAME, ..Marks::NONE };

/// `x-multi-statement` cuts at every semicolon, wherever it stands.
const CUT: Marks =
    Marks { tool: NAME, tame: |comment| comment.replace(';', ","), harms: |text| text.contains(';') };

pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    let detected = request.detected;
    let newest = newest(&GolangMigrate, request.history);
    let ending = line_ending(detected, newest);
    let number = newest_number(&GolangMigrate, request, newest.map(spelled));
    let mut numbers = Numbers::after(number, request.now, First::Timestamp, Order::ByValue);
    let cut = is_cut(detected);
    let marks = if cut { &CUT } else { &WHOLE };
    let mut written = Vec::new();
    for piece in pieces(request.script, marks)? {
        let spelled = numbers.next();
        let id = format!("{spelled}_{}", piece.slug);
        let mut head = piece.head.clone();
        if !piece.transactional {
            head.push((marks.tame)(
                "one statement and no other: golang-migrate then runs it outside of a transaction",
            ));
        }
        let mut up = String::new();
        push_head(&mut up, &head);
        push_body(&mut up, &piece.up, cut && piece.transactional);
        let mut down = String::new();
        push_head(&mut down, &piece.head);
        match &piece.down {
            Down::Statements(_) => {}
            Down::Elsewhere => push_comments(&mut down, &[ELSEWHERE.to_owned()]),
            // Without a file, or with an empty one, the version goes down and nothing else happens.
            Down::None(_) => {
                push_head(&mut down, &["fails on purpose, then: migrate force with this version".to_owned()]);
            }
        }
        push_body(&mut down, &piece.down.or_refusal(marks)?, cut && piece.down_transactional);
        let file = |direction: &str, text: &str| WrittenFile {
            path: placed(detected, &detected.folder, &format!("{id}.{direction}.sql")),
            text: with_line_ends(text, ending),
        };
        written.push(WrittenMigration {
            id: Text::new(&id),
            key: Text::new(spelled.trim_start_matches('0')),
            checksum: None,
            parts: piece.parts,
            transactional: piece.transactional,
            files: vec![file("up", &up), file("down", &down)],
        });
    }
    Ok(written)
}

fn is_cut(detected: &Detected) -> bool {
    detected
        .database_url_hint()
        .and_then(|hint| url::parameter(hint.reveal(), "x-multi-statement"))
        .is_some_and(|value| matches!(value.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"))
}

/// Where statements are sent one by one, only the file itself can hold them together.
fn push_body(text: &mut String, statements: &[Prepared], in_own_transaction: bool) {
    let wrapped = in_own_transaction && statements.len() > 1;
    if wrapped {
        text.push_str("BEGIN;\n\n");
    }
    push_statements(text, statements);
    if wrapped {
        text.push_str("\nCOMMIT;\n");
    }
}

fn spelled(migration: &Migration) -> String {
    leading_digits(migration.id.as_str())
        .map_or_else(|| migration.key.to_string(), |(digits, _)| digits.to_owned())
}

/// One row stands for all versions up to its own: it may only say so where that is true.
pub(super) fn record(
    detected: &Detected,
    history: &History,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&GolangMigrate, detected, ledger);
    let mut statements = table.creation(&["version bigint NOT NULL PRIMARY KEY", "dirty boolean NOT NULL"]);
    let Some(newest) =
        items.iter().max_by(|left, right| compare_numbers(left.key.as_str(), right.key.as_str()))
    else {
        return Ok(statements);
    };
    let is_known = |key: &Text| {
        is_applied(ledger, key)
            || items.iter().any(|item| compare_numbers(item.key.as_str(), key.as_str()).is_eq())
    };
    let pending = history.migrations.iter().find(|migration| {
        compare_numbers(migration.key.as_str(), newest.key.as_str()).is_lt() && !is_known(&migration.key)
    });
    if let Some(pending) = pending {
        return Err(WriteError::OlderPending { key: newest.key.clone(), pending: pending.id.clone() });
    }
    let above = ledger.entries.iter().filter(|entry| entry.state == EntryState::Applied);
    let last = above.map(|entry| &entry.key).fold(&newest.key, |last, key| {
        if compare_numbers(last.as_str(), key.as_str()).is_lt() { key } else { last }
    });
    statements.extend(row(&table.quoted(), Some(number(last)?)));
    Ok(statements)
}

/// The version goes back to the newest one that is left.
pub(super) fn forget(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&GolangMigrate, detected, ledger).quoted();
    let left = ledger
        .entries
        .iter()
        .filter(|entry| entry.state == EntryState::Applied)
        .map(|entry| &entry.key)
        .filter(|key| items.iter().all(|item| compare_numbers(item.key.as_str(), key.as_str()).is_ne()))
        .max_by(|left, right| compare_numbers(left.as_str(), right.as_str()));
    Ok(row(&table, left.map(number).transpose()?))
}

fn is_applied(ledger: &Ledger, key: &Text) -> bool {
    ledger.entries.iter().any(|entry| {
        entry.state == EntryState::Applied && compare_numbers(entry.key.as_str(), key.as_str()).is_eq()
    })
}

fn row(table: &str, version: Option<i64>) -> Vec<String> {
    let insert =
        version.map(|version| format!("INSERT INTO {table} (version, dirty) VALUES ({version}, false)"));
    std::iter::once(format!("DELETE FROM {table}")).chain(insert).collect()
}
