//! Random schemas, random damage: planned, written, run. What is expected comes of it, twice is nothing, healthy
//! databases are left alone, and no row is lost.

mod damage;
mod kept;
mod names;
mod regressions;
mod schema;
mod tape;
mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use trueup_database::Session;
use trueup_database::introspect::dependencies_within;
use trueup_database::sizes::table_sizes;
use trueup_engine::compare;
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest, TableSize, plan};
use trueup_model::difference::{Change, Nature};
use trueup_model::repair::{Reason, Repair, Step, Verb};
use trueup_model::{Catalog, Difference, ObjectPath, QualifiedName};
use trueup_testing::fixture;
use trueup_testing::servers::{Database, server};

use super::common::open_session;
use super::guarded::{changes_nothing, run_parts, says_again, scripted, set_all};
use super::{Wanted, read, shown};
use kept::Rows;
use tape::Tape;

/// A schema, damage, and how it is to be repaired, before anybody knows what the numbers mean.
#[derive(Clone, Debug)]
struct Numbers {
    schema: Vec<Vec<u16>>,
    damage: Vec<Vec<u16>>,
    how: u16,
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let tape = |length| prop::collection::vec(any::<u16>(), length);
    (prop::collection::vec(tape(24), 3..18), prop::collection::vec(tape(10), 1..9), any::<u16>())
        .prop_map(|(schema, damage, how)| Numbers { schema, damage, how })
}

/// What is done next to a database that looks like this.
type Damage<'a> = dyn FnMut(&Catalog) -> Option<Vec<String>> + 'a;

/// How a repair is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    All,
    /// Without permission to lose anything.
    Nothing,
    /// Some of the differences, chosen by a number.
    Some(u16),
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Whole,
    /// With something left that was not asked for, needs a permission, or is the order of columns.
    Partly,
    /// The plan says before its proof what cannot be done, and why: one of [`LEGITIMATE`].
    Refused(&'static str),
    /// Nobody knows which of the rows that are in the way should stay, or which values they should have.
    RowsInTheWay,
    /// All else is repaired, but for something that only says how a table came to be what it is: one of [`STAYS`].
    Stays(&'static str),
    NotDamaged,
    /// Repaired, but the damage cannot be made again on a shadow, and the plan of that says why: such a repair is not
    /// proven, and not offered.
    NotRehearsed(&'static str),
}

/// Statements, as they were run.
#[derive(Default, Debug)]
struct Story {
    schema: Vec<String>,
    damage: Vec<String>,
    /// Nothing of it is there by chance: what a server does not take is a mistake.
    all_is_taken: bool,
}

struct Bench {
    session: Session,
    _database: Database,
    cases: usize,
}

impl Bench {
    fn new(major: u32) -> Self {
        let server = server(major);
        fixture::prepare(&server);
        let database = server.create_database("random");
        Bench { session: open_session(&database.url()), _database: database, cases: 0 }
    }

    /// Dead rows of the system's tables are removed from time to time: each case leaves many. With statistics the
    /// catalog is read twice as fast.
    fn tidy(&mut self) {
        self.cases += 1;
        if self.cases % 20 == 1 {
            self.session.run("vacuum analyze").expect("a vacuum");
        }
    }

    fn check(&mut self, numbers: &Numbers) -> Result<Outcome, String> {
        let schema = schema::schema(&numbers.schema);
        let rows = schema.rows();
        let mut damage = numbers.damage.iter().enumerate();
        let mut next = |now: &Catalog| {
            let (number, numbers) = damage.next()?;
            Some(damage::damage(number, &mut Tape::new(numbers), now))
        };
        self.told(&schema.statements, &rows, &mut next, how(numbers.how), false)
    }

    /// A story from the beginning to the end, which is taken back.
    fn told(
        &mut self,
        schema: &[String],
        rows: &[String],
        damage: &mut Damage<'_>,
        how: How,
        all_is_taken: bool,
    ) -> Result<Outcome, String> {
        self.tidy();
        let session = &mut self.session;
        let mut story = Story { all_is_taken, ..Story::default() };
        session.run("begin").expect("a transaction");
        // What a test expects of a server and does not get is an answer too, with its story.
        let outcome = catch_unwind(AssertUnwindSafe(|| told(session, &mut story, schema, rows, damage, how)));
        let outcome = outcome.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(text.unwrap_or_else(|| "a panic".to_owned()))
        });
        session.run("rollback").expect("a rollback");
        outcome.map_err(|error| {
            format!(
                "{error}\nhow: {how:?}\nschema:\n  {};\ndamage:\n  {};\n",
                story.schema.join(";\n  "),
                story.damage.join(";\n  ")
            )
        })
    }
}

