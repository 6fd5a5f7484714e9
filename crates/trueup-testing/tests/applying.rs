//! A proven repair is applied whole or not at all, whatever happens on the way.

mod common;

#[path = "common/proxy.rs"]
mod proxy;
#[path = "common/rehearsing.rs"]
mod rehearsing;

use std::sync::OnceLock;
use std::time::Duration;

use common::{Project, binaries, live_catalog, open_session};
use proxy::{Cut, Proxy};
use rehearsing::{DAMAGE, HISTORY, differ, part, rehearsal, repair, script, shadow, steps, tables};
use trueup_database::apply::{
    Applied, ApplyError, Direction, Event, Limits, Run, RunState, Standing, apply, runs,
};
use trueup_database::live::{read_live, without_runs, without_table};
use trueup_database::prove::{Proven, prove};
use trueup_database::shadow::ShadowRequest;
use trueup_database::{Session, SessionError};
use trueup_engine::dialect::SETTINGS;
use trueup_model::ledger::LedgerTable;
use trueup_model::repair::{Probe, Script, ScriptPart};
use trueup_model::{Catalog, Ident, QualifiedName};
use trueup_testing::servers::{Database, Server, server};

const MAJOR: u32 = 16;

const ROWS: &str = "
create table ledger (name text);
insert into customers (email) values ('a@b'), ('c@d');
insert into orders (customer, amount, note) values (1, 10, 'x'), (2, 20, null);
";

/// A repair with its proof, and the database that it is for.
struct Story {
    found: Catalog,
    expected: Catalog,
    proven: Proven<Script>,
    original: Database,
}

impl Story {
    fn new(script: Script) -> Self {
        Self::on(MAJOR, script)
    }

    fn on(major: u32, script: Script) -> Self {
        let server = server(major);
        let original = server.create_database("applying");
        original.run(HISTORY);
        let expected = live_catalog(&original.url());
        original.run(ROWS);
        DAMAGE.iter().for_each(|statement| original.run(&format!("{statement};")));
        let found = settle(live_catalog(&original.url()));
        let project = Project::plain(&[("001_shop.sql".to_owned(), HISTORY.to_owned())]);
        let (make_found, touched) = (steps(DAMAGE), tables());
        let mut shadow = shadow(&project, &ShadowRequest::Local(Some(binaries(major))));
        let rehearsal = rehearsal(&found, &expected, &make_found, &touched);
        let proven = prove(shadow.as_mut(), &rehearsal, script).expect("a proof");
        Self { found, expected, proven, original }
    }

    fn database(&self) -> Database {
        self.original.copy("applying")
    }

    fn run<'a>(&'a self, touched: &'a [QualifiedName], ledger: &'a [String]) -> Run<'a> {
        Run {
            script: &self.proven,
            direction: Direction::Apply,
            found: &self.found,
            expected: &self.expected,
            settings: SETTINGS,
            ledger,
            settle: &settle,
            differ: &differ,
            touched,
            owned: touched,
            empty: &[],
            limits: Limits {
                lock: Duration::from_millis(300),
                alone: Duration::from_millis(300),
                attempts: 2,
                pause: Duration::from_millis(1),
                ..Limits::default()
            },
            who: "somebody",
            migration: None,
            after: None,
            together: false,
            backup: None,
            owner: None,
            redact: &str::to_owned,
        }
    }

    fn apply(&self, url: &str) -> Result<Applied, ApplyError> {
        self.apply_telling(url, &mut |_| {})
    }

    fn apply_telling(&self, url: &str, tell: &mut dyn FnMut(Event)) -> Result<Applied, ApplyError> {
        apply(&self.run(&names(), &ledger()), &|| connect(url), tell)
    }

    #[track_caller]
    fn assert_old(&self, database: &Database) {
        assert_eq!(differ(&self.found, &now(database)), [] as [&str; 0]);
        assert_eq!(database.value("select count(*) from ledger"), "0");
        assert_eq!(database.value("select count(*) from orders"), "2");
    }

    #[track_caller]
    fn assert_new(&self, database: &Database) {
        assert_eq!(differ(&self.expected, &now(database)), [] as [&str; 0]);
        assert_eq!(database.value("select count(*) from ledger"), "1");
        assert_eq!(database.value("select count(*) from orders"), "2");
    }
}

fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| Story::new(script(repair())))
}

/// The last statement stands alone.
fn alone() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| {
        let mut up = repair();
        up[3] = ScriptPart {
            transactional: false,
            ..part(
                "build the index",
                "create index concurrently if not exists orders_customer_idx on public.orders (customer)",
            )
        };
        Story::new(script(up))
    })
}

fn connect(url: &str) -> Result<Session, SessionError> {
    let url = trueup_database::DatabaseUrl::parse(url).expect("a URL");
    trueup_database::open(&url, &trueup_database::OpenOptions::default())
        .map_err(|error| SessionError::Lost(error.to_string()))
}

fn names() -> Vec<QualifiedName> {
    tables().into_iter().map(|table| table.expected).collect()
}

fn ledger() -> Vec<String> {
    vec!["insert into public.ledger values ('002_repair')".to_owned()]
}

fn settle(catalog: Catalog) -> Catalog {
    without_table(catalog, &QualifiedName::new("public", "ledger")).migrated_by(Some(Ident::new("postgres")))
}

fn now(database: &Database) -> Catalog {
    settle(without_runs(live_catalog(&database.url())))
}

fn states(database: &Database) -> Vec<RunState> {
    let runs = runs(&mut open_session(&database.url())).expect("the journal");
    runs.iter().map(|run| run.state).collect()
}

#[test]
fn a_repair_is_applied_once_and_recorded() {
    let database = story().database();
    let applied = story().apply(&database.url()).expect("applied");
    story().assert_new(&database);
    let told = runs(&mut open_session(&database.url())).expect("the journal");
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].run, told[0].state, told[0].done, told[0].of),
        (applied.run, RunState::Applied, 4, 4)
    );
    assert_eq!(told[0].who, "somebody");
    // The journal is ours and no part of what is compared.
    match story().apply(&database.url()) {
        Err(ApplyError::Changed(differences)) => assert!(!differences.is_empty()),
        other => panic!("the proof was for another state: {other:?}"),
    }
    story().assert_new(&database);
}

#[test]
fn a_repair_is_applied_on_the_oldest_and_on_the_newest_server() {
    for major in [13, 18] {
        let mut up = repair();
        up[3] = ScriptPart {
            transactional: false,
            ..part(
                "",
                "create index concurrently if not exists orders_customer_idx on public.orders (customer)",
            )
        };
        let story = Story::on(major, script(up));
        let database = story.database();
        story.apply(&database.url()).expect("applied");
        story.assert_new(&database);
    }
}

#[test]
fn the_journal_is_no_part_of_a_live_catalog() {
    let database = story().database();
    story().apply(&database.url()).expect("applied");
    let ledger = LedgerTable { schema: None, name: "ledger".into(), columns: vec!["name"], order_by: "name" };
    let mut session = open_session(&database.url());
    let live = read_live(&mut session, &ledger).expect("a live catalog");
    assert_eq!(differ(&story().expected, &live.catalog), [] as [&str; 0]);
    // What somebody else keeps beside it is seen.
    database.run("create table trueup.theirs ()");
    let live = read_live(&mut session, &ledger).expect("a live catalog");
    let seen: Vec<String> = live
        .catalog
        .entries()
        .iter()
        .map(|entry| format!("{} {}", entry.path.kind, entry.path))
        .filter(|name| name.contains("trueup"))
        .collect();
    assert_eq!(seen, ["schema trueup", "table trueup.theirs"]);
}

