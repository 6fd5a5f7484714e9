//! dbmate's next migrations, and the rows of its ledger.

use camino::Utf8PathBuf;
use trueup_model::{Ledger, Text};

use crate::dbmate::{Dbmate, NAME};
use crate::detect::Detected;
use crate::write::next::{First, Numbers, Order, newest, newest_number};
use crate::write::rows::{Table, literal};
use crate::write::sheet::{line_ending, push_comments, push_head, push_statements, with_line_ends};
use crate::write::{
    Down, ELSEWHERE, LedgerItem, Marks, WriteError, WriteRequest, WrittenFile, WrittenMigration, pieces,
    placed,
};

const MARKS: Marks = Marks {
    tool: NAME,
    tame: |comment| comment.replace("migrate:", "migrate: "),
    harms: |text| text.match_indices("migrate:").any(|(at, _)| text[..at].trim_end().ends_with("--")),
};

pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    let detected = request.detected;
    let newest = newest(&Dbmate, request.history);
    let ending = line_ending(detected, newest);
    let number = newest_number(&Dbmate, request, newest.map(|migration| migration.key.to_string()));
    let mut numbers = Numbers::after(number, request.now, First::Timestamp, Order::AsText);
    let mut written = Vec::new();
    for piece in pieces(request.script, &MARKS)? {
        let version = numbers.next();
        let mut text = String::new();
        push_head(&mut text, &piece.head);
        text.push_str(&mark("-- migrate:up", piece.transactional));
        push_statements(&mut text, &piece.up);
        text.push('\n');
        text.push_str(&mark("-- migrate:down", piece.down_transactional));
        if let Down::Elsewhere = piece.down {
            push_comments(&mut text, &[ELSEWHERE.to_owned()]);
        }
        push_statements(&mut text, &piece.down.or_refusal(&MARKS)?);
        let id = format!("{version}_{}", piece.slug);
        let path: Utf8PathBuf = placed(detected, &detected.folder, &format!("{id}.sql"));
        written.push(WrittenMigration {
            id: Text::new(&id),
            key: Text::new(&version),
            checksum: None,
            parts: piece.parts,
            transactional: piece.transactional,
            files: vec![WrittenFile { path, text: with_line_ends(&text, ending) }],
        });
    }
    Ok(written)
}

/// The option stands on the line of the mark, for each direction by itself.
fn mark(mark: &str, transactional: bool) -> String {
    if transactional { format!("{mark}\n") } else { format!("{mark} transaction:false\n") }
}

pub(super) fn record(detected: &Detected, ledger: &Ledger, items: &[LedgerItem]) -> Vec<String> {
    let table = Table::of(&Dbmate, detected, ledger);
    let mut statements = table.creation(&["version varchar PRIMARY KEY"]);
    statements.extend(items.iter().map(|item| {
        format!("INSERT INTO {} (version) VALUES ({})", table.quoted(), literal(item.key.as_str()))
    }));
    statements
}

pub(super) fn forget(detected: &Detected, ledger: &Ledger, items: &[LedgerItem]) -> Vec<String> {
    let table = Table::of(&Dbmate, detected, ledger).quoted();
    items
        .iter()
        .map(|item| format!("DELETE FROM {table} WHERE version = {}", literal(item.key.as_str())))
        .collect()
}