fn how(number: u16) -> How {
    match number % 4 {
        0 | 1 => How::All,
        2 => How::Nothing,
        _ => How::Some(number / 4),
    }
}

/// Whether a statement was taken.
fn attempt(session: &mut Session, statements: &[String]) -> bool {
    session.run("savepoint attempt").expect("a savepoint");
    let taken = statements.iter().all(|statement| session.run(statement).is_ok());
    let then = if taken { "release" } else { "rollback to" };
    session.run(&format!("{then} savepoint attempt")).expect("the end of a savepoint");
    taken
}

/// A story from the beginning to the end, in one transaction that the caller takes back.
fn told(
    session: &mut Session,
    story: &mut Story,
    schema: &[String],
    rows: &[String],
    damage: &mut Damage<'_>,
    how: How,
) -> Result<Outcome, String> {
    set_all(session);
    for statement in schema {
        if attempt(session, std::slice::from_ref(statement)) {
            story.schema.push(statement.clone());
        } else if story.all_is_taken {
            return Err(format!("not taken: {statement}"));
        }
    }
    let wanted =
        Wanted { catalog: read(session), needs: dependencies_within(session).expect("dependencies") };
    set_all(session);
    session.run("savepoint empty").expect("a savepoint");
    // Foreign keys decide on the order: whatever is refused is tried again.
    let mut open: Vec<&String> = rows.iter().collect();
    for _ in 0..4 {
        open.retain(|statement| !attempt(session, std::slice::from_ref(*statement)));
    }
    session.run("set constraints all immediate").expect("no pending triggers");
    session.run("savepoint healthy").expect("a savepoint");
    let mut now = wanted.catalog.clone();
    while let Some(statements) = damage(&now) {
        set_all(session);
        if !statements.is_empty() && attempt(session, &statements) {
            story.damage.extend(statements);
            now = read(session);
        } else if story.all_is_taken {
            return Err(format!("not taken: {statements:?}"));
        }
    }
    set_all(session);
    session.run("set constraints all immediate").map_err(|error| format!("pending triggers: {error}"))?;
    session.run("savepoint damaged").expect("a savepoint");
    let found = Wanted { catalog: now, needs: dependencies_within(session).expect("dependencies") };
    repaired(session, &wanted, &found, how)
}

fn plan_of(
    session: &mut Session,
    (wanted, found): (&Wanted, &Wanted),
    differences: &[Difference],
    chosen: &BTreeSet<usize>,
    allowed: &Permissions,
) -> Repair {
    set_all(session);
    // On a scratch server there are no rows yet.
    let sizes = match allowed {
        Permissions::Scratch => BTreeMap::new(),
        Permissions::Nothing | Permissions::Objects(_) | Permissions::All => {
            table_sizes(session).expect("sizes")
        }
    };
    plan(&PlanRequest {
        sides: &Sides { expected: &wanted.catalog, found: &found.catalog },
        differences,
        chosen,
        expected_needs: &wanted.needs,
        found_needs: &found.needs,
        allowed,
        sizes: &|table: &QualifiedName| {
            let empty = (*allowed == Permissions::Scratch).then_some(TableSize { rows: 0, bytes: 0 });
            sizes.get(table).map(|size| TableSize { rows: size.rows, bytes: size.bytes }).or(empty)
        },
    })
}

