//! Histories and servers that do not behave.

use std::time::Instant;

use super::*;

#[test]
fn a_history_may_throw_our_schema_away() {
    on_each(|shadow| {
        let history = history(&[
            (SINGLE, "CREATE TABLE a (i int); DROP SCHEMA trueup_shadow CASCADE; CREATE TABLE b (i int)"),
            (EACH, "DROP SCHEMA trueup_shadow CASCADE; CREATE TABLE c (i int)"),
        ]);
        let replay = run(shadow, &history);
        assert_eq!(failures(&replay), NONE);
        assert_eq!(provenance(shadow, &replay, &class("a")), "m0:0 m0:0");
        assert_eq!(provenance(shadow, &replay, &class("b")), "m0:2 m0:2");
        assert_eq!(provenance(shadow, &replay, &class("c")), "m1:1 m1:1");
    });
}

#[test]
fn a_statement_cannot_hang_for_ever() {
    let (_folder, surroundings) = surroundings();
    let options = ReplayOptions { statement_limit: std::time::Duration::from_millis(300) };
    let history = history(&[
        (SINGLE, "SELECT pg_sleep(600); CREATE TABLE a (i int)"),
        (SINGLE, "SET statement_timeout TO 0; SELECT pg_sleep(600); CREATE TABLE b (i int)"),
    ]);
    let shadow = &mut *local(&surroundings);
    let replay = replay_with(&options, shadow, &history, &[0, 1], &mut |_| {}).unwrap();
    assert_eq!(
        failures(&replay),
        [
            "m0:0 canceling statement due to statement timeout TimedOut",
            "m1:1 canceling statement due to user request TimedOut"
        ]
    );
    assert_eq!(provenance(shadow, &replay, &class("b")), "m1:2 m1:2");
}

/// The embedded server cannot interrupt a statement: then the replay ends, and so does the wait for the shadow.
#[test]
fn a_statement_that_hangs_in_the_embedded_server_ends_the_replay() {
    let (_folder, surroundings) = surroundings();
    let options = ReplayOptions { statement_limit: std::time::Duration::from_millis(300) };
    let history = history(&[(SINGLE, "CREATE TABLE a (i int); SELECT pg_sleep(25)")]);
    let mut shadow = embedded(&[], &surroundings);
    let began = Instant::now();
    let error = replay_with(&options, &mut *shadow, &history, &[0], &mut |_| {}).unwrap_err();
    assert!(error.to_string().starts_with("replaying migration m0, statement 2 of it: "), "{error}");
    drop(shadow);
    assert!(began.elapsed().as_secs() < 24, "{:?}", began.elapsed());
}

#[test]
fn a_connection_that_is_cut_is_an_error_with_its_statement() {
    let (_folder, surroundings) = surroundings();
    for mode in [EACH, SINGLE] {
        let history = history(&[(mode, "SELECT 1; SELECT pg_terminate_backend(pg_backend_pid()); SELECT 2")]);
        let error = replay(&mut *local(&surroundings), &history, &[0], &mut |_| {}).unwrap_err();
        let place = StatementRef { migration: 0, statement: 1 };
        assert!(matches!(error, ReplayError::Lost { statement, .. } if statement == place), "{error:?}");
    }
}

/// As many are under way at once as that; what fails among them is found, and nothing else is lost.
#[test]
fn of_many_statements_those_that_fail_are_told() {
    let (_folder, surroundings) = surroundings();
    let failing = [0, 1, 2, 50, 98, 99, 100, 101, 102, 199];
    let statement = |number: usize| match failing.contains(&number) {
        true => format!("CREATE TABLE t{number} (i nonsense)"),
        false => format!("CREATE TABLE t{number} (i int)"),
    };
    let text: Vec<String> = (0..230).map(statement).collect();
    let history = history(&[(SINGLE, &text.join(";\n"))]);
    let shadow = &mut *local(&surroundings);
    let replay = replay(shadow, &history, &[0], &mut |_| {}).unwrap();
    let told: Vec<usize> =
        replay.failures.iter().map(|failure| failure.statement.statement as usize).collect();
    assert_eq!(told, failing);
    assert_eq!(replay.statements, 230);
    let made = shadow.session().value("SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$'").unwrap();
    assert_eq!(made.as_deref(), Some("220"));
    assert_eq!(provenance(shadow, &replay, &class("t103")), "m0:103 m0:103");
}
