//! The history of `data/every_kind` replays on every server, and nothing is missing in it.

use trueup_model::ObjectKind;
use trueup_testing::fixture::{every_kind, roles};
use trueup_testing::servers::{Database, MAJORS, server};

fn fresh(major: u32) -> Database {
    let server = server(major);
    server.create_roles(&roles());
    server.create_database("every_kind")
}

#[test]
fn it_replays_statement_by_statement() {
    for &major in MAJORS {
        let database = fresh(major);
        for (name, sql) in every_kind(major, true) {
            let output = database.psql(&sql);
            assert!(output.success, "{name} on {major}: {}", output.stderr);
        }
    }
}

#[test]
fn it_replays_with_a_transaction_for_each_file() {
    for &major in MAJORS {
        let database = fresh(major);
        for (_, sql) in every_kind(major, false) {
            database.run_in_transaction(&sql);
        }
    }
}

#[test]
fn files_are_chosen_by_what_they_need() {
    let names =
        |major, full| -> Vec<String> { every_kind(major, full).into_iter().map(|(name, _)| name).collect() };
    assert!(names(13, false).iter().all(|name| name.starts_with('0') && !name.contains("postgresql_")));
    assert!(names(15, false).contains(&"021_postgresql_15.sql".to_owned()));
    assert!(!names(15, false).contains(&"022_postgresql_16.sql".to_owned()));
    assert!(!names(18, false).contains(&"033_icu_collations.sql".to_owned()));
    assert!(names(18, true).contains(&"033_icu_collations.sql".to_owned()));
    assert!(names(17, false).contains(&"034_postgresql_17_login.sql".to_owned()));
    assert!(!names(16, true).contains(&"034_postgresql_17_login.sql".to_owned()));
}

#[test]
fn it_has_every_kind_of_object() {
    for major in [13, 18] {
        let database = fresh(major);
        for (_, sql) in every_kind(major, true) {
            database.run(&sql);
        }
        for &kind in ObjectKind::ALL {
            let query = format!("SELECT count(*) FROM {};", own(kind));
            assert_ne!(database.value(&query), "0", "no {kind} on {major}");
        }
    }
}

/// Where the objects of a kind are that the history made itself.
fn own(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Schema => "pg_namespace WHERE oid >= 16384",
        ObjectKind::Extension => "pg_extension WHERE oid >= 16384",
        ObjectKind::Enum => "pg_type WHERE oid >= 16384 AND typtype = 'e'",
        ObjectKind::CompositeType => {
            "pg_type t JOIN pg_class c ON c.oid = t.typrelid WHERE t.oid >= 16384 AND c.relkind = 'c'"
        }
        ObjectKind::Domain => "pg_type WHERE oid >= 16384 AND typtype = 'd'",
        ObjectKind::RangeType => "pg_type WHERE oid >= 16384 AND typtype = 'r'",
        ObjectKind::BaseType => "pg_type WHERE oid >= 16384 AND typtype = 'b' AND typname = 'token'",
        ObjectKind::Sequence => "pg_class WHERE oid >= 16384 AND relkind = 'S'",
        ObjectKind::Table => "pg_class WHERE oid >= 16384 AND relkind = 'r'",
        ObjectKind::ForeignTable => "pg_class WHERE oid >= 16384 AND relkind = 'f'",
        ObjectKind::View => "pg_class WHERE oid >= 16384 AND relkind = 'v'",
        ObjectKind::MaterializedView => "pg_class WHERE oid >= 16384 AND relkind = 'm'",
        ObjectKind::Column => "pg_attribute WHERE attrelid >= 16384 AND attisdropped",
        ObjectKind::PrimaryKey => "pg_constraint WHERE oid >= 16384 AND contype = 'p'",
        ObjectKind::UniqueConstraint => "pg_constraint WHERE oid >= 16384 AND contype = 'u'",
        ObjectKind::CheckConstraint => "pg_constraint WHERE oid >= 16384 AND contype = 'c' AND conrelid <> 0",
        ObjectKind::ForeignKey => "pg_constraint WHERE oid >= 16384 AND contype = 'f'",
        ObjectKind::ExclusionConstraint => "pg_constraint WHERE oid >= 16384 AND contype = 'x'",
        ObjectKind::Index => "pg_index WHERE indexrelid >= 16384",
        ObjectKind::Statistics => "pg_statistic_ext WHERE oid >= 16384",
        ObjectKind::Trigger => "pg_trigger WHERE oid >= 16384 AND NOT tgisinternal",
        ObjectKind::Rule => "pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN'",
        ObjectKind::Policy => "pg_policy WHERE oid >= 16384",
        ObjectKind::Function => "pg_proc WHERE oid >= 16384 AND prokind = 'w'",
        ObjectKind::Procedure => "pg_proc WHERE oid >= 16384 AND prokind = 'p'",
        ObjectKind::Aggregate => "pg_proc WHERE oid >= 16384 AND prokind = 'a'",
        ObjectKind::EventTrigger => "pg_event_trigger WHERE oid >= 16384",
        ObjectKind::DefaultPrivileges => "pg_default_acl WHERE oid >= 16384",
        ObjectKind::Collation => "pg_collation WHERE oid >= 16384",
        ObjectKind::Conversion => "pg_conversion WHERE oid >= 16384",
        ObjectKind::Cast => "pg_cast WHERE oid >= 16384",
        ObjectKind::Operator => "pg_operator WHERE oid >= 16384",
        ObjectKind::OperatorClass => "pg_opclass WHERE oid >= 16384",
        ObjectKind::OperatorFamily => "pg_opfamily WHERE oid >= 16384",
        ObjectKind::Language => "pg_language WHERE oid >= 16384",
        ObjectKind::Transform => "pg_transform WHERE oid >= 16384",
        ObjectKind::AccessMethod => "pg_am WHERE oid >= 16384",
        ObjectKind::TextSearchParser => "pg_ts_parser WHERE oid >= 16384",
        ObjectKind::TextSearchTemplate => "pg_ts_template WHERE oid >= 16384",
        ObjectKind::TextSearchDictionary => "pg_ts_dict WHERE oid >= 16384",
        ObjectKind::TextSearchConfiguration => "pg_ts_config WHERE oid >= 16384",
        ObjectKind::ForeignDataWrapper => "pg_foreign_data_wrapper WHERE oid >= 16384",
        ObjectKind::ForeignServer => "pg_foreign_server WHERE oid >= 16384",
        ObjectKind::UserMapping => "pg_user_mapping WHERE oid >= 16384",
        ObjectKind::Publication => "pg_publication WHERE oid >= 16384",
        ObjectKind::Subscription => {
            "pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE datname = current_database()"
        }
    }
}