fn repaired(session: &mut Session, wanted: &Wanted, found: &Wanted, how: How) -> Result<Outcome, String> {
    let differing = compare(&wanted.catalog, &found.catalog);
    if differing.is_empty() {
        return Ok(Outcome::NotDamaged);
    }
    let chosen: BTreeSet<usize> = match how {
        How::All | How::Nothing => (0..differing.len()).collect(),
        How::Some(number) => {
            (0..differing.len()).filter(|at| (usize::from(number) >> (at % 14)) % 2 == 0).collect()
        }
    };
    let allowed = if how == How::Nothing { Permissions::Nothing } else { Permissions::All };
    let mut repair = plan_of(session, (wanted, found), &differing, &chosen, &allowed);
    all_said(&repair, &chosen, &differing)?;
    for step in &repair.steps {
        for probe in &step.safety.violations {
            let count = session.value(&probe.count).map_err(|error| {
                format!("{}: {error}\n{}\n{}", probe.meaning, probe.count, shown(&repair))
            })?;
            if count.is_some_and(|count| count != "0") {
                return Ok(Outcome::RowsInTheWay);
            }
        }
    }
    let script = match scripted(session, &mut repair) {
        Ok(script) => script,
        // Of some types nobody can tell beforehand which values fit; a permission was needed for that.
        Err(error) if error.contains("(SQLSTATE 22") && may_not_fit(&repair) => {
            return Ok(Outcome::RowsInTheWay);
        }
        Err(error) => return Err(format!("{error}\n{}", listed(&differing))),
    };
    let plan = format!("{}\n{}", shown(&repair), listed(&differing));
    let with_plan = |error: String| format!("{error}\n{plan}");

    let rows = Rows::now(session);
    run_parts(session, &script.up).map_err(with_plan)?;
    session
        .run("set constraints all immediate")
        .map_err(|error| with_plan(format!("afterwards: {error}")))?;
    let now = read(session);
    set_all(session);
    let rest = compare(&wanted.catalog, &now);
    let rest = unsaid(&rest, &repair, &differing, &chosen);
    if !rest.is_empty() {
        return Err(with_plan(format!("still different: {}", listed(rest))));
    }
    rows.kept(&Rows::now(session), &repair, allowed == Permissions::Nothing).map_err(with_plan)?;
    let again = says_again(&repair);
    changes_nothing(session, &script, again).map_err(|error| with_plan(format!("second run: {error}")))?;
    let whole = repair.left.is_empty() && chosen.len() == differing.len();

    session.run("rollback to savepoint healthy").expect("a rollback");
    match changes_nothing(session, &script, again) {
        Err(error) if whole => return Err(with_plan(format!("on the healthy database: {error}"))),
        // A part of the way is another place: the script may stop there.
        Err(_) | Ok(()) => {}
    }
    session.run("rollback to savepoint empty").expect("a rollback");
    if let Some((why, rehearsal)) = rehearsed(session, wanted, found).map_err(with_plan)? {
        asked_for(why).map_err(|error| with_plan(format!("rehearsal: {error}\n{rehearsal}")))?;
        return Ok(Outcome::NotRehearsed(why));
    }
    let why = cannot_be_done(&repair);
    why.map_or(Ok(()), asked_for).map_err(with_plan)?;
    Ok(match why {
        _ if whole => Outcome::Whole,
        Some(why) if why == NO_VALUE => Outcome::RowsInTheWay,
        Some(why) if STAYS.contains(&why) => Outcome::Stays(why),
        Some(why) => Outcome::Refused(why),
        None => Outcome::Partly,
    })
}

/// DAMAGE_REFUSED is a part of a reason to refuse that somebody wants to see, as if it were wrong.
fn asked_for(why: &str) -> Result<(), String> {
    match std::env::var("DAMAGE_REFUSED") {
        Ok(asked) if why.contains(&asked) => Err(format!("refused: {why}")),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Why something is left for which there is no way. Every proof lets another order of columns pass.
fn cannot_be_done(repair: &Repair) -> Option<&'static str> {
    let reasons = repair.left.iter().filter_map(|left| match &left.reason {
        Reason::Impossible(reason) => LEGITIMATE.iter().find(|known| reason.contains(**known)),
        Reason::NeedsPermission(_) | Reason::Follows(_) => None,
    });
    // The worst of them is the one that counts.
    reasons
        .filter(|reason| **reason != ORDER_OF_COLUMNS)
        .max_by_key(|reason| !STAYS.contains(reason))
        .copied()
}

fn may_not_fit(repair: &Repair) -> bool {
    let says = |step: &Step| step.safety.loses.as_ref().is_some_and(|loses| loses.starts_with("values of "));
    repair.steps.iter().any(says)
}

/// Why what was found cannot be made of what is expected, where a shadow has to show what a repair does.
fn rehearsed(
    session: &mut Session,
    wanted: &Wanted,
    found: &Wanted,
) -> Result<Option<(&'static str, String)>, String> {
    let opposite = compare(&found.catalog, &wanted.catalog);
    let all: BTreeSet<usize> = (0..opposite.len()).collect();
    let repair = plan_of(session, (found, wanted), &opposite, &all, &Permissions::Scratch);
    all_said(&repair, &all, &opposite).map_err(|error| format!("rehearsal: {error}"))?;
    for statement in repair.steps.iter().flat_map(|step| &step.statements) {
        session
            .run(statement)
            .map_err(|error| format!("rehearsal: {error}\n      {statement}\n{}", shown(&repair)))?;
    }
    let now = read(session);
    let rest = compare(&found.catalog, &now);
    let rest = unsaid(&rest, &repair, &opposite, &all);
    match rest.is_empty() {
        true => Ok(cannot_be_done(&repair).map(|why| (why, shown(&repair)))),
        false => Err(format!(
            "rehearsal: still different: {}\n{}\n{}",
            listed(rest),
            shown(&repair),
            listed(&opposite)
        )),
    }
}

fn listed<'d>(differences: impl IntoIterator<Item = &'d Difference>) -> String {
    let each = differences.into_iter().enumerate().map(|(number, difference)| {
        format!("\n  [{number}] {} {}: {:?}", difference.path.kind, difference.path, difference.change)
    });
    each.collect()
}

