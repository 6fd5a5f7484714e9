//! Prisma's next migrations, and the rows of its ledger.

use trueup_model::repair::Script;
use trueup_model::{Ledger, Text};

use crate::detect::Detected;
use crate::naming::leading_digits;
use crate::prisma::{NAME, Prisma, checksum};
use crate::write::next::{First, Numbers, Order, newest, newest_number};
use crate::write::rows::{self, Table, literal};
use crate::write::sheet::{line_ending, push_comments, push_head, push_statements, with_line_ends};
use crate::write::{
    Down, ELSEWHERE, LedgerItem, Marks, WriteError, WriteRequest, WrittenFile, WrittenMigration, pieces,
    placed,
};

/// A file is sent as a whole: one transaction without being told, or none around a single statement.
const MARKS: Marks = Marks { tool: NAME, ..Marks::NONE };

pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    let detected = request.detected;
    let newest = newest(&Prisma, request.history);
    let ending = line_ending(detected, newest);
    let digits = newest
        .and_then(|migration| leading_digits(migration.key.as_str()))
        .map(|(digits, _)| digits.to_owned());
    let number = newest_number(&Prisma, request, digits);
    let mut numbers = Numbers::after(number, request.now, First::Timestamp, Order::AsText);
    // Prisma knows no way back; some projects keep one beside the migration and run it by hand.
    let kept = request.history.migrations.iter().any(|migration| migration.down.is_some());
    let script = match (&request.script.down, kept) {
        (Ok(_), false) => Script { down: Err("Prisma knows none".to_owned()), ..request.script.clone() },
        (Ok(_), true) | (Err(_), _) => request.script.clone(),
    };
    let mut written = Vec::new();
    for piece in pieces(&script, &MARKS)? {
        let id = format!("{}_{}", numbers.next(), piece.slug);
        let folder = detected.folder.join(&id);
        let mut head = piece.head.clone();
        if !piece.transactional {
            head.push("one statement and no other: Prisma then runs it outside of a transaction".to_owned());
        }
        let mut up = String::new();
        push_head(&mut up, &head);
        push_statements(&mut up, &piece.up);
        let file = |name: &str, text: String| WrittenFile { path: placed(detected, &folder, name), text };
        let up = with_line_ends(&up, ending);
        let sum = checksum::of(up.as_bytes());
        let mut files = vec![file("migration.sql", up)];
        let mut down = String::new();
        push_head(&mut down, &piece.head);
        let back = match piece.down {
            Down::Statements(statements) => {
                push_statements(&mut down, &statements);
                true
            }
            Down::Elsewhere => {
                push_comments(&mut down, &[ELSEWHERE.to_owned()]);
                true
            }
            Down::None(_) => false,
        };
        if back {
            files.push(file("down.sql", with_line_ends(&down, ending)));
        }
        written.push(WrittenMigration {
            id: Text::new(&id),
            key: Text::new(&id),
            checksum: Some(Text::new(sum)),
            parts: piece.parts,
            transactional: piece.transactional,
            files,
        });
    }
    if let Some(first) = written.first_mut()
        && !detected.folder.join("migration_lock.toml").is_file()
    {
        // Prisma refuses a folder that does not say for which database it is.
        first.files.push(WrittenFile {
            path: placed(detected, &detected.folder, "migration_lock.toml"),
            text: "provider = \"postgresql\"\n".to_owned(),
        });
    }
    Ok(written)
}

pub(super) fn record(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&Prisma, detected, ledger);
    let mut statements = table.creation(&[
        "id varchar(36) PRIMARY KEY NOT NULL",
        "checksum varchar(64) NOT NULL",
        "finished_at timestamptz",
        "migration_name varchar(255) NOT NULL",
        "logs text",
        "rolled_back_at timestamptz",
        "started_at timestamptz NOT NULL DEFAULT now()",
        "applied_steps_count integer NOT NULL DEFAULT 0",
    ]);
    for item in items {
        statements.push(format!(
            "INSERT INTO {} (id, checksum, finished_at, migration_name, applied_steps_count) VALUES (gen_random_uuid()::text, {}, now(), {}, 1)",
            table.quoted(),
            literal(rows::checksum(item)?),
            literal(item.key.as_str()),
        ));
    }
    Ok(statements)
}

/// As `prisma migrate resolve --rolled-back` would leave it, but for the failure that never was: the row goes.
pub(super) fn forget(detected: &Detected, ledger: &Ledger, items: &[LedgerItem]) -> Vec<String> {
    let table = Table::of(&Prisma, detected, ledger).quoted();
    items
        .iter()
        .map(|item| format!("DELETE FROM {table} WHERE migration_name = {}", literal(item.key.as_str())))
        .collect()
}
