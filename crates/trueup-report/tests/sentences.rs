//! One plain sentence for each sort of finding.

use trueup_model::finding::NamedCode;
use trueup_model::{Code, Finding, Ident, ObjectKind, ObjectPath, Origin, QualifiedName, Severity, Text};
use trueup_report::sentence;

fn column(code: Code, expected: Option<&str>, found: Option<&str>) -> Finding {
    let users = QualifiedName::new("public", "users");
    Finding {
        object: Some(ObjectPath::part_of(ObjectKind::Column, &users, "email")),
        expected: expected.map(str::to_owned),
        found: found.map(str::to_owned),
        ..Finding::new(code, Severity::Error)
    }
}

fn check(finding: &Finding, expected: &str) {
    assert_eq!(sentence(finding), expected);
}

#[test]
fn differences_are_said_in_plain_words() {
    let kind = ObjectKind::Column;
    check(
        &column(Code::Missing(kind), None, None),
        "column public.users.email is in the history, but not in the database",
    );
    check(
        &column(Code::Unexpected(kind), None, None),
        "column public.users.email is in the database, but not in the history",
    );
    check(
        &column(Code::Renamed(kind), Some("email"), Some("mail")),
        "column public.users.email is called mail in the database",
    );
    check(
        &column(Code::Misplaced(kind), Some("public"), Some("tenant")),
        "column public.users.email is in schema tenant of the database, the history says public",
    );
    let different =
        |expected, found| Finding { aspect: Some("type"), ..column(Code::Different(kind), expected, found) };
    check(
        &different(Some("character varying(255)"), Some("text")),
        "column public.users.email: type is text, the history says character varying(255)",
    );
    check(&different(None, Some("text")), "column public.users.email: type is text, the history sets none");
    check(
        &different(Some("text"), None),
        "column public.users.email: type is not set, the history says text",
    );
    check(
        &different(Some("a\nb"), Some("text")),
        "column public.users.email: type is not what the history says",
    );
    check(
        &different(Some("text"), Some("")),
        "column public.users.email: type is (empty), the history says text",
    );
}

#[test]
fn names_are_quoted_where_sql_quotes_them() {
    let named = |name: &str| {
        let path = ObjectPath::in_schema(ObjectKind::ForeignTable, &Ident::new("public"), name);
        sentence(&Finding {
            object: Some(path),
            ..Finding::new(Code::Missing(ObjectKind::ForeignTable), Severity::Error)
        })
    };
    assert!(named("größe_2").starts_with("foreign table public.größe_2 is"));
    assert!(named("Order").starts_with("foreign table public.\"Order\" is"));
    assert!(named("2nd").starts_with("foreign table public.\"2nd\" is"));
    assert!(named("a.b").starts_with("foreign table public.\"a.b\" is"));
    assert!(named("say \"hi\"").starts_with("foreign table public.\"say \"\"hi\"\"\" is"));
    assert!(named("").starts_with("foreign table public.\"\" is"));
}

#[test]
fn every_code_with_a_name_has_a_sentence_of_its_own() {
    let mut sentences = Vec::new();
    for code in NamedCode::ALL {
        let bare = Finding::new(Code::Named(*code), Severity::Error);
        let origin = Origin { migration: Text::new("0003_x"), place: None, excerpt: None, recorded_at: None };
        let about_migration = sentence(&Finding { origin: Some(origin), ..bare.clone() });
        assert!(!about_migration.contains("  ") && !about_migration.ends_with('.'), "{about_migration}");
        assert!(!sentence(&bare).is_empty());
        sentences.push(about_migration);
    }
    sentences.sort_unstable();
    sentences.dedup();
    assert_eq!(sentences.len(), NamedCode::ALL.len());
}

#[test]
fn what_a_server_said_is_cut_and_cleaned() {
    let said = format!("ERROR: could not connect to postgres://a:s3cr3t@b/{}\nDETAIL: more", "x".repeat(500));
    let finding = Finding {
        found: Some(said),
        ..Finding::new(Code::Named(NamedCode::FailedStatement), Severity::Error)
    };
    let sentence = sentence(&finding);
    assert!(
        sentence.ends_with('…') && !sentence.contains("DETAIL") && !sentence.contains("s3cr3t"),
        "{sentence}"
    );
}
