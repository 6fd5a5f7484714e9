//! Random schemas, random damage: planned, written, run. What is expected comes of it, twice is nothing, healthy
//! databases are left alone, and no row is lost.

mod damage;
mod kept;
mod names;
mod regressions;
mod run;
mod said;
mod schema;
mod story;
mod tape;
mod types;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use trueup_database::Session;
use trueup_model::Catalog;
use trueup_testing::fixture;
use trueup_testing::servers::{Database, server};

use crate::common::open_session;
use run::check_random;
use story::{Story, told};
use tape::Tape;

#[test]
fn random_damage_is_repaired() {
    check_random(18, 2000);
}

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
    /// By a tool that keeps apart what is about different tables.
    Apart,
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
    /// The plan says before its proof what cannot be done, and why: one of [`said::LEGITIMATE`].
    Refused(&'static str),
    /// Nobody knows which of the rows that are in the way should stay, or which values they should have.
    RowsInTheWay,
    /// All else is repaired, but for something that only says how a table came to be what it is: one of [`said::STAYS`].
    Stays(&'static str),
    NotDamaged,
    /// Repaired, but the damage cannot be made again on a shadow, and the plan of that says why: such a repair is not
    /// proven, and not offered.
    NotRehearsed(&'static str),
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
        let mut session = open_session(&database.url());
        // Most of the time of a case goes by in reading catalogs.
        session.keep_plans();
        Bench { session, _database: database, cases: 0 }
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
        0 => How::All,
        1 => How::Apart,
        2 => How::Nothing,
        _ => How::Some(number / 4),
    }
}
