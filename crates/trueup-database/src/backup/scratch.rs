//! Restores a backup once, into a scratch database, and holds the rows there against those of the snapshot.
//!
//! What the tables need may be missing there: an extension, a function, a table that a foreign key points to. Where a
//! table cannot be made as it is, one of texts takes its rows, which shows that the files hold them; that the values
//! fit the types is then not shown, and said to be so.

use std::collections::BTreeMap;
use std::path::Path;

use super::archive::{self, Piece, Section};
use super::definition::{Definition, Kind, Made};
use super::live::{About, Table, settings, written};
use super::programs::{Chosen, Programs};
use super::tally::Tally;
use super::{BackupError, Scratch, failed, rows};
use crate::session::{CopyError, Session, SessionError};
use crate::shadow::{self, Need, Shadow, ShadowRequest, Surroundings};

pub struct Attempt<'a> {
    pub folder: &'a Path,
    pub way: &'a Chosen,
    pub about: &'a About,
    pub tables: &'a [Table],
    pub definition: &'a Definition,
    pub tallies: &'a [Option<Tally>],
    /// Whether the archive is of the whole database.
    pub everything: bool,
}

pub struct Verified {
    pub shadow: String,
    pub server_version: String,
    pub not_verified: Vec<String>,
}

/// More than this is not read in memory, and not into the memory of this process either.
const LARGE: u64 = 256 << 20;

/// More reasons than this are counted.
const MOST_REASONS: usize = 50;

const DOING: &str = "restoring the backup once";

pub fn verify(attempt: &Attempt<'_>, scratch: Scratch<'_>) -> Result<Verified, BackupError> {
    match scratch {
        Scratch::Given(shadow) => {
            let names: Vec<String> = attempt.tables.iter().map(|table| written(&table.name)).collect();
            if !names.is_empty() {
                let session = shadow.session();
                session
                    .run(&format!("drop table if exists {} cascade", names.join(", ")))
                    .map_err(failed("making way in the scratch database"))?;
            }
            restore_once(attempt, shadow)
        }
        Scratch::Open { request, opener, surroundings } => {
            let mut shadow = open(attempt.about, request, opener, surroundings)?;
            restore_once(attempt, shadow.as_mut())
        }
    }
}

fn open(
    about: &About,
    request: &ShadowRequest,
    opener: Option<&dyn Fn() -> shadow::Opener>,
    surroundings: &Surroundings,
) -> Result<Box<dyn Shadow>, BackupError> {
    let need = Need { live_major: Some(about.major), extensions: about.extensions.clone(), icu: about.icu };
    let mut at_hand = shadow::at_hand(request);
    let mut surroundings = surroundings.clone();
    if about.bytes > LARGE {
        surroundings.temporary = std::env::temp_dir();
        let fits = at_hand.local.iter().any(|server| server.version / 10_000 >= about.major);
        if fits && *request == ShadowRequest::Auto {
            at_hand.embedded = None;
        }
    }
    let choice = shadow::choose(request, &need, &at_hand)?;
    Ok(shadow::open(&choice, &surroundings, opener.map(|opener| opener()))?)
}

/// What has been done so far, and what did not go well.
struct Course<'a> {
    attempt: &'a Attempt<'a>,
    not_verified: Vec<String>,
    /// Tables that are texts by now, and why.
    texts: BTreeMap<u32, String>,
}

