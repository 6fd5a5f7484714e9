//! The next files of a plain folder, called as their neighbours are, and the rows of `trueup_ledger`.

use camino::Utf8Path;
use sha2::{Digest, Sha256};
use trueup_model::{Ledger, Migration, Text};
use trueup_sql::{TransactionControl, classify};

use crate::detect::Detected;
use crate::naming::leading_digits;
use crate::plain::files::{Candidate, collect};
use crate::plain::{NAME, Plain};
use crate::source::hexadecimal;
use crate::write::next::{First, Numbers, Order, newest_number};
use crate::write::psql::without_variables;
use crate::write::rows::{self, Table, literal};
use crate::write::sheet::{line_ending, push_comments, push_head, push_statements, with_line_ends};
use crate::write::{
    Down, ELSEWHERE, LedgerItem, Marks, Prepared, WriteError, WriteRequest, WrittenFile, WrittenMigration,
    pieces, placed,
};

const MARKS: Marks = Marks { tool: NAME, ..Marks::NONE };

pub(super) fn write(request: &WriteRequest<'_>) -> Result<Vec<WrittenMigration>, WriteError> {
    let detected = request.detected;
    let files =
        collect(&detected.folder).map_err(|error| WriteError::Folder { reason: error.to_string() })?;
    let pattern = Pattern::of(&detected.folder, &files.candidates, request.script.down.is_ok());
    let newest = newest_file(request, &files.candidates);
    let ending = line_ending(detected, newest);
    let wrapped = newest.is_some_and(is_wrapped);
    let number = newest_number(&Plain, request, pattern.number.clone());
    let mut numbers = Numbers::after(number, request.now, First::Sequence { width: 4 }, Order::ByValue);
    let mut written = Vec::new();
    for piece in pieces(request.script, &MARKS)? {
        let names = pattern.names(&numbers.next(), &piece.slug);
        let mut head = piece.head.clone();
        if request.script.down.is_ok() && names.down.is_none() {
            head.push(
                "its way back is not written: the files here have none, and all of them may be run"
                    .to_owned(),
            );
        }
        if !piece.transactional {
            head.push("not to be run inside of a transaction (psql without --single-transaction)".to_owned());
        }
        let mut up = String::new();
        push_head(&mut up, &head);
        push_body(&mut up, piece.up, wrapped && piece.transactional);
        let up = with_line_ends(&up, ending);
        let sum = hexadecimal(&Sha256::digest(up.as_bytes()));
        let mut files = vec![WrittenFile { path: placed(detected, &detected.folder, &names.up), text: up }];
        if let Some(name) = &names.down {
            let mut down = String::new();
            push_head(&mut down, &piece.head);
            let back = match piece.down {
                Down::Statements(statements) => {
                    push_body(&mut down, statements, wrapped && piece.down_transactional);
                    true
                }
                Down::Elsewhere => {
                    push_comments(&mut down, &[ELSEWHERE.to_owned()]);
                    true
                }
                Down::None(_) => false,
            };
            if back {
                let text = with_line_ends(&down, ending);
                files.push(WrittenFile { path: placed(detected, &detected.folder, name), text });
            }
        }
        written.push(WrittenMigration {
            id: Text::new(&names.key),
            key: Text::new(&names.key),
            checksum: Some(Text::new(sum)),
            parts: piece.parts,
            transactional: piece.transactional,
            files,
        });
    }
    Ok(written)
}

fn push_body(text: &mut String, mut statements: Vec<Prepared>, in_own_transaction: bool) {
    for statement in &mut statements {
        statement.text = without_variables(&statement.text);
    }
    if in_own_transaction {
        text.push_str("BEGIN;\n\n");
    }
    push_statements(text, &statements);
    if in_own_transaction {
        text.push_str("\nCOMMIT;\n");
    }
}

fn newest_file<'a>(request: &WriteRequest<'a>, candidates: &[Candidate]) -> Option<&'a Migration> {
    let key = &candidates.iter().rev().find(|candidate| candidate.numbered)?.key;
    request.history.migrations.iter().find(|migration| migration.key.as_str() == key)
}

/// Who runs such files may put a transaction around each of them: only the neighbours tell.
fn is_wrapped(migration: &Migration) -> bool {
    let control =
        |at: Option<&trueup_model::Statement>| at.and_then(|statement| classify(&statement.text).transaction);
    control(migration.up.first()) == Some(TransactionControl::Begin)
        && control(migration.up.last()) == Some(TransactionControl::Commit)
}

/// How the files of a folder are called.
struct Pattern {
    /// The newest number as written.
    number: Option<String>,
    /// What stands before the number: the folders and `V`.
    key_front: String,
    file_front: String,
    separator: String,
    /// What follows in the key of a file inside of a numbered folder.
    key_back: String,
    file_back: String,
    down: Option<DownPattern>,
}

struct DownPattern {
    front: String,
    back: String,
}

struct Names {
    key: String,
    up: String,
    down: Option<String>,
}

