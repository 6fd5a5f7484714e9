//! Promise 1: nothing is said about a healthy database, on any server and through any shadow.
//!
//! The history uses every kind of object and every property. psql replays it on real servers; it is replayed again
//! on a shadow, and the two catalogs have to be equal: not one difference of any severity, no statement refused.

mod common;

use common::{Project, live_catalog};
use trueup_database::shadow::ShadowRequest;
use trueup_testing::fixture;
use trueup_testing::servers::{MAJORS, server};

/// A server and the newest files that it and its shadow both understand.
fn check(major: u32, files_of: u32, with_contrib: bool, request: &ShadowRequest) {
    let server = server(major);
    fixture::prepare(&server);
    let files = fixture::every_kind(files_of, with_contrib);
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

#[test]
fn through_a_local_shadow_of_the_same_major() {
    for &major in MAJORS {
        check(major, major, true, &ShadowRequest::Local(Some(common::binaries(major))));
    }
}