/// Each chosen difference is settled or left, and nothing is left without a reason that is known.
fn all_said(repair: &Repair, chosen: &BTreeSet<usize>, differing: &[Difference]) -> Result<(), String> {
    let settled: BTreeSet<usize> =
        repair.steps.iter().flat_map(|step| step.settles.iter().copied()).collect();
    let left: BTreeSet<usize> = repair.left.iter().map(|left| left.difference).collect();
    let said: BTreeSet<usize> = settled.union(&left).copied().collect();
    if !chosen.is_subset(&said) || settled.intersection(&left).next().is_some() {
        return Err(format!(
            "not every difference is settled or left\n{}\n{}",
            shown(repair),
            listed(differing)
        ));
    }
    for left in &repair.left {
        let Reason::Impossible(reason) = &left.reason else { continue };
        if !LEGITIMATE.iter().any(|known| reason.contains(known)) {
            return Err(format!("left: {}: {reason}\n{}\n{}", left.object, shown(repair), listed(differing)));
        }
    }
    Ok(())
}

const ORDER_OF_COLUMNS: &str = "PostgreSQL cannot change the order of columns";

/// Of rows that are there.
const NO_VALUE: &str = "may not be null and has no default, and";

/// What stays, and does not matter for any row.
const STAYS: &[&str] =
    &["whether a column is its table's own as well as its parent's is settled when it is made"];

/// Why something may be left.
const LEGITIMATE: &[&str] = &[
    ORDER_OF_COLUMNS,
    "whether a column is its table's own as well as its parent's is settled when it is made",
    "PostgreSQL cannot turn a column into a generated one",
    "how a table is partitioned is settled when it is made",
    NO_VALUE,
    "is not partitioned as it should be, and cannot be changed",
    "and cannot become a partition of it",
    "and cannot inherit from it",
    "and cannot leave it",
    " needs it for arrays",
    "is from before its type got another attribute",
    "is not immutable any more",
    " needs it",
    "and goes only with the parent's own",
    "these need each other, and none can be first: the table",
];

/// What is different and was not said to stay.
fn unsaid<'d>(
    rest: &'d [Difference],
    repair: &Repair,
    differing: &[Difference],
    chosen: &BTreeSet<usize>,
) -> Vec<&'d Difference> {
    // What stays of a table that gets another name is said by the name that it had.
    let same = |one: &ObjectPath, other: &ObjectPath| {
        one.kind == other.kind && one.name() == other.name() && (one.is_part() || one == other)
    };
    // Of a relation that stays away another may look like the one that was meant.
    let stays_away = |difference: &Difference| {
        (0..differing.len()).any(|number| {
            (!chosen.contains(&number) || repair.left.iter().any(|left| left.difference == number))
                && matches!(differing[number].change, Change::Missing | Change::Unexpected)
                && differing[number].path.kind.is_relation()
                && difference.path.relation() == differing[number].path.qualified()
        })
    };
    let stays = |difference: &Difference| {
        repair.left.iter().any(|left| same(&left.object, &difference.path))
            || (0..differing.len())
                .any(|number| !chosen.contains(&number) && same(&differing[number].path, &difference.path))
            || stays_away(difference)
    };
    rest.iter()
        .filter(|difference| !stays(difference))
        // What is added stands behind all others.
        .filter(|difference| {
            !matches!(&difference.change, Change::Different(aspect) if aspect.name == "column-order")
        })
        // How the values of a partition are kept is not compared while the column has another name.
        .filter(|difference| {
            let renamed = |step: &Step| step.verb == Verb::Rename && step.object.part == difference.path.part;
            !matches!(&difference.change, Change::Different(aspect) if aspect.nature == Nature::Physical)
                || !repair.steps.iter().any(renamed)
        })
        .collect()
}

/// Where the cases of a run begin of which nothing else is asked: the same ones every time, so that a run that fails
/// fails by what was changed. It was chosen before anybody knew what came of them.
const FIRST_SEED: u64 = 20_000_000;

/// So many wrong plans end the run, unless somebody asks for fewer.
const WRONG_SHOWN: usize = usize::MAX;

/// Of so many cases one may be of a kind that cannot be repaired, or not be shown to be.
const REFUSED_ONE_IN: usize = 60;

/// So often a wrong case is made smaller at most: about as many seconds as there are dozens.
const SHRINKS: u32 = 120;