#[test]
fn a_run_is_undone() {
    let database = story().database();
    let applied = story().apply(&database.url()).expect("applied");
    let back = story().proven.reversed().expect("a way back");
    let (names, ledger) = (names(), ["delete from public.ledger".to_owned()]);
    let run = Run {
        script: &back,
        direction: Direction::Undo(applied.run),
        found: &story().expected,
        expected: &story().found,
        ..story().run(&names, &ledger)
    };
    apply(&run, &|| connect(&database.url()), &mut |_| {}).expect("undone");
    story().assert_old(&database);
    assert_eq!(states(&database), [RunState::Applied, RunState::Undone]);
}

#[test]
fn a_database_that_has_changed_is_left_alone() {
    let database = story().database();
    database.run("alter table orders add column surprise text");
    match story().apply(&database.url()) {
        Err(ApplyError::Changed(differences)) => {
            assert!(differences[0].contains("public.orders.surprise"), "{differences:?}");
        }
        other => panic!("not refused: {other:?}"),
    }
    assert_eq!(database.value("select count(*) from pg_attribute where attname = 'age'"), "0");
    assert_eq!(states(&database), [RunState::Failed]);
}

#[test]
fn an_outcome_that_was_not_proven_is_rolled_back() {
    // It does something else here than it did on the shadow.
    static STORY: OnceLock<Story> = OnceLock::new();
    let story = STORY.get_or_init(|| {
        let mut up = repair();
        up.push(part(
            "misbehave",
            "do $$ begin if current_setting('fault.armed', true) = 'yes' then \
             create table public.surprise (); end if; end $$",
        ));
        Story::new(script(up))
    });
    let database = story.database();
    let connect = || {
        let mut session = connect(&database.url())?;
        session.run("set fault.armed = 'yes'")?;
        Ok(session)
    };
    match apply(&story.run(&names(), &ledger()), &connect, &mut |_| {}) {
        Err(ApplyError::NotAsProven { differences, standing: Standing::Old }) => {
            assert!(differences[0].contains("public.surprise"), "{differences:?}");
        }
        other => panic!("not refused: {other:?}"),
    }
    story.assert_old(&database);
    assert_eq!(states(&database), [RunState::Failed]);
}

#[test]
fn a_statement_that_takes_too_long_is_taken_back() {
    static STORY: OnceLock<Story> = OnceLock::new();
    let story = STORY.get_or_init(|| {
        let mut up = repair();
        up.push(part(
            "dawdle",
            "do $$ begin if current_setting('fault.armed', true) = 'yes' then perform pg_catalog.pg_sleep(600); \
             end if; end $$",
        ));
        Story::new(script(up))
    });
    let database = story.database();
    let connect = || {
        let mut session = connect(&database.url())?;
        session.run("set fault.armed = 'yes'")?;
        Ok(session)
    };
    let (names, ledger) = (names(), ledger());
    let mut run = story.run(&names, &ledger);
    run.limits.statement = Some(Duration::from_millis(200));
    match apply(&run, &connect, &mut |_| {}) {
        Err(ApplyError::Failed { doing, error, standing: Standing::Old }) => {
            assert_eq!(doing, "dawdle");
            assert_eq!(error.server().expect("the server's words").sqlstate, "57014");
        }
        other => panic!("not refused: {other:?}"),
    }
    story.assert_old(&database);
}

#[test]
fn of_two_at_once_one_runs_and_the_other_says_who_is_at_work() {
    let database = story().database();
    let mut second = None;
    let url = database.url();
    story()
        .apply_telling(&url, &mut |event| {
            if matches!(event, Event::Part { number: 2, .. }) {
                second = Some(story().apply(&url));
            }
        })
        .expect("applied");
    match second {
        Some(Err(ApplyError::AlreadyRunning { who })) => {
            assert!(who.starts_with("trueup apply by somebody, role postgres, process "), "{who}");
        }
        other => panic!("the second one ran as well: {other:?}"),
    }
    story().assert_new(&database);
    assert_eq!(states(&database), [RunState::Applied]);
}

