//! Diesel's next migrations, and the rows of its ledger.

use trueup_model::{Ledger, Migration, Text};

use crate::detect::Detected;
use crate::diesel::{Diesel, NAME};
use crate::write::next::{First, Numbers, Order, newest, newest_number};
use crate::write::rows::{Table, literal};
use crate::write::sheet::{line_ending, push_comments, push_head, push_statements, with_line_ends};
use crate::write::{
    Down, ELSEWHERE, LedgerItem, Marks, WriteError, WriteRequest, WrittenFile, WrittenMigration, pieces,
    placed,
};

const MARKS: Marks = Marks { tool: NAME, ..Marks::NONE };

pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    let detected = request.detected;
    let newest = newest(&Diesel, request.history);
    let ending = line_ending(detected, newest);
    let dashes = dashes(newest);
    let number = newest_number(&Diesel, request, newest.map(|migration| migration.key.to_string()))
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let mut numbers = Numbers::after(number, request.now, First::Timestamp, Order::AsText);
    let mut written = Vec::new();
    for piece in pieces(request.script, &MARKS)? {
        let key = numbers.next();
        let id = format!("{}_{}", dashed(&key, &dashes), piece.slug);
        let folder = detected.folder.join(&id);
        let mut up = String::new();
        push_head(&mut up, &piece.head);
        push_statements(&mut up, &piece.up);
        let mut down = String::new();
        push_head(&mut down, &piece.head);
        if let Down::Elsewhere = piece.down {
            push_comments(&mut down, &[ELSEWHERE.to_owned()]);
            // Diesel refuses to run a file without a statement.
            down.push_str("SELECT 1;\n");
        }
        push_statements(&mut down, &piece.down.or_refusal(&MARKS)?);
        let file = |name: &str, text: &str| WrittenFile {
            path: placed(detected, &folder, name),
            text: with_line_ends(text, ending),
        };
        let mut files = vec![file("up.sql", &up), file("down.sql", &down)];
        let transactional = piece.transactional && piece.down_transactional;
        if !transactional {
            let path = placed(detected, &folder, "metadata.toml");
            files.push(WrittenFile { path, text: "run_in_transaction = false\n".to_owned() });
        }
        written.push(WrittenMigration {
            id: Text::new(&id),
            key: Text::new(&key),
            checksum: None,
            parts: piece.parts,
            transactional,
            files,
        });
    }
    Ok(written)
}

/// After how many digits the newest version has dashes. A first one gets those of `diesel migration generate`.
fn dashes(newest: Option<&Migration>) -> Vec<usize> {
    let Some(migration) = newest.filter(|migration| migration.key.as_str().bytes().any(|byte| byte != b'0'))
    else {
        return vec![4, 6, 8];
    };
    let version = migration.id.as_str().split('_').next().unwrap_or_default();
    let mut digits = 0;
    let mut dashes = Vec::new();
    for character in version.chars() {
        if character == '-' {
            dashes.push(digits);
        } else {
            digits += 1;
        }
    }
    dashes
}

fn dashed(key: &str, dashes: &[usize]) -> String {
    let mut result = String::new();
    for (at, digit) in key.chars().enumerate() {
        if dashes.contains(&at) {
            result.push('-');
        }
        result.push(digit);
    }
    result
}

pub(super) fn record(detected: &Detected, ledger: &Ledger, items: &[LedgerItem]) -> Vec<String> {
    let table = Table::of(&Diesel, detected, ledger);
    let mut statements = table.creation(&[
        "version varchar(50) PRIMARY KEY NOT NULL",
        "run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP",
    ]);
    statements.extend(items.iter().map(|item| {
        format!("INSERT INTO {} (version) VALUES ({})", table.quoted(), literal(item.key.as_str()))
    }));
    statements
}

pub(super) fn forget(detected: &Detected, ledger: &Ledger, items: &[LedgerItem]) -> Vec<String> {
    let table = Table::of(&Diesel, detected, ledger).quoted();
    items
        .iter()
        .map(|item| format!("DELETE FROM {table} WHERE version = {}", literal(item.key.as_str())))
        .collect()
}