/// What a run is asked for by the environment.
#[derive(Clone, Copy)]
struct Asked {
    cases: usize,
    seed: u64,
    shrinks: u32,
    wrong_shown: usize,
}

impl Asked {
    fn of_environment(usual: usize) -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
        let of = |name: &str, usual: usize| number(name).map_or(usual, |number| number as usize);
        Asked {
            cases: of("PROPTEST_CASES", usual),
            seed: first_seed(std::env::var("DAMAGE_SEED").ok().as_deref()),
            shrinks: number("PROPTEST_MAX_SHRINK_ITERS").map_or(SHRINKS, |most| most as u32),
            wrong_shown: of("DAMAGE_WRONG", WRONG_SHOWN),
        }
    }
}

/// A number, or `random` for cases that no other run has had.
fn first_seed(asked: Option<&str>) -> u64 {
    match asked {
        None => FIRST_SEED,
        Some("random") => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time");
            now.as_secs() * 100_000
        }
        Some(number) => number.parse().expect("DAMAGE_SEED is a number, or `random`"),
    }
}

/// What came of the cases of a run.
#[derive(Default)]
struct Tally {
    /// The seeds of each.
    outcomes: BTreeMap<Outcome, Vec<u64>>,
    wrong: Vec<String>,
}

/// One case, which its seed alone decides: made small, where it is wrong.
fn check_one(bench: &mut Bench, seed: u64, shrinks: u32) -> Result<Outcome, String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut tree =
        numbers().new_tree(&mut TestRunner::new_with_rng(Config::default(), rng)).expect("numbers");
    let mut error = match bench.check(&tree.current()) {
        Ok(outcome) => return Ok(outcome),
        Err(error) => error,
    };
    let mut smaller = tree.simplify();
    for _ in 0..shrinks {
        if !smaller {
            break;
        }
        smaller = match bench.check(&tree.current()) {
            Ok(_) => tree.complicate(),
            Err(other) => {
                error = other;
                tree.simplify()
            }
        };
    }
    Err(format!("wrong: DAMAGE_SEED={seed} PROPTEST_CASES=1\n{error}"))
}

/// The cases from one seed on, on two connections at once. PROPTEST_CASES says how many, DAMAGE_SEED which,
/// DAMAGE_WRONG how many wrong ones end the run. The seed of a wrong one is printed.
fn check_random(major: u32, usual: usize) {
    let asked = Asked::of_environment(usual);
    println!("PostgreSQL {major}: {} cases from DAMAGE_SEED={}", asked.cases, asked.seed);
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    let work = |mut bench: Bench| loop {
        let case = next.fetch_add(1, Ordering::Relaxed);
        let enough = tally.lock().expect("a tally").wrong.len() >= asked.wrong_shown;
        if case >= asked.cases || enough {
            return;
        }
        if case > 0 && case.is_multiple_of(500) {
            println!("{case} cases");
        }
        let seed = asked.seed + case as u64;
        let outcome = check_one(&mut bench, seed, asked.shrinks);
        let mut tally = tally.lock().expect("a tally");
        match outcome {
            Ok(outcome) => tally.outcomes.entry(outcome).or_default().push(seed),
            Err(error) => {
                println!("{error}");
                tally.wrong.push(error);
            }
        }
    };
    let benches = [Bench::new(major), Bench::new(major)];
    std::thread::scope(|scope| {
        for bench in benches {
            scope.spawn(|| work(bench));
        }
    });
    let Tally { outcomes, wrong } = tally.into_inner().expect("a tally");
    for (outcome, seeds) in &outcomes {
        let some: Vec<String> = seeds.iter().take(3).map(ToString::to_string).collect();
        println!("{:5} {outcome:?} (such as {})", seeds.len(), some.join(", "));
    }
    assert!(
        wrong.is_empty(),
        "{} of {} are planned wrongly, from DAMAGE_SEED={} (above)",
        wrong.len(),
        asked.cases,
        asked.seed
    );
    let unhelpful = outcomes
        .iter()
        .filter(|(outcome, _)| matches!(outcome, Outcome::Refused(_) | Outcome::NotRehearsed(_)))
        .map(|(_, seeds)| seeds.len())
        .sum::<usize>();
    // Of few cases nothing can be said.
    assert!(
        asked.cases < 500 || unhelpful * REFUSED_ONE_IN <= asked.cases,
        "{unhelpful} of {} are refused or cannot be rehearsed, from DAMAGE_SEED={}",
        asked.cases,
        asked.seed
    );
}

#[test]
fn random_damage_is_repaired() {
    check_random(18, 2000);
}