/// Somebody who does not let go of a table.
fn holder(database: &Database) -> Session {
    let mut session = open_session(&database.url());
    session
        .run("set application_name = 'a long report'; begin; select * from public.orders")
        .expect("a lock");
    session
}

#[test]
fn a_lock_that_cannot_be_had_is_given_up_and_its_holder_is_named() {
    let database = story().database();
    let _holder = holder(&database);
    let mut waited = Vec::new();
    let outcome = story().apply_telling(&database.url(), &mut |event| {
        if let Event::Blocked { by, attempt, .. } = event {
            waited.push((by, attempt));
        }
    });
    match outcome {
        Err(ApplyError::Locked { by, attempts: 2, standing: Standing::Old }) => {
            assert_eq!(by.len(), 1);
            assert!(by[0].contains("role postgres, a long report, idle in transaction"), "{by:?}");
        }
        other => panic!("not refused: {other:?}"),
    }
    assert_eq!(waited.len(), 1);
    story().assert_old(&database);
}

#[test]
fn a_lock_that_is_let_go_is_taken_at_the_next_attempt() {
    for story in [story(), alone()] {
        let database = story.database();
        let mut holder = Some(holder(&database));
        story
            .apply_telling(&database.url(), &mut |event| {
                if matches!(event, Event::Blocked { .. }) {
                    holder = None;
                }
            })
            .expect("applied");
        assert!(holder.is_none(), "it had to wait");
        story.assert_new(&database);
    }
}

#[test]
fn an_index_whose_build_is_broken_off_is_dropped_and_built_again() {
    let story = alone();
    let database = story.database();
    // A row that somebody has not committed yet holds up the build, not what comes before it.
    let mut writer = open_session(&database.url());
    let mut is_begun = false;
    let outcome = story.apply_telling(&database.url(), &mut |event| match event {
        Event::Part { number: 4, .. } if !is_begun => {
            writer.run("begin; insert into public.orders (customer) values (1)").expect("a row");
            is_begun = true;
        }
        _ => {}
    });
    match outcome {
        Err(ApplyError::Locked { by, standing: Standing::Resumable { done: 3, of: 4 }, .. }) => {
            assert!(!by.is_empty(), "the writer is named");
        }
        other => panic!("not refused: {other:?}"),
    }
    let broken = "select count(*) from pg_index where not indisvalid";
    assert_eq!(database.value(broken), "1", "the writer keeps it from being dropped as well");
    writer.run("rollback").expect("a rollback");
    let mut resumed = None;
    story
        .apply_telling(&database.url(), &mut |event| {
            if let Event::Resumed { done, of, .. } = event {
                resumed = Some((done, of));
            }
        })
        .expect("applied");
    assert_eq!(resumed, Some((3, 4)));
    assert_eq!(database.value(broken), "0");
    story.assert_new(&database);
    assert_eq!(states(&database), [RunState::Applied]);
}

#[test]
fn a_role_that_owns_nothing_is_told_so() {
    let database = story().database();
    let server: &Server = database.server();
    server.psql(
        "postgres",
        "do $$ begin create role guest login; exception when duplicate_object then end $$;",
    );
    match story().apply(&database.url_as("guest")) {
        Err(ApplyError::Refused(reasons)) => {
            let reasons = reasons.join("\n");
            assert!(reasons.contains("GRANT CREATE ON DATABASE"), "{reasons}");
            assert!(reasons.contains("orders belongs to postgres"), "{reasons}");
        }
        other => panic!("not refused: {other:?}"),
    }
    story().assert_old(&database);
}

#[test]
fn a_read_only_database_is_left_alone() {
    let database = story().database();
    database.run(&format!("alter database \"{}\" set default_transaction_read_only = on", database.name()));
    match story().apply(&database.url()) {
        Err(ApplyError::Refused(reasons)) => assert!(reasons[0].contains("read-only"), "{reasons:?}"),
        other => panic!("not refused: {other:?}"),
    }
}

