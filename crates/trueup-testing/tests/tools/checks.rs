//! What has to hold for every tool.

use trueup_frameworks::{Gaps, LedgerItem, WriteError, WrittenMigration};
use trueup_model::Ledger;
use trueup_model::ledger::EntryState;
use trueup_model::repair::Script;
use trueup_testing::servers::Database;
use trueup_testing::tools::Tool;

use crate::kinds::Kind;
use crate::project::{Project, Seen, assert_alike, empty_database, run_each, texts, whole_catalog};
use crate::scripts;

/// The tool migrates; we read: all is applied, nothing is wrong.
pub fn is_read(kind: &Kind) {
    let (project, database) = migrated(kind);
    assert_all_applied(kind, &project, &database);
}

/// An applied migration gets one more line.
pub fn is_edited(kind: &Kind) {
    let (project, database) = migrated(kind);
    let file = project.root.join(kind.newest_file());
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, text + "-- one more line\n").expect("a file that can be written");
    let seen = project.look(&database);
    let codes: Vec<String> = seen.findings.iter().map(|finding| finding.code.to_string()).collect();
    let has_sums = seen.ledger.entries.iter().all(|entry| entry.checksum.is_some());
    assert_eq!(codes, if has_sums { vec!["edited-migration"] } else { Vec::new() });
    assert_eq!(seen.pending, [] as [&str; 0]);
    assert_eq!(kind.is_done(&project, &database), !kind.minds_edits());
}

/// A migration between two that are applied.
pub fn comes_late(kind: &Kind) {
    let project = Project::of(kind);
    let (_, written) = written(kind, &project, scripts::harmless());
    let kept = project.take_away(kind.newest_file());
    let database = empty_database();
    kind.up(&project, &database).must("migrating");
    project.bring_back(&kept);
    let seen = project.look(&database);
    assert_eq!((seen.applied.len(), seen.pending.len(), written.len()), (2, 1, 1));
    match project.tool.gaps(&project.detected) {
        Gaps::Allowed => {
            assert_eq!(seen.findings, []);
            kind.up(&project, &database).must("running what comes late");
            let seen = project.look(&database);
            assert_eq!((seen.applied.len(), seen.findings.len()), (3, 0), "{:?}", seen.findings);
        }
        Gaps::Refused { .. } => {
            assert_eq!(seen.findings.len(), 1);
            let output = kind.up(&project, &database);
            assert!(!output.success, "{output:?}");
        }
        Gaps::Skipped { .. } => {
            assert_eq!(seen.findings.len(), 1);
            kind.up(&project, &database).must("passing over it");
            assert_eq!(project.look(&database).applied.len(), 2);
        }
    }
}

/// The tool runs what was written. That leaves what the statements leave, and the way back what was there before.
pub fn runs(kind: &Kind, script: Script) {
    let (project, database) = migrated(kind);
    let before = project.look(&database);
    let meant = database.copy("meant");
    let (script, written) = written(kind, &project, script);
    run_each(&meant, script.up.iter().map(|part| part.text.as_str()));

    kind.up(&project, &database).must("running what was written");
    let seen = assert_all_applied(kind, &project, &database);
    assert_alike(&project.look(&meant).catalog, &seen.catalog, "up");
    assert_eq!(rows(&database), rows(&meant));

    for number in (0..written.len()).rev() {
        let Some(output) = kind.back(&project, &database) else { return };
        output.must("taking it back");
        let left = before.applied.len() + number;
        assert_eq!(project.look(&database).applied.len(), left, "the tool takes back one after the other");
    }
    let seen = project.look(&database);
    assert_alike(&before.catalog, &seen.catalog, "down");
    assert_eq!(rows(&database), Vec::<Vec<String>>::new());
    assert_eq!((seen.applied, seen.findings), (before.applied, Vec::new()));
    kind.up(&project, &database).must("running it again");
    assert_all_applied(kind, &project, &database);
}

/// The tool runs the refusal that stands for a way back: it fails, says why, and goes on taking it for applied.
pub fn has_no_way_back(kind: &Kind, script: Script) {
    let (project, database) = migrated(kind);
    written(kind, &project, script);
    kind.up(&project, &database).must("running what was written");
    let before = assert_all_applied(kind, &project, &database);
    let Some(output) = kind.back(&project, &database) else { return };
    assert!(!output.success, "{output:?}");
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains("this migration has no way back: its rows are gone;"), "{said}");
    let seen = assert_all_applied(kind, &project, &database);
    assert_alike(&before.catalog, &seen.catalog, "after a way back that failed");
}

/// A migration that may run in a transaction is run in one.
pub fn fails_whole(kind: &Kind, script: Script) {
    let (project, database) = migrated(kind);
    let before = project.look(&database);
    let (_, written) = written(kind, &project, script);
    assert_eq!(written.len(), 1);
    let output = kind.up(&project, &database);
    assert!(!output.success, "{output:?}");
    let seen = project.look(&database);
    assert_alike(&before.catalog, &seen.catalog, "after a migration that failed");
    assert_eq!(seen.applied, before.applied);
    let key = &written[0].key;
    let failed = seen.ledger.entries.iter().find(|entry| entry.key == *key);
    match kind.tool {
        Tool::Prisma => {
            let failed = failed.expect("Prisma records what failed");
            assert_eq!(failed.state, EntryState::Failed);
            assert_eq!(seen.findings.len(), 1, "{:?}", seen.findings);
        }
        Tool::Dbmate | Tool::Diesel | Tool::Refinery | Tool::Sqlx => {
            assert_eq!((failed, seen.findings), (None, Vec::new()));
        }
    }
}