fn restore_once(attempt: &Attempt<'_>, shadow: &mut dyn Shadow) -> Result<Verified, BackupError> {
    let mut course = Course { attempt, not_verified: Vec::new(), texts: BTreeMap::new() };
    let (kind, server_version) = (shadow.kind().to_owned(), shadow.capabilities().version_text.clone());
    let session = shadow.session();
    // Its own transactions each, so that what fails takes nothing along.
    let settings = settings(std::time::Duration::from_secs(60)).replace("set local", "set");
    session.run(&settings).map_err(failed(DOING))?;

    course.make(session, true)?;
    course.stand_in_for_missing(session)?;
    course.fill(session, Pass::First)?;
    let lost = course.different(session)?;
    // Once more as texts: a type that writes its values otherwise there is no fault of the backup.
    if !lost.is_empty() {
        for (table, why) in &lost {
            if course.texts.contains_key(&table.oid) {
                return Err(not_the_same(table, why));
            }
            course.stand_in(session, table, why)?;
        }
        let again: Vec<u32> = lost.iter().map(|(table, _)| table.oid).collect();
        course.fill(session, Pass::Again(&again))?;
        if let Some((table, why)) = course.different(session)?.first() {
            return Err(not_the_same(table, why));
        }
    }
    course.make(session, false)?;
    course.finish(kind, server_version)
}

/// Which tables take their rows.
#[derive(Clone, Copy)]
enum Pass<'a> {
    First,
    /// Only these, by their numbers.
    Again(&'a [u32]),
}

impl Pass<'_> {
    fn has(self, table: &Table) -> bool {
        match self {
            Pass::First => true,
            Pass::Again(numbers) => numbers.contains(&table.oid),
        }
    }
}

fn not_the_same(table: &Table, why: &str) -> BackupError {
    BackupError::NotVerified(format!("table {}: {why}", table.name))
}

impl<'a> Course<'a> {
    fn finish(mut self, shadow: String, server_version: String) -> Result<Verified, BackupError> {
        for table in self.attempt.tables {
            if let Some(why) = self.texts.get(&table.oid) {
                self.not_verified.push(format!(
                    "that the values of {} fit their types: they were restored as texts, because {why}",
                    table.name
                ));
            }
        }
        if let Chosen::PgDump(_) = self.attempt.way {
            self.not_verified
                .push("owners and privileges: the scratch database has none of the roles".to_owned());
        }
        let more = self.not_verified.len().saturating_sub(MOST_REASONS);
        if more > 0 {
            self.not_verified.truncate(MOST_REASONS);
            self.not_verified.push(format!("and {more} more"));
        }
        Ok(Verified { shadow, server_version, not_verified: self.not_verified })
    }

    /// Makes what comes before the rows, or after them. What cannot be made is said.
    fn make(&mut self, session: &mut Session, before_rows: bool) -> Result<(), BackupError> {
        let attempt = self.attempt;
        let is_due = |made: &&Made| made.kind.is_before_rows() == before_rows;
        match attempt.way {
            Chosen::Copy { .. } => {
                for made in attempt.definition.statements.iter().filter(is_due) {
                    self.run(session, &made.statement, made.kind == Kind::Schema || made.kind == Kind::Type)?;
                }
            }
            Chosen::PgDump(programs) => {
                // An archive of some tables holds neither their schemas nor their types.
                let around = attempt.definition.statements.iter().filter(is_due);
                let around = around.filter(|made| matches!(made.kind, Kind::Schema | Kind::Type));
                for made in around.filter(|_| !attempt.everything) {
                    self.run(session, &made.statement, true)?;
                }
                let section = if before_rows { Section::PreData } else { Section::PostData };
                archive::read(programs, attempt.folder, section, false, &mut |piece, _| match piece {
                    Piece::Statement(statement) => self.run(session, &statement, false),
                    Piece::Rows { .. } => Ok(()),
                })?;
            }
        }
        Ok(())
    }

    fn run(&mut self, session: &mut Session, statement: &str, may_be_there: bool) -> Result<(), BackupError> {
        let error = match session.run(statement) {
            Ok(()) => return Ok(()),
            Err(SessionError::Server(error)) => error.without_secrets_of(statement),
            Err(lost @ SessionError::Lost(_)) => return Err(failed(DOING)(lost)),
        };
        // Schemas, types, functions and relations that are there already.
        let is_there = ["42P06", "42710", "42723", "42P07"].contains(&error.sqlstate.as_str());
        let is_schema = words(statement, 2) == ["create", "schema"];
        // Settings of a newer version say nothing about the backup.
        let is_setting = words(statement, 1) == ["set"];
        if !is_setting && !(is_there && (may_be_there || is_schema)) {
            self.not_verified.push(format!("{}: {}", beginning(statement), error.message));
        }
        Ok(())
    }