/// Cuts the line at the first, second, third … message until nothing is left to be cut. After each of them the
/// database is old, new or can be gone on with, and the next run makes it new.
fn survives(story: &Story, cut: Cut) {
    let port = server(MAJOR).port();
    for at in 1.. {
        let database = story.database();
        let proxy = Proxy::start(port, at, cut);
        let url =
            format!("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable", proxy.port, database.name());
        let outcome = story.apply(&url);
        if !proxy.has_cut() {
            outcome.expect("applied");
            story.assert_new(&database);
            assert!(at > 20, "there was something to cut: {at}");
            return;
        }
        let is_new = differ(&story.expected, &now(&database)).is_empty()
            && database.value("select count(*) from ledger") == "1";
        match &outcome {
            Ok(_) => assert!(is_new, "{cut:?} at {at}: it says that it is done"),
            Err(ApplyError::Failed { standing: Standing::Resumable { .. }, .. }) => {
                assert!(!is_new, "{cut:?} at {at}: it says that it is in the middle");
            }
            Err(ApplyError::Failed { standing: Standing::Unknown, .. }) if !is_new => {}
            Err(ApplyError::Failed { standing: Standing::Unknown, .. }) => {
                assert_eq!(states(&database)[0], RunState::Applied, "{cut:?} at {at}: the journal knows");
            }
            Err(ApplyError::Failed { standing: Standing::Old, .. } | ApplyError::Session { .. }) => {
                story.assert_old(&database);
            }
            Err(other) => panic!("{cut:?} at {at}: {other:?}"),
        }
        if !is_new {
            again(story, &database, &format!("{cut:?} at {at} after {outcome:?}"));
        }
        story.assert_new(&database);
        assert_eq!(database.value("select count(*) from pg_index where not indisvalid"), "0");
        assert_eq!(states(&database)[0], RunState::Applied);
    }
}

/// The server may take a moment to see that somebody is gone.
fn again(story: &Story, database: &Database, when: &str) {
    loop {
        match story.apply(&database.url()) {
            Err(ApplyError::AlreadyRunning { .. }) => std::thread::yield_now(),
            Ok(_) => return,
            Err(error) => panic!("{when}: {error}"),
        }
    }
}

#[test]
fn a_line_that_is_cut_before_any_message_leaves_old_or_new() {
    survives(story(), Cut::Before);
}

#[test]
fn a_line_that_is_cut_before_any_answer_leaves_old_or_new() {
    survives(story(), Cut::After);
}

#[test]
fn a_process_that_is_killed_at_any_message_leaves_old_or_new() {
    survives(story(), Cut::Kill);
}

#[test]
fn what_stands_alone_survives_a_line_that_is_cut_before_any_message() {
    survives(alone(), Cut::Before);
}

#[test]
fn what_stands_alone_survives_a_line_that_is_cut_before_any_answer() {
    survives(alone(), Cut::After);
}

#[test]
fn what_stands_alone_survives_a_process_that_is_killed_at_any_message() {
    survives(alone(), Cut::Kill);
}

/// Somebody agreed when the table was empty.
#[test]
fn rows_that_came_since_are_not_lost() {
    let database = story().database();
    let probe = Probe {
        meaning: "rows would be lost".to_owned(),
        count: "select count(*) from public.orders".to_owned(),
        sample: String::new(),
        table: QualifiedName::new("public", "orders"),
    };
    let probes = [probe];
    let run = |probes: &[Probe]| {
        let (names, ledger) = (names(), ledger());
        let run = Run { empty: probes, ..story().run(&names, &ledger) };
        apply(&run, &|| connect(&database.url()), &mut |_| {})
    };
    match run(&probes) {
        Err(ApplyError::Changed(why)) => {
            assert_eq!(why, ["public.orders has been filled since: 2 rows would be lost"]);
        }
        other => panic!("{other:?}"),
    }
    story().assert_old(&database);
    let gone = [Probe { table: QualifiedName::new("public", "nowhere"), ..probes[0].clone() }];
    run(&gone).expect("nobody can fill what is not there");
    story().assert_new(&database);
}
