//! Small projects in temporary folders, for tests.

use camino::Utf8PathBuf;
use trueup_model::ledger::LedgerRows;
use trueup_model::{Finding, History, Ledger};

use crate::standing::{Standing, standing};
use crate::{Detected, Framework, LedgerReading};

pub(crate) struct Project {
    _folder: tempfile::TempDir,
    pub root: Utf8PathBuf,
}

pub(crate) fn project(files: &[(&str, &str)]) -> Project {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("a temporary path in Unicode");
    let project = Project { _folder: folder, root };
    for (path, content) in files {
        project.write(path, content.as_bytes());
    }
    project
}

impl Project {
    pub(crate) fn write(&self, path: &str, content: &[u8]) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders can be made");
        std::fs::write(path, content).expect("files can be written");
    }

    /// The one history that is detected, which must be of this framework.
    pub(crate) fn detected(&self, framework: &str) -> Detected {
        let found = crate::detect(&self.root);
        let first = found.first().unwrap_or_else(|| panic!("no history was detected in {}", self.root));
        assert_eq!(first.framework, framework, "detected: {found:#?}");
        first.clone()
    }

    pub(crate) fn history(&self, framework: &str) -> (Detected, History) {
        let detected = self.detected(framework);
        let history = crate::framework(framework).expect("known").read(&detected).expect("readable");
        (detected, history)
    }
}

pub(crate) fn ids(history: &History) -> Vec<&str> {
    history.migrations.iter().map(|migration| migration.id.as_str()).collect()
}

pub(crate) fn keys(history: &History) -> Vec<&str> {
    history.migrations.iter().map(|migration| migration.key.as_str()).collect()
}

pub(crate) fn up(history: &History, index: usize) -> Vec<&str> {
    history.migrations[index].up.iter().map(|statement| &*statement.text).collect()
}

/// `code migration file:line`, sorted as in a report.
pub(crate) fn codes(findings: &[Finding]) -> Vec<String> {
    let mut findings = findings.to_vec();
    findings.sort_by(Finding::report_order);
    findings
        .iter()
        .map(|finding| {
            let origin = finding.origin.as_ref();
            let migration = origin.map_or("", |origin| origin.migration.as_str());
            let place = origin
                .and_then(|origin| origin.place.as_ref())
                .map_or(String::new(), |place| format!(" {}:{}", place.file, place.line));
            format!("{} {migration}{place}", finding.code)
        })
        .collect()
}

pub(crate) fn rows(rows: &[&[&str]]) -> LedgerRows {
    rows.iter()
        .map(|row| row.iter().map(|value| (*value != "NULL").then(|| (*value).to_owned())).collect())
        .collect()
}

pub(crate) fn read_ledger(framework: &dyn Framework, history: &History, table: &[&[&str]]) -> LedgerReading {
    framework.entries(&rows(table), history)
}

/// What a ledger with these rows means; its own findings and those of the standing together.
pub(crate) fn stand(project: &Project, framework: &str, table: &[&[&str]]) -> (History, Standing) {
    let (detected, history) = project.history(framework);
    let reading = read_ledger(crate::framework(framework).expect("known"), &history, table);
    let ledger = Ledger { table: None, entries: reading.entries };
    let mut standing = standing(&detected, &history, &ledger);
    standing.findings.extend(reading.findings);
    (history, standing)
}

/// What the files of a project are told to be wrong with.
#[track_caller]
pub(crate) fn check_findings(project: &Project, framework: &str, expected: &[&str]) {
    let (_, history) = project.history(framework);
    assert_eq!(codes(&history.findings), expected);
}

/// What a ledger with these rows makes of a project.
#[track_caller]
pub(crate) fn check_standing(
    project: &Project,
    framework: &str,
    table: &[&[&str]],
    [applied, pending, findings]: [&[&str]; 3],
) {
    let (history, standing) = stand(project, framework, table);
    assert_eq!(named(&history, &standing.applied), applied, "applied");
    assert_eq!(named(&history, &standing.pending), pending, "pending");
    assert_eq!(codes(&standing.findings), findings);
}

pub(crate) fn named(history: &History, indexes: &[usize]) -> Vec<String> {
    indexes.iter().map(|index| history.migrations[*index].id.to_string()).collect()
}