    /// Makes tables of texts for those that could not be made as they are.
    fn stand_in_for_missing(&mut self, session: &mut Session) -> Result<(), BackupError> {
        for table in self.attempt.tables.iter().filter(|table| !table.is_partitioned) {
            let name = trueup_sql::quote_literal(&written(&table.name));
            let there =
                session.value(&format!("select pg_catalog.to_regclass({name})")).map_err(failed(DOING))?;
            if there.is_none() {
                self.stand_in(session, table, "the table could not be made there as it is")?;
            }
        }
        Ok(())
    }

    fn stand_in(&mut self, session: &mut Session, table: &Table, why: &str) -> Result<(), BackupError> {
        if self.texts.insert(table.oid, why.to_owned()).is_some() {
            return Ok(());
        }
        let columns: Vec<String> =
            table.columns.iter().map(|column| format!("{} text", trueup_sql::quote_ident(column))).collect();
        let schema = trueup_sql::quote_ident(table.name.schema.as_str());
        let name = written(&table.name);
        let sql = format!(
            "create schema if not exists {schema}; drop table if exists {name} cascade; create table {name} ({})",
            columns.join(", ")
        );
        session.run(&sql).map_err(failed(DOING))
    }

    /// Puts the rows into the tables; those that do not take them as they are take them as texts.
    fn fill(&mut self, session: &mut Session, pass: Pass<'_>) -> Result<(), BackupError> {
        let attempt = self.attempt;
        let mut refused: Vec<(&'a Table, String)> = Vec::new();
        match attempt.way {
            Chosen::Copy { .. } => {
                for table in attempt.tables.iter().filter(|table| !table.is_partitioned && pass.has(table)) {
                    let file = rows::file_of(table);
                    let copied = rows::put(session, attempt.folder, &file, &table.with_columns());
                    refused.extend(refusal(copied)?.map(|why| (table, why)));
                }
            }
            Chosen::PgDump(programs) => self.unpack(session, programs, pass, &mut refused)?,
        }
        for (table, why) in &refused {
            if self.texts.contains_key(&table.oid) {
                return Err(not_the_same(table, why));
            }
            self.stand_in(session, table, why)?;
        }
        let again: Vec<u32> = refused.iter().map(|(table, _)| table.oid).collect();
        if again.is_empty() { Ok(()) } else { self.fill(session, Pass::Again(&again)) }
    }

    /// Puts the rows of the archive into the tables that are chosen.
    fn unpack(
        &mut self,
        session: &mut Session,
        programs: &Programs,
        pass: Pass<'_>,
        refused: &mut Vec<(&'a Table, String)>,
    ) -> Result<(), BackupError> {
        let attempt = self.attempt;
        archive::read(programs, attempt.folder, Section::Data, false, &mut |piece, script| {
            let (table, copy) = match (piece, pass) {
                (Piece::Rows { table, copy }, _) => (table, copy),
                (Piece::Statement(statement), Pass::First) => return self.run(session, &statement, false),
                (Piece::Statement(_), Pass::Again(_)) => return Ok(()),
            };
            let table = attempt.tables.iter().find(|known| known.name == table);
            let is_due = match pass {
                Pass::First => true,
                Pass::Again(_) => table.is_some_and(|table| pass.has(table)),
            };
            if !is_due {
                return Ok(());
            }
            let why = refusal(session.copy_in_from(&copy, &mut |chunk| script.row(chunk)))?;
            // What belongs to an extension is not among the tables that are compared.
            refused.extend(why.and_then(|why| Some((table?, why))));
            Ok(())
        })
    }

    /// The tables that do not hold the rows of the snapshot.
    fn different(&self, session: &mut Session) -> Result<Vec<(&'a Table, String)>, BackupError> {
        let mut different = Vec::new();
        for (table, wanted) in self.attempt.tables.iter().zip(self.attempt.tallies) {
            let Some(wanted) = wanted else { continue };
            let there = match rows::tally(session, &table.with_columns()) {
                Ok(there) => there,
                Err(error) => {
                    let why = refusal(Err(error))?.unwrap_or_default();
                    different.push((table, why));
                    continue;
                }
            };
            different.extend(unlike(wanted, &there).map(|why| (table, why)));
        }
        Ok(different)
    }
}

/// In what the rows of a table are not those that were counted.
pub fn unlike(wanted: &Tally, there: &Tally) -> Option<String> {
    if wanted.rows != there.rows {
        return Some(format!("{} rows were read, and {} came back", wanted.rows, there.rows));
    }
    (wanted.checksum() != there.checksum()).then(|| "not the same values came back".to_owned())
}

/// What the server has against rows; everything else is an error.
fn refusal(copied: Result<(), CopyError>) -> Result<Option<String>, BackupError> {
    match copied {
        Ok(()) => Ok(None),
        Err(CopyError::Session(SessionError::Server(error))) => Ok(Some(error.message)),
        Err(CopyError::Session(lost @ SessionError::Lost(_))) => Err(failed(DOING)(lost)),
        Err(CopyError::Ours(error)) => Err(BackupError::file("reading", Path::new("the rows"))(error)),
    }
}

/// The first words of a statement, in small letters.
pub fn words(statement: &str, count: usize) -> Vec<String> {
    trueup_sql::words(statement).take(count).collect()
}

/// As much of a statement as tells which one it is. Subscriptions and user mappings have passwords in theirs.
pub fn beginning(statement: &str) -> String {
    const LENGTH: usize = 80;
    if trueup_sql::holds_password(statement) {
        return format!("{} …", words(statement, 3).join(" "));
    }
    let flat = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &flat[..end]),
        None => flat,
    }
}

