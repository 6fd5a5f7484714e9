//! Each change of the table works, changes something, and says what must be found in words that exist.

use std::collections::BTreeSet;

use trueup_model::{Code, ObjectKind};
use trueup_testing::changes::{ASPECTS, Change, Expected, changes};
use trueup_testing::fixture::{every_kind, every_kind_applied};
use trueup_testing::servers::{Database, server};

#[test]
fn names_are_unique() {
    let mut seen = BTreeSet::new();
    let twice: Vec<String> = changes().map(Change::name).filter(|name| !seen.insert(name.clone())).collect();
    assert!(twice.is_empty(), "{twice:#?}");
}

#[test]
fn claims_point_at_one_statement() {
    let files = every_kind(18, true);
    let mut wrong = Vec::new();
    for change in changes() {
        let Some(claim) = change.claimed_by else {
            continue;
        };
        match files.iter().find(|(name, _)| name == claim.file) {
            None => wrong.push(format!("{}: no file {}", change.name(), claim.file)),
            Some((_, sql)) => {
                let count = sql.matches(claim.fragment).count();
                if count != 1 {
                    wrong.push(format!("{count} times {:?} in {}", claim.fragment, claim.file));
                }
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_what_nobody_claims_has_no_claim() {
    for change in changes() {
        let claimed = change.claimed_by.is_some();
        match change.expected.code {
            Code::Unexpected(_) => assert!(!claimed, "{}", change.name()),
            Code::Missing(_) | Code::Different(_) | Code::Renamed(_) | Code::Misplaced(_) => {
                assert!(claimed, "{}", change.name());
            }
            Code::Named(_) => {}
        }
    }
}

#[test]
fn aspects_are_known_and_used() {
    let used: BTreeSet<&str> = everything_expected().filter_map(|expected| expected.aspect).collect();
    let known: BTreeSet<&str> = ASPECTS.iter().map(|(word, _)| *word).collect();
    assert_eq!(used, known);
    assert!(ASPECTS.is_sorted_by_key(|(word, _)| *word));
}

#[test]
fn only_differences_have_an_aspect() {
    for expected in everything_expected() {
        match expected.code {
            Code::Different(_) => assert!(expected.aspect.is_some(), "{expected:?}"),
            Code::Missing(_) | Code::Unexpected(_) | Code::Renamed(_) | Code::Misplaced(_) => {
                assert!(expected.aspect.is_none(), "{expected:?}");
            }
            Code::Named(_) => {}
        }
    }
}

#[test]
fn every_kind_comes_goes_and_changes() {
    let codes: BTreeSet<Code> = changes().map(|change| change.expected.code).collect();
    for &kind in ObjectKind::ALL {
        assert!(codes.contains(&Code::Missing(kind)), "nothing makes {kind} go");
        assert!(codes.contains(&Code::Unexpected(kind)), "nothing makes {kind} come");
        assert!(codes.contains(&Code::Different(kind)), "nothing changes {kind}");
    }
}

#[test]
fn every_change_works_on_the_newest_server() {
    try_all(18);
}

#[test]
fn every_change_that_may_works_on_the_oldest_server() {
    try_all(13);
}

fn everything_expected() -> impl Iterator<Item = Expected> {
    changes().flat_map(|change| std::iter::once(change.expected).chain(change.also.iter().copied()))
}

fn try_all(major: u32) {
    let server = server(major);
    let database = every_kind_applied(&server, true);
    remember(&database);
    let faults: Vec<String> = changes()
        .filter(|change| change.applies(major, true))
        .filter_map(|change| {
            let fault = if change.transactional {
                try_and_take_back(&database, change)
            } else {
                try_on_a_copy(&database, change)
            };
            fault.map(|fault| format!("{}\n    {fault}", change.name()))
        })
        .collect();
    assert!(faults.is_empty(), "{} changes do not work on {major}:\n{}", faults.len(), faults.join("\n"));
    // Rolled back means rolled back: nothing is left of them all.
    assert_eq!(database.value(&format!("{};", changed(&database))), "0");
}

fn try_and_take_back(database: &Database, change: &Change) -> Option<String> {
    fault(database, change, &format!("BEGIN;\n{};\n{}\n;ROLLBACK;", change.sql, changed(database)))
}

fn try_on_a_copy(database: &Database, change: &Change) -> Option<String> {
    let copy = database.copy("copy");
    fault(&copy, change, &format!("{};\n{};", change.sql, changed(database)))
}

/// What is wrong with a change, from a script that runs it and then counts.
fn fault(database: &Database, change: &Change, script: &str) -> Option<String> {
    let output = database.psql(&format!("\\pset tuples_only\n\\pset format unaligned\n{script}"));
    if !output.success {
        return Some(output.stderr);
    }
    let count = output.stdout.lines().last().unwrap_or_default().to_owned();
    match (change.only_data, count.as_str()) {
        (false, "0") => Some("changes nothing in the catalogs".to_owned()),
        (true, "0") | (false, _) => None,
        (true, _) => Some("changes the catalogs, not only rows".to_owned()),
    }
}

/// Keeps the rows of the catalogs in a table, to compare them later.
fn remember(database: &Database) {
    database.run(&format!(
        "CREATE SCHEMA remembered;
         CREATE TABLE remembered.rows (catalog text, id text, content text);
         INSERT INTO remembered.rows {};",
        rows(database)
    ));
}

/// A query for the number of rows in the catalogs that came, went or changed since.
fn changed(database: &Database) -> String {
    format!(
        "WITH now AS ({})
         SELECT (SELECT count(*) FROM (SELECT * FROM now EXCEPT ALL SELECT * FROM remembered.rows) came)
              + (SELECT count(*) FROM (SELECT * FROM remembered.rows EXCEPT ALL SELECT * FROM now) went)",
        rows(database)
    )
}

/// A query for all rows of the catalogs that can belong to the history, without the columns that the server changes
/// by itself. Of the schemas that every database has, only `public` can be changed by a history.
fn rows(database: &Database) -> String {
    let newer: &[(&str, &str)] =
        if database.server().major() >= 15 { &[("pg_publication_namespace", "oid")] } else { &[] };
    let queries: Vec<String> = CATALOGS
        .iter()
        .chain(newer)
        .map(|(catalog, id)| {
            format!("SELECT '{catalog}', {id}::text, c::text FROM {catalog} c WHERE {id}::oid >= 16384")
        })
        .collect();
    format!(
        "{}
         UNION ALL SELECT 'pg_class', oid::text, (to_jsonb(c) - '{{{OWN_AFFAIRS}}}'::text[])::text
         FROM pg_class c WHERE oid >= 16384
         UNION ALL SELECT 'pg_attribute', attrelid::text, c::text
         FROM pg_attribute c WHERE attrelid >= 16384 AND attnum > 0
         UNION ALL SELECT 'pg_depend', objid::text, concat_ws(' ', refobjid, refobjsubid, deptype)
         FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid >= 16384 AND refobjsubid <> 0
         UNION ALL SELECT 'public', '', nspacl::text FROM pg_namespace WHERE oid = 2200",
        queries.join(" UNION ALL ")
    )
}

/// What the server writes to `pg_class` by itself.
const OWN_AFFAIRS: &str = "relpages, reltuples, relallvisible, relallfrozen, relfrozenxid, relminmxid, relfilenode, \
                           relhasindex, relhastriggers, relhasrules, relhassubclass, relrewrite";

/// Each catalog that is taken as it is, with the column that tells whether a row is PostgreSQL's own.
const CATALOGS: &[(&str, &str)] = &[
    ("pg_aggregate", "aggfnoid"),
    ("pg_am", "oid"),
    ("pg_amop", "oid"),
    ("pg_amproc", "oid"),
    ("pg_attrdef", "oid"),
    ("pg_cast", "oid"),
    ("pg_collation", "oid"),
    ("pg_constraint", "oid"),
    ("pg_conversion", "oid"),
    ("pg_default_acl", "oid"),
    ("pg_description", "objoid"),
    ("pg_enum", "oid"),
    ("pg_event_trigger", "oid"),
    ("pg_extension", "oid"),
    ("pg_foreign_data_wrapper", "oid"),
    ("pg_foreign_server", "oid"),
    ("pg_foreign_table", "ftrelid"),
    ("pg_index", "indexrelid"),
    ("pg_inherits", "inhrelid"),
    ("pg_language", "oid"),
    ("pg_namespace", "oid"),
    ("pg_opclass", "oid"),
    ("pg_operator", "oid"),
    ("pg_opfamily", "oid"),
    ("pg_partitioned_table", "partrelid"),
    ("pg_policy", "oid"),
    ("pg_proc", "oid"),
    ("pg_publication", "oid"),
    ("pg_publication_rel", "oid"),
    ("pg_range", "rngtypid"),
    ("pg_rewrite", "oid"),
    ("pg_sequence", "seqrelid"),
    ("pg_shdescription", "objoid"),
    ("pg_statistic_ext", "oid"),
    ("pg_subscription", "oid"),
    ("pg_transform", "oid"),
    ("pg_trigger", "oid"),
    ("pg_ts_config", "oid"),
    ("pg_ts_config_map", "mapcfg"),
    ("pg_ts_dict", "oid"),
    ("pg_ts_parser", "oid"),
    ("pg_ts_template", "oid"),
    ("pg_type", "oid"),
    ("pg_user_mapping", "oid"),
];