/// We run the statements and record them: the tool has nothing to do, and to it the rows are its own. What is
/// forgotten it runs again.
pub fn is_recorded(kind: &Kind, script: Script) {
    let (project, database) = migrated(kind);
    let ledger = project.look(&database).ledger;
    let by_tool = database.copy("by_tool");
    let (script, written) = written(kind, &project, script);
    let items: Vec<LedgerItem> = written.iter().map(LedgerItem::from).collect();
    assert!(!kind.is_done(&project, &database), "before, the tool takes it for pending");

    run_each(&database, script.up.iter().map(|part| part.text.as_str()));
    record(&project, &database, &ledger, &items);
    assert!(kind.is_done(&project, &database), "the tool takes it for applied");
    kind.up(&project, &database).must("running nothing");
    let seen = assert_all_applied(kind, &project, &database);
    kind.up(&project, &by_tool).must("running what was written");
    let wanted = |database: &Database| ledger_rows(kind, &project, database);
    assert_eq!(wanted(&database), wanted(&by_tool), "our rows are those of the tool");

    let forget = project.tool.ledger_forget(&project.detected, &seen.ledger, &items).expect("forgettable");
    run_each(&database, transaction(&forget));
    assert!(!kind.is_done(&project, &database), "the tool takes it for pending again");
    let seen = project.look(&database);
    let ids: Vec<String> = written.iter().map(|migration| migration.id.to_string()).collect();
    assert_eq!((seen.pending, seen.findings), (ids, Vec::new()));

    if let Ok(down) = &script.down {
        run_each(&database, down.iter().map(|part| part.text.as_str()));
        kind.up(&project, &database).must("running what was forgotten");
        assert_all_applied(kind, &project, &database);
    }
}

/// A ledger that we make where there is none is the one that the tool makes.
pub fn ledgers_are_alike(kind: &Kind) {
    let (project, by_tool) = migrated(kind);
    let database = empty_database();
    let history = project.history();
    run_each(&database, history.migrations.iter().flat_map(|migration| texts(&migration.up)));
    let items: Vec<LedgerItem> = history.migrations.iter().map(LedgerItem::from).collect();
    record(&project, &database, &Ledger::default(), &items);
    assert_alike(&whole_catalog(&by_tool), &whole_catalog(&database), "a database with our ledger");
    let wanted = |database: &Database| ledger_rows(kind, &project, database);
    assert_eq!(wanted(&database), wanted(&by_tool), "our rows are those of the tool");
    assert_all_applied(kind, &project, &database);
    kind.up(&project, &database).must("running nothing");
    assert_all_applied(kind, &project, &database);
}

fn migrated(kind: &Kind) -> (Project, Database) {
    let (project, database) = (Project::of(kind), empty_database());
    kind.up(&project, &database).must("migrating");
    (project, database)
}

/// The script as far as the tool can run it, and its files put where they belong.
fn written(kind: &Kind, project: &Project, script: Script) -> (Script, Vec<WrittenMigration>) {
    let script = match project.write(&script) {
        Err(WriteError::NeedsNoTransaction { .. }) if !kind.leaves_transactions => scripts::within(&script),
        _ => script,
    };
    let written = project.write(&script).unwrap_or_else(|error| panic!("{error}"));
    project.put(&written);
    (script, written)
}

/// As `apply` does it: in a transaction, without a search path.
fn record(project: &Project, database: &Database, ledger: &Ledger, items: &[LedgerItem]) {
    let statements =
        project.tool.ledger_record(&project.detected, &project.history(), ledger, items).expect("recordable");
    run_each(database, transaction(&statements));
}

fn transaction(statements: &[String]) -> impl Iterator<Item = &str> {
    let begin = ["BEGIN", "SET LOCAL search_path = ''"];
    begin.into_iter().chain(statements.iter().map(String::as_str)).chain(["COMMIT"])
}

#[track_caller]
fn assert_all_applied(kind: &Kind, project: &Project, database: &Database) -> Seen {
    let seen = project.look(database);
    let ids: Vec<String> = project.history().migrations.iter().map(|one| one.id.to_string()).collect();
    assert_eq!((&seen.applied, &seen.pending, &seen.findings), (&ids, &Vec::new(), &Vec::new()));
    assert!(kind.is_done(project, database), "the tool says that nothing is pending");
    seen
}

/// What does not depend on the moment, in an order of its own.
fn ledger_rows(kind: &Kind, project: &Project, database: &Database) -> Vec<Vec<String>> {
    let table = project.look(database).ledger.table.expect("a ledger");
    database.rows(&format!("SELECT {} FROM {table} ORDER BY 1", kind.columns))
}

fn rows(database: &Database) -> Vec<Vec<String>> {
    database.rows("SELECT * FROM public.customers")
}
