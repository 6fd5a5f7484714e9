//! What pg_dump says: after the guarded script of each single change it writes what it writes of the expected database,
//! the order of columns aside.

use std::collections::BTreeSet;
use std::sync::Mutex;

use trueup_engine::repair::Permissions;
use trueup_model::difference::Change as Kind;
use trueup_model::{Difference, ObjectKind};
use trueup_testing::changes::{Change, changes};
use trueup_testing::servers::Database;

use super::common::open_session;
use super::guarded::{run_parts, scripted};
use super::{Side, differences, planned, read, shown, wanted_on};

/// pg_dump refuses servers newer than itself, and distributions have no older one that is still kept.
const MAJOR: u32 = 15;

/// So many changes are made and repaired, one after the other, before pg_dump looks once.
const BATCH: usize = 40;

/// What stays different between two dumps, however a repair is made.
fn sections(database: &Database) -> BTreeSet<String> {
    let dump = database.dump_schema().must("dumping a schema");
    // What follows is a key by chance.
    let (dump, _) = dump.split_once("\n-- PostgreSQL database dump complete").expect("a whole dump");
    // Each object has a comment above it. Their order is that of names and numbers.
    dump.split("\n--\n-- Name: ").skip(1).map(without_order).collect()
}

/// The columns of a table, and what else has no order, sorted.
fn without_order(section: &str) -> String {
    let section: Vec<String> = section.lines().map(sorted_list).collect();
    let section = section.join("\n");
    let mut lines: Vec<&str> = section.trim_end().lines().collect();
    let starts = |line: &&str| line.starts_with("CREATE ") && line.contains(" TABLE ") && line.ends_with('(');
    if let Some(start) = lines.iter().position(starts)
        && let Some(length) = lines[start..].iter().position(|line| line.starts_with(')'))
    {
        let columns = &mut lines[start + 1..start + length];
        for column in columns.iter_mut() {
            *column = column.trim_end_matches(',');
        }
        columns.sort_unstable();
    }
    lines.join("\n")
}

/// `WITH (b='2', a='1') AS`, `WHEN TAG IN ('b', 'a')`.
fn sorted_list(line: &str) -> String {
    let open = ["WITH (", "WHEN TAG IN ("].iter().find_map(|words| Some(line.find(words)? + words.len()));
    let Some((start, length)) = open.and_then(|start| Some((start, line[start..].find(')')?))) else {
        return line.to_owned();
    };
    let mut items: Vec<&str> = line[start..start + length].split(", ").collect();
    items.sort_unstable();
    format!("{}{}{}", &line[..start], items.join(", "), &line[start + length..])
}

fn is_order_of_columns(difference: &Difference) -> bool {
    matches!(&difference.change, Kind::Different(aspect) if aspect.name == "column-order")
}

/// Makes a change and repairs it. Whether that was a whole repair: otherwise the change is taken back.
fn repaired(database: &Database, change: &Change, wanted: &Side) -> Result<bool, String> {
    let mut session = open_session(&database.url());
    if !change.transactional {
        // A build that is meant to fail does fail; what it leaves behind is the change.
        database.psql(change.sql);
    }
    session.run("begin").expect("a transaction");
    if change.transactional {
        session.run(change.sql).map_err(|error| error.to_string())?;
    }
    // After ALTER DOMAIN … DROP CONSTRAINT, PostgreSQL cannot begin a savepoint before something was written.
    session.run("select from shop.regions for update").expect("a lock");
    let found = read(&mut session);
    let mut differing = differences(wanted, &found, true);
    // What came back before stands behind all others since.
    differing.retain(|difference| !is_order_of_columns(difference));
    let mut repair = planned(wanted, &found, &differing, &Permissions::All, Some(0));
    let whole = repair.left.is_empty() && !repair.steps.is_empty();
    if whole {
        let script = scripted(&mut session, &mut repair)?;
        run_parts(&mut session, &script.up).map_err(|error| format!("{error}\n{}", shown(&repair)))?;
        session.run("commit").map_err(|error| error.to_string())?;
    } else {
        session.run("rollback").expect("a rollback");
    }
    Ok(whole)
}

/// What pg_dump says otherwise after these changes, each repaired before the next.
fn unlike(
    database: &Database,
    (wanted, dump): (&Side, &BTreeSet<String>),
    batch: &[&Change],
) -> Result<usize, String> {
    let copy = database.copy("dumped");
    let mut count = 0;
    for change in batch {
        let whole = repaired(&copy, change, wanted).map_err(|error| format!("{}: {error}", change.name()))?;
        count += usize::from(whole);
        // What was not repaired and cannot be rolled back stays; nothing can be said of the rest.
        if !whole && !change.transactional {
            return Ok(count);
        }
    }
    let now = sections(&copy);
    let missing: Vec<&String> = dump.difference(&now).collect();
    let unexpected: Vec<&String> = now.difference(dump).collect();
    match (missing.as_slice(), unexpected.as_slice()) {
        ([], []) => Ok(count),
        _ => Err(format!("missing: {missing:#?}\nunexpected: {unexpected:#?}")),
    }
}

/// Changes of the same object, which stand beside each other, come into different batches.
fn batches() -> Vec<Vec<&'static Change>> {
    let only = std::env::var("ONLY").unwrap_or_default();
    let applies = |change: &&Change| {
        change.applies(MAJOR, true)
            && !change.only_data
            && change.name().contains(&only)
            // Copies have none.
            && change.expected.kind != ObjectKind::Subscription
    };
    let (together, alone): (Vec<&Change>, Vec<&Change>) =
        changes().filter(applies).partition(|change| change.transactional);
    let count = together.len().div_ceil(BATCH);
    let mut batches: Vec<Vec<&Change>> = vec![Vec::new(); count];
    for (number, change) in together.into_iter().enumerate() {
        batches[number % count].push(change);
    }
    batches.extend(alone.into_iter().map(|change| vec![change]));
    batches
}

#[test]
fn pg_dump_writes_the_same_after_every_repair() {
    let (database, wanted) = wanted_on(MAJOR);
    let dump = sections(&database.copy("undamaged"));
    let batches = batches();
    let tried: usize = batches.iter().map(Vec::len).sum();
    let open = Mutex::new(batches);
    let outcomes: Mutex<Vec<Result<usize, String>>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(batch) = open.lock().expect("a list").pop() else { break };
                    let outcome = unlike(&database, (&wanted, &dump), &batch);
                    // Which of them it was.
                    let outcome = match outcome {
                        Err(error) if batch.len() > 1 => {
                            let each = batch.iter().filter_map(|change| {
                                let error = unlike(&database, (&wanted, &dump), &[change]).err()?;
                                Some(format!("{}\n{error}", change.name()))
                            });
                            let each: Vec<String> = each.collect();
                            Err(if each.is_empty() { format!("together: {error}") } else { each.join("\n") })
                        }
                        other => other,
                    };
                    outcomes.lock().expect("a list").push(outcome);
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().expect("a list");
    let wrong: Vec<&String> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    let count: usize = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).sum();
    println!("PostgreSQL {MAJOR}: {count} of {tried} changes repaired as pg_dump sees it");
    for error in &wrong {
        eprintln!("{error}");
    }
    assert!(wrong.is_empty(), "{} of {} batches are wrong", wrong.len(), outcomes.len());
}
