//! Promise 1: nothing is said about a healthy database, on any server and through any shadow.
//!
//! The history uses every kind of object and every property. psql replays it on real servers; it is replayed again
//! on a shadow, and the two catalogs have to be equal: not one difference of any severity, no statement refused.

mod common;

use common::{Project, live_catalog};
use trueup_database::replay::FailureKind;
use trueup_database::shadow::ShadowRequest;
use trueup_testing::fixture;
use trueup_testing::servers::{MAJORS, server};

/// A server and the newest files that it and its shadow both understand.
fn check(major: u32, files_of: u32, full: bool, request: &ShadowRequest) {
    let server = server(major);
    fixture::prepare(&server);
    let files = fixture::every_kind(files_of, full);
    let database = server.create_database("silence");
    for (_, sql) in &files {
        database.run(sql);
    }
    let project = Project::plain(&files);
    let expected = project.expected(request, major);
    assert_eq!(expected.failures, [], "statements refused on the shadow of {major}");
    let found = live_catalog(&database.url());
    let differences = trueup_engine::compare(&expected.catalog, &found);
    assert!(found.entries().len() > 600, "the history makes much: {}", found.entries().len());
    let said: Vec<String> = differences
        .iter()
        .map(|difference| format!("{} {}: {:?}", difference.path.kind, difference.path, difference.change))
        .collect();
    assert!(said.is_empty(), "PostgreSQL {major}, {}:\n{}", expected.shadow.kind, said.join("\n"));
}

#[test]
fn through_the_embedded_shadow() {
    for &major in MAJORS {
        check(major, major.min(17), false, &ShadowRequest::Embedded);
    }
}

/// What the embedded server knows by declaration only is held to the same.
#[test]
fn every_declared_extension_is_in_the_history() {
    let files = fixture::every_kind(17, false);
    let offer = trueup_database::shadow::embedded_offer().expect("an embedded server");
    for name in offer.stand_ins {
        let created = [format!("CREATE EXTENSION {name}"), format!("CREATE EXTENSION \"{name}\"")];
        assert!(
            files.iter().any(|(_, sql)| created.iter().any(|statement| sql.contains(statement))),
            "{name} is created by no file"
        );
    }
}

#[test]
fn through_a_local_shadow_of_the_same_major() {
    for &major in MAJORS {
        check(major, major, true, &ShadowRequest::Local(Some(common::binaries(major))));
    }
}

/// What the embedded server was built without is not passed over: each statement that uses it is named, and nothing
/// else is.
#[test]
fn what_the_embedded_shadow_cannot_do_is_said() {
    let files = fixture::every_kind(17, true);
    let project = Project::plain(&files);
    let expected = project.expected(&ShadowRequest::Embedded, 17);
    let beyond = ["032_subscriptions.sql", "033_icu_collations.sql", "035_conversions.sql"];
    let beyond_it: Vec<String> = project
        .history()
        .migrations
        .iter()
        .filter(|migration| beyond.iter().any(|name| migration.file.ends_with(name)))
        .flat_map(|migration| &migration.up)
        .map(|statement| format!("{}:{}", statement.place.file, statement.place.line))
        .collect();
    let refused: Vec<String> = expected
        .failures
        .iter()
        .map(|failure| {
            let at = |number: u32| usize::try_from(number).expect("a small number");
            let migration = &project.history().migrations[at(failure.statement.migration)];
            let place = &migration.up[at(failure.statement.statement)].place;
            assert!(
                failure.kind == FailureKind::MissingLibrary || failure.follows.is_some(),
                "{}:{} is the history's own fault: {}",
                place.file,
                place.line,
                failure.error
            );
            format!("{}:{}", place.file, place.line)
        })
        .collect();
    assert_eq!(beyond_it.len(), 10, "the three files are what they were");
    assert_eq!(refused, beyond_it);
}
