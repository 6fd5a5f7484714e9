//! Definitions, as guards compare them, follow what is there.

use trueup_engine::compare;
use trueup_model::ObjectKind;
use trueup_model::difference::{Change as Differing, Nature};
use trueup_testing::changes::changes;
use trueup_testing::fixture;
use trueup_testing::servers::server;

use crate::common::{live_catalog, open_session};
use crate::{begin, definition, read, set_all, spoken};

/// Everything that is there has a definition; what goes has none any more; what becomes different has another. Rights
/// and comments are not part of it.
fn check_definitions(major: u32) {
    let server = server(major);
    let database = fixture::every_kind_applied(&server, true);
    let expected = live_catalog(&database.url());
    let mut session = open_session(&database.url());
    begin(&mut session);
    let without: Vec<String> = expected
        .entries()
        .iter()
        .filter(|entry| definition(&mut session, &entry.path).is_none())
        .map(|entry| format!("{} {}", entry.path.kind, entry.path))
        .collect();
    session.run("rollback").expect("a rollback");
    assert!(without.is_empty(), "PostgreSQL {major}: without a definition:\n{}", without.join("\n"));

    let mut wrong = Vec::new();
    let mut looked = 0;
    for change in
        changes().filter(|change| change.applies(major, true) && !change.only_data && change.transactional)
    {
        begin(&mut session);
        session.run("savepoint before").expect("a savepoint");
        session.run("set local search_path to default").expect("a setting");
        session.run(change.sql).unwrap_or_else(|error| panic!("{}: {error}", change.name()));
        set_all(&mut session);
        let found = read(&mut session);
        let differences = compare(&expected, &found);
        let after: Vec<Option<String>> =
            differences.iter().map(|difference| definition(&mut session, &difference.path)).collect();
        let elsewhere: Vec<Option<String>> = differences
            .iter()
            .map(|difference| match &difference.change {
                Differing::Renamed { to } | Differing::Misplaced { to } => definition(&mut session, to),
                Differing::Missing | Differing::Unexpected | Differing::Different(_) => None,
            })
            .collect();
        session.run("rollback to savepoint before").expect("a rollback");
        for ((difference, after), elsewhere) in differences.iter().zip(after).zip(elsewhere) {
            looked += 1;
            let before = definition(&mut session, &difference.path);
            let right = match &difference.change {
                Differing::Missing => before.is_some() && after.is_none(),
                Differing::Unexpected => before.is_none() && after.is_some(),
                Differing::Renamed { .. } | Differing::Misplaced { .. } => {
                    before.is_some() && after.is_none() && elsewhere.is_some()
                }
                Differing::Different(aspect) => {
                    // Default privileges are nothing but privileges.
                    let beside = (aspect.nature == Nature::Access
                        && difference.path.kind != ObjectKind::DefaultPrivileges)
                        || aspect.name.contains("comment")
                        || change.sql.starts_with("COMMENT ON");
                    match (beside, aspect.nature) {
                        (true, _) => before.is_some() && before == after,
                        (false, Nature::Logical | Nature::Access) => {
                            before.is_some() && after.is_some() && before != after
                        }
                        (false, Nature::Physical) => before.is_some() && after.is_some(),
                    }
                }
            };
            if !right {
                wrong.push(format!(
                    "{}\n{}\n    {before:?}\n    {after:?}",
                    change.name(),
                    spoken(difference)
                ));
            }
        }
        session.run("rollback").expect("a rollback");
    }
    println!("PostgreSQL {major}: {looked} differences looked at");
    assert!(wrong.is_empty(), "PostgreSQL {major}: {} of {looked}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn definitions_follow_what_is_there_on_13() {
    check_definitions(13);
}

#[test]
fn definitions_follow_what_is_there_on_15() {
    check_definitions(15);
}

#[test]
fn definitions_follow_what_is_there_on_18() {
    check_definitions(18);
}