impl Pattern {
    fn of(folder: &Utf8Path, candidates: &[Candidate], has_way_back: bool) -> Self {
        let numbered = || candidates.iter().rev().filter(|candidate| candidate.numbered);
        let Some(newest) = numbered().next() else { return Self::first(has_way_back) };
        let Some(cut) = Cut::of(&newest.key) else { return Self::first(has_way_back) };
        let file = below(folder, &newest.path);
        // The key without its front and number is in the name of the file as well, unless a suffix was taken away.
        let (file_front, file_back) =
            around(&file, &cut).unwrap_or_else(|| (cut.front.to_owned(), ".sql".to_owned()));
        let down = numbered().find_map(|candidate| {
            let cut_there = Cut::of(&candidate.key)?;
            let name = below(folder, candidate.down.as_ref()?);
            around(&name, &cut_there).map(|(front, back)| DownPattern { front, back })
        });
        Self {
            number: Some(cut.number.to_owned()),
            key_front: cut.front.to_owned(),
            file_front,
            separator: cut.separator.to_owned(),
            key_back: cut.inner.to_owned(),
            file_back,
            down,
        }
    }

    fn first(has_way_back: bool) -> Self {
        let suffix = if has_way_back { ".up.sql" } else { ".sql" };
        Self {
            number: None,
            key_front: String::new(),
            file_front: String::new(),
            separator: "_".to_owned(),
            key_back: String::new(),
            file_back: suffix.to_owned(),
            down: has_way_back.then(|| DownPattern { front: String::new(), back: ".down.sql".to_owned() }),
        }
    }

    fn names(&self, number: &str, slug: &str) -> Names {
        let middle = format!("{number}{}{slug}", self.separator);
        Names {
            key: format!("{}{middle}{}", self.key_front, self.key_back),
            up: format!("{}{middle}{}", self.file_front, self.file_back),
            down: self.down.as_ref().map(|down| format!("{}{middle}{}", down.front, down.back)),
        }
    }
}

/// A key as `front`, number, separator, name, and what is below a numbered folder: `V`, `2`, `__`, `add_price`, ``.
struct Cut<'a> {
    front: &'a str,
    number: &'a str,
    separator: &'a str,
    /// Number, separator and name.
    middle: &'a str,
    inner: &'a str,
}

impl<'a> Cut<'a> {
    fn of(key: &'a str) -> Option<Self> {
        // The last part of the path that has a number.
        let starts = key.match_indices('/').map(|(at, _)| at + 1).chain([0]);
        let mut starts: Vec<usize> = starts.collect();
        starts.sort_unstable();
        starts.into_iter().rev().find_map(|start| {
            let part = key[start..].split('/').next()?;
            let prefix = usize::from(part.starts_with(['V', 'v']));
            let (number, rest) = leading_digits(&part[prefix..])?;
            let length = rest.len() - rest.trim_start_matches(['_', '-', '.', ' ']).len();
            let (front, end) = (start + prefix, start + part.len());
            Some(Self {
                front: &key[..front],
                number,
                separator: if length == 0 { "_" } else { &rest[..length] },
                middle: &key[front..end],
                inner: &key[end..],
            })
        })
    }
}

/// What stands around the number and the name in the path of a file.
fn around(path: &str, cut: &Cut<'_>) -> Option<(String, String)> {
    let at = path.rfind(cut.middle)?;
    Some((path[..at].to_owned(), path[at + cut.middle.len()..].to_owned()))
}

fn below(folder: &Utf8Path, path: &Utf8Path) -> String {
    crate::folder::shown(folder, path)
}

pub(super) fn record(
    detected: &Detected,
    ledger: &Ledger,
    items: &[LedgerItem],
) -> Result<Vec<String>, WriteError> {
    let table = Table::of(&Plain, detected, ledger);
    let mut statements = table.creation(&[
        "version text PRIMARY KEY",
        "applied_at timestamptz NOT NULL DEFAULT now()",
        "checksum text",
        "state text NOT NULL DEFAULT 'applied' CHECK (state IN ('applied', 'failed', 'rolled back'))",
        "applied_by text NOT NULL DEFAULT session_user",
    ]);
    for item in items {
        statements.push(format!(
            "INSERT INTO {} (version, checksum, state) VALUES ({}, {}, 'applied') ON CONFLICT (version) DO UPDATE \
             SET checksum = excluded.checksum, state = excluded.state, applied_at = now(), applied_by = session_user",
            table.quoted(),
            literal(item.key.as_str()),
            literal(rows::checksum(item)?),
        ));
    }
    Ok(statements)
}

/// The row stays and says what happened.
pub(super) fn forget(detected: &Detected, ledger: &Ledger, items: &[LedgerItem]) -> Vec<String> {
    let table = Table::of(&Plain, detected, ledger).quoted();
    items
        .iter()
        .map(|item| {
            format!(
                "UPDATE {table} SET state = 'rolled back', applied_at = now(), applied_by = session_user WHERE version = {}",
                literal(item.key.as_str())
            )
        })
        .collect()
}
