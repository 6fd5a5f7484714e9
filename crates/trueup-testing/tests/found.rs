//! Promise 2 and 3: every single change is found, named, and attributed to the statement that claimed it.

mod common;

use common::{Project, live_catalog, open_session};
use trueup_database::introspect::introspect_within;
use trueup_database::shadow::ShadowRequest;
use trueup_engine::findings::Sides;
use trueup_engine::{Claims, compare, judge};
use trueup_model::difference::{Change as Difference, Difference as Compared};
use trueup_model::{Catalog, Finding, Ident, Ledger, ObjectKind};
use trueup_testing::changes::{Change, Expected, changes};
use trueup_testing::fixture;
use trueup_testing::servers::server;

#[test]
fn each_change_is_found_named_and_attributed_on_the_newest_server() {
    each_change_is_found(18, 600);
}

#[test]
fn each_change_is_found_named_and_attributed_on_the_oldest_server() {
    each_change_is_found(13, 500);
}

fn each_change_is_found(major: u32, at_least: usize) {
    let server = server(major);
    let database = fixture::every_kind_applied(&server, true);
    let project = Project::plain(&fixture::every_kind(major, true));
    let expected = project.expected(&ShadowRequest::Local(Some(common::binaries(major))), major);
    assert_eq!(expected.failures, []);
    let ledger = Ledger::default();
    let claims = Claims::new(project.history(), &ledger, &expected.journal);
    let judged = |found: Catalog, change: &Change| -> (Vec<Compared>, Vec<Finding>) {
        let found = found.migrated_by(Some(Ident::new("postgres")));
        let mut differences = compare(&expected.catalog, &found);
        // A copy has no subscriptions: they belong to the database that was copied.
        differences
            .retain(|difference| change.transactional || difference.path.kind != ObjectKind::Subscription);
        let findings = judge(&differences, &Sides { expected: &expected.catalog, found: &found }, &claims);
        (differences, findings)
    };

    let wanted = || changes().filter(|change| change.applies(major, true) && !change.only_data);
    let mut looked = Vec::new();
    // What cannot be rolled back is tried on copies, which nobody may be connected to the original for.
    for change in wanted().filter(|change| !change.transactional) {
        let copy = database.copy("changed");
        // A build that is meant to fail does fail; what it leaves behind is the change.
        copy.psql(change.sql);
        looked.push((change, live_catalog(&copy.url())));
    }
    let mut session = open_session(&database.url());
    for change in wanted().filter(|change| change.transactional) {
        session.run("begin").expect("a transaction");
        session.run(change.sql).unwrap_or_else(|error| panic!("{}: {error}", change.name()));
        looked.push((change, introspect_within(&mut session).expect("a catalog")));
        session.run("rollback").expect("a rollback");
    }
    let tried = looked.len();
    let mut problems = Vec::new();
    for (change, found) in looked {
        let (differences, findings) = judged(found, change);
        if let Some(problem) = problem(change, &differences, &findings) {
            problems.push(format!("{}\n    {}\n{problem}", change.name(), change.sql));
        }
    }
    assert!(tried >= at_least, "the table is long: {tried}");
    assert!(problems.is_empty(), "{} of {tried} changes:\n{}", problems.len(), problems.join("\n"));
}

fn problem(change: &Change, differences: &[Compared], findings: &[Finding]) -> Option<String> {
    let is = |finding: &Finding, expected: &Expected| {
        finding.code == expected.code
            && finding
                .object
                .as_ref()
                .is_some_and(|object| object.kind == expected.kind && object.to_string() == expected.object)
            && finding.aspect == expected.aspect
    };
    let said = || {
        let lines: Vec<String> = findings
            .iter()
            .map(|finding| {
                let object = finding
                    .object
                    .as_ref()
                    .map(|object| format!("{} {object}", object.kind))
                    .unwrap_or_default();
                format!("      found: {} {object} {:?}", finding.code, finding.aspect)
            })
            .collect();
        format!(
            "      wanted: {} {} {} {:?}\n{}",
            change.expected.code,
            change.expected.kind,
            change.expected.object,
            change.expected.aspect,
            lines.join("\n")
        )
    };
    let Some(finding) = findings.iter().find(|finding| is(finding, &change.expected)) else {
        return Some(said());
    };
    let surplus = findings
        .iter()
        .any(|finding| !is(finding, &change.expected) && !change.also.iter().any(|also| is(finding, also)));
    if surplus {
        return Some(said());
    }
    if let Some(wanted) = change.found_as {
        let there = differences.iter().any(|difference| match &difference.change {
            Difference::Renamed { to } | Difference::Misplaced { to } => to.to_string() == wanted,
            Difference::Missing | Difference::Unexpected | Difference::Different(_) => false,
        });
        if !there {
            return Some(format!("      not found as {wanted}"));
        }
    }
    match (change.claimed_by, &finding.origin) {
        (None, None) => None,
        (Some(claim), Some(origin)) => {
            let file = origin.place.as_ref().map(|place| place.file.to_string()).unwrap_or_default();
            let excerpt = origin.excerpt.as_deref().unwrap_or_default();
            let right = file.ends_with(claim.file) && excerpt.contains(claim.fragment);
            (!right).then(|| {
                let shown: String = excerpt.chars().take(120).collect();
                format!(
                    "      claimed by {} «{}», attributed to {file} «{shown}»",
                    claim.file, claim.fragment
                )
            })
        }
        (claim, origin) => Some(format!(
            "      claim {:?}, attributed to {:?}",
            claim.map(|claim| (claim.file, claim.fragment)),
            origin.as_ref().map(|origin| &origin.place)
        )),
    }
}
