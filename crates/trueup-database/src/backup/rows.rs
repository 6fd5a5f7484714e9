//! Takes the rows of a snapshot into files, and their checksums with them.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::folder::{Beside, NewFile};
use super::live::{Snapshot, Table, written};
use super::manifest::{FileHeld, SequenceHeld};
use super::programs::{self, ARCHIVE, Chosen, Programs};
use super::tally::Tally;
use super::{BackupError, Request, Scope, child};
use crate::session::{CopyError, Session};

pub struct Taken {
    pub files: Vec<FileHeld>,
    /// For each table; partitioned ones have no rows of their own.
    pub tallies: Vec<Option<Tally>>,
    pub sequences: Vec<SequenceHeld>,
    one_file_each: bool,
}

impl Taken {
    pub fn file_of(&self, table: &Table) -> Option<String> {
        self.one_file_each.then(|| file_of(table))
    }
}

/// Names of tables may not be names of files.
pub fn file_of(table: &Table) -> String {
    format!("rows-{}.gz", table.oid)
}

pub fn take(
    request: &Request<'_>,
    live: &mut Snapshot,
    way: &Chosen,
    beside: &Beside,
    tell: &mut dyn FnMut(&str),
) -> Result<Taken, BackupError> {
    let mut taken = Taken {
        files: Vec::new(),
        tallies: Vec::new(),
        sequences: live.sequences.clone(),
        one_file_each: false,
    };
    match way {
        Chosen::PgDump(programs) => {
            tell(&format!("running pg_dump {}", programs.version_text));
            taken.files.push(archive(request, live, programs, beside)?);
        }
        Chosen::Copy { .. } => taken.one_file_each = true,
    }
    let Snapshot { session, tables, .. } = live;
    for (number, table) in tables.iter().enumerate() {
        if table.is_partitioned {
            taken.tallies.push(None);
            continue;
        }
        tell(&format!("reading {} ({} of {})", table.name, number + 1, tables.len()));
        let tally = match way {
            Chosen::PgDump(_) => tally(session, &table.with_columns()).map_err(reading)?,
            Chosen::Copy { .. } => {
                let (file, tally) = rows(session, table, beside)?;
                taken.files.push(file);
                tally
            }
        };
        taken.tallies.push(Some(tally));
    }
    Ok(taken)
}

fn archive(
    request: &Request<'_>,
    live: &Snapshot,
    programs: &Programs,
    beside: &Beside,
) -> Result<FileHeld, BackupError> {
    let mut arguments: Vec<String> =
        ["--format=custom", "--no-password", "--encoding=UTF8", "--quote-all-identifiers", "--strict-names"]
            .map(str::to_owned)
            .to_vec();
    arguments.push(format!("--snapshot={}", live.name));
    arguments.push(format!("--lock-wait-timeout={}", request.limits.lock.as_millis().max(1)));
    match request.scope {
        Scope::Everything => {}
        // A quoted name stands for itself: no character in it is a pattern.
        Scope::Tables(_) => {
            arguments.extend(live.tables.iter().map(|table| format!("--table={}", written(&table.name))));
        }
    }
    let path = beside.path().join(ARCHIVE);
    let mut file = NewFile::create(beside.path(), ARCHIVE).map_err(BackupError::file("writing", &path))?;
    let (running, mut output) =
        child::start(&programs.dump, &arguments, &programs::variables(request.database))?;
    pass(&mut output, &mut file).map_err(BackupError::file("writing", &path))?;
    drop(output);
    running.finish().map_err(|error| match error {
        // Somebody who waits to change a table stands between our lock on it and that of pg_dump.
        BackupError::Program { said, .. } if said.contains("lock timeout") => {
            BackupError::Locked { doing: "running pg_dump", said }
        }
        other => other,
    })?;
    file.finish().map_err(BackupError::file("writing", &path))
}

fn pass(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => to.write_all(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A file with the rows of one table.
fn rows(session: &mut Session, table: &Table, beside: &Beside) -> Result<(FileHeld, Tally), BackupError> {
    let name = file_of(table);
    let path = beside.path().join(&name);
    let writing = || BackupError::file("writing", &path);
    let file = NewFile::create(beside.path(), &name).map_err(writing())?;
    let mut packed = GzEncoder::new(file, Compression::fast());
    let mut tally = Tally::default();
    let copied = session.copy_out(&format!("copy {} to stdout", table.with_columns()), &mut |bytes| {
        tally.add(bytes);
        packed.write_all(bytes)
    });
    match copied {
        Ok(()) => {}
        Err(CopyError::Session(error)) => return Err(super::live::locked("reading the rows", error)),
        Err(CopyError::Ours(error)) => return Err(writing()(error)),
    }
    let file = packed.finish().and_then(NewFile::finish).map_err(writing())?;
    Ok((file, tally))
}

/// Reads the rows of a table, or of some of its columns, and keeps none of them.
pub fn tally(session: &mut Session, with_columns: &str) -> Result<Tally, CopyError> {
    let mut tally = Tally::default();
    session.copy_out(&format!("copy {with_columns} to stdout"), &mut |bytes| {
        tally.add(bytes);
        Ok(())
    })?;
    Ok(tally)
}

/// Puts the rows of a file into a table.
pub fn put(session: &mut Session, folder: &Path, file: &str, with_columns: &str) -> Result<(), CopyError> {
    let mut rows = GzDecoder::new(File::open(folder.join(file)).map_err(CopyError::Ours)?);
    let mut buffer = vec![0; 1 << 15];
    session.copy_in_from(&format!("copy {with_columns} from stdin"), &mut |chunk| {
        let count = rows.read(&mut buffer)?;
        chunk.extend_from_slice(&buffer[..count]);
        Ok(count > 0)
    })
}

fn reading(error: CopyError) -> BackupError {
    match error {
        CopyError::Session(error) => super::live::locked("reading the rows", error),
        CopyError::Ours(error) => BackupError::file("reading", Path::new("the rows"))(error),
    }
}
