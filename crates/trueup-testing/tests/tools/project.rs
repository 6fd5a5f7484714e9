//! A project on disk and what we make of it and of a database.

use camino::Utf8PathBuf;
use trueup_database::introspect::introspect;
use trueup_database::live::read_live;
use trueup_engine::compare::compare;
use trueup_frameworks::{
    Clock, Detected, Framework, WriteError, WriteRequest, WrittenMigration, detect_named, framework, standing,
};
use trueup_model::repair::Script;
use trueup_model::{Catalog, Finding, History, Ledger, Statement};
use trueup_testing::servers::{Database, server};

use crate::common::open_session;
use crate::kinds::Kind;

/// dbmate, for one, is older than the newest major.
const MAJOR: u32 = 17;

/// 2026-02-28 23:59:59
const NOW: Clock = Clock { unix_seconds: 1_772_323_199 };

pub struct Project {
    _folder: tempfile::TempDir,
    pub root: Utf8PathBuf,
    pub tool: &'static dyn Framework,
    pub detected: Detected,
}

impl Project {
    pub fn of(kind: &Kind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = Utf8PathBuf::from_path_buf(folder.path().join("project")).expect("a UTF-8 path");
        for (path, text) in &kind.files {
            put(&root.join(path), text);
        }
        let name = kind.tool.name();
        let mut found = detect_named(&root, name).expect("a history");
        assert_eq!(found.len(), 1, "{found:?}");
        let tool = framework(name).expect("a framework of this name");
        Self { _folder: folder, root, tool, detected: found.remove(0) }
    }

    #[track_caller]
    pub fn history(&self) -> History {
        let history = self.tool.read(&self.detected).expect("a history");
        assert_eq!(history.findings, [], "the files are well");
        history
    }

    pub fn write(&self, script: &Script) -> Result<Vec<WrittenMigration>, WriteError> {
        let history = self.history();
        let detected = &self.detected;
        self.tool.write(&WriteRequest { detected, history: &history, recorded: &[], script, now: NOW })
    }

    /// The files of what was written, where they belong.
    pub fn put(&self, written: &[WrittenMigration]) {
        for file in written.iter().flat_map(|migration| &migration.files) {
            let path = self.root.join(&file.path);
            assert!(!path.exists(), "{path} is there already");
            put(&path, &file.text);
        }
    }

    /// Takes the migration of this file out of the project: the file, with its way back or its folder.
    pub fn take_away(&self, file: &str) -> Vec<(Utf8PathBuf, String)> {
        let alone = self.root.join(file);
        let down =
            Utf8PathBuf::from(alone.as_str().replace(".up.sql", ".down.sql").replace("/up.sql", "/down.sql"));
        let mut files = vec![alone, down];
        files.dedup();
        files.retain(|path| path.exists());
        let kept = files
            .into_iter()
            .map(|path| {
                let text = std::fs::read_to_string(&path).expect("a file");
                std::fs::remove_file(&path).expect("a file that can be removed");
                (path, text)
            })
            .collect();
        // Empty folders are faults to some tools; one that is not empty stays.
        let _ = self.root.join(file).parent().map(std::fs::remove_dir);
        kept
    }

    pub fn bring_back(&self, files: &[(Utf8PathBuf, String)]) {
        files.iter().for_each(|(path, text)| put(path, text));
    }

    /// The database as `check` takes it.
    pub fn look(&self, database: &Database) -> Seen {
        let history = self.history();
        let mut session = open_session(&database.url());
        let live = read_live(&mut session, &self.tool.ledger_table(&self.detected)).expect("a look");
        let table = live.ledger.as_ref().map(|found| found.table.clone());
        let reading = self.tool.entries(&live.ledger.map(|found| found.rows).unwrap_or_default(), &history);
        let ledger = Ledger { table, entries: reading.entries };
        let standing = standing(&self.detected, &history, &ledger);
        let named = |indexes: &[usize]| -> Vec<String> {
            indexes.iter().map(|index| history.migrations[*index].id.to_string()).collect()
        };
        Seen {
            catalog: live.catalog,
            applied: named(&standing.applied),
            pending: named(&standing.pending),
            findings: [reading.findings, standing.findings].concat(),
            ledger,
        }
    }
}

/// What we make of a database.
pub struct Seen {
    /// Without the ledger.
    pub catalog: Catalog,
    pub ledger: Ledger,
    pub applied: Vec<String>,
    pub pending: Vec<String>,
    pub findings: Vec<Finding>,
}

fn put(path: &Utf8PathBuf, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders can be made");
    std::fs::write(path, text).expect("files can be written");
}

pub fn empty_database() -> Database {
    server(MAJOR).create_database("tools")
}

/// One statement after the other, each as it stands.
pub fn run_each<'a>(database: &Database, statements: impl IntoIterator<Item = &'a str>) {
    let mut session = open_session(&database.url());
    for statement in statements {
        session.run(statement).unwrap_or_else(|error| panic!("running {statement}: {error}"));
    }
}

pub fn texts(statements: &[Statement]) -> impl Iterator<Item = &str> {
    statements.iter().map(|statement| &*statement.text)
}

/// With the ledger, and whatever else is there.
pub fn whole_catalog(database: &Database) -> Catalog {
    introspect(&mut open_session(&database.url())).expect("a catalog")
}

#[track_caller]
pub fn assert_alike(meant: &Catalog, found: &Catalog, what: &str) {
    let differences: Vec<String> = compare(meant, found)
        .iter()
        .map(|difference| format!("{} {}: {:?}", difference.path.kind, difference.path, difference.change))
        .collect();
    assert_eq!(differences, [] as [&str; 0], "{what}");
}