#[cfg(all(test, feature = "embedded"))]
mod tests {
    use std::io::Write;

    use trueup_model::QualifiedName;

    use super::*;

    #[test]
    fn a_statement_is_told_without_its_password() {
        let subscription = "CREATE SUBSCRIPTION s CONNECTION 'host=x password=pl4nted' PUBLICATION p";
        assert_eq!(beginning(subscription), "create subscription s …");
        let mapping = "CREATE USER MAPPING FOR a SERVER s OPTIONS (\n    password 'pl4nted'\n)";
        assert_eq!(beginning(mapping), "create user mapping …");
        assert_eq!(beginning("CREATE  TABLE\n a ()"), "CREATE TABLE a ()");
    }

    /// What comes back from the files is held against what was read from the database, and nothing else.
    #[test]
    fn rows_that_do_not_come_back_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let table = Table::for_test(1, QualifiedName::new("public", "a"), &["x"]);
        let file = std::fs::File::create(folder.path().join(rows::file_of(&table))).expect("a file");
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        packed.write_all(b"1\n2\n").and_then(|()| packed.finish().map(drop)).expect("rows");
        let way = Chosen::Copy { because: "of the test".to_owned() };
        let (about, definition) = (About { major: 15, ..About::default() }, Definition::default());
        for (rows, expected) in [
            ("2\n1\n", None),
            ("1\n2\n3\n", Some("table public.a: 3 rows were read, and 2 came back")),
            ("1\n3\n", Some("table public.a: not the same values came back")),
        ] {
            let mut tally = Tally::default();
            tally.add(rows.as_bytes());
            let attempt = Attempt {
                folder: folder.path(),
                way: &way,
                about: &about,
                tables: std::slice::from_ref(&table),
                definition: &definition,
                tallies: &[Some(tally)],
                everything: false,
            };
            let surroundings = Surroundings::usual();
            let scratch = Scratch::Open {
                request: &ShadowRequest::Embedded,
                opener: None,
                surroundings: &surroundings,
            };
            let said = verify(&attempt, scratch).err().map(|error| match error {
                BackupError::NotVerified(said) => said,
                other => panic!("{other}"),
            });
            assert_eq!(said.as_deref(), expected, "{rows:?}");
        }
    }
}
