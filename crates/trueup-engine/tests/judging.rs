//! What is said about a difference, and what is not claimed that nobody has looked at.

mod common;

use common::{
    catalog_of, changed, entry, findings, findings_of, foreign_key, index_on, key_on, said, table, view,
};
use trueup_model::catalog::{
    Deferral, Entry, Extension, ForeignKeyAction, ForeignKeyMatch, Identity, IdentityMode, Object, Schema,
    SequenceOptions,
};
use trueup_model::{Catalog, Finding, Ident, ObjectKind, ObjectPath, Severity, Text};

fn identity() -> Box<Identity> {
    let options = SequenceOptions {
        data_type: Text::new("integer"),
        start: 1,
        increment: 1,
        minimum: 1,
        maximum: 10,
        cache: 1,
        cycle: false,
    };
    Box::new(Identity { mode: IdentityMode::Always, sequence: Ident::new("t_id_seq"), options })
}

fn numbered(by: impl Fn(&mut trueup_model::catalog::Column)) -> Vec<Entry> {
    changed(table("public", "t", &["id"]), "public.t.id", |entry| {
        if let Object::Column(column) = &mut entry.object {
            by(column);
        }
    })
}

#[test]
fn only_what_counts_up_on_both_sides_is_said_to() {
    let hint = |found: Vec<Entry>| {
        let expected = catalog_of(numbered(|column| column.identity = Some(identity())));
        let findings = findings(&expected, &catalog_of(found));
        let [finding] = findings.as_slice() else { panic!("one finding in {findings:?}") };
        assert_eq!(finding.aspect, Some("identity"));
        finding.hint.clone().unwrap_or_default()
    };
    assert!(hint(numbered(|column| column.serial = true)).starts_with("both count up"));
    let dropped = hint(numbered(|_| {}));
    assert!(dropped.contains("INSERT"), "{dropped}");
    let constant = hint(numbered(|column| column.default = Some(Text::new("7"))));
    assert!(constant.contains("INSERT"), "{constant}");
}

/// Table `t` refers to table `u`, once or twice.
fn with_keys(keys: Vec<Entry>) -> Vec<Entry> {
    let mut entries = table("public", "t", &["a"]);
    entries.extend(table("public", "u", &["a"]));
    entries.extend(keys);
    entries
}

#[test]
fn a_foreign_key_that_does_something_else_is_no_duplicate() {
    let key = |name: &str| foreign_key("public", "t", name, "u");
    let expected = catalog_of(with_keys(vec![key("k")]));
    let twin = || with_keys(vec![key("k"), key("twin")]);
    assert_eq!(said(&expected, &catalog_of(twin())), ["duplicate-constraint public.t.twin"]);
    let changes: [fn(&mut trueup_model::catalog::ForeignKey); 4] = [
        |key| key.on_delete = ForeignKeyAction::Cascade,
        |key| key.on_update = ForeignKeyAction::SetNull,
        |key| key.deferral = Deferral::InitiallyDeferred,
        |key| key.period = true,
    ];
    for change in changes {
        let found = changed(twin(), "public.t.twin", |entry| {
            if let Object::ForeignKey(key) = &mut entry.object {
                change(key);
            }
        });
        assert_eq!(said(&expected, &catalog_of(found)), ["unexpected-foreign-key public.t.twin"]);
    }
}

#[test]
fn a_key_that_waits_is_no_duplicate() {
    let key = |name: &str| key_on("public", "t", name, "a");
    let expected = catalog_of(with_keys(vec![key("k")]));
    let twin = || with_keys(vec![key("k"), key("twin")]);
    assert_eq!(said(&expected, &catalog_of(twin())), ["duplicate-constraint public.t.twin"]);
    let changes: [fn(&mut trueup_model::catalog::Key); 3] = [
        |key| key.deferral = Deferral::InitiallyImmediate,
        |key| key.without_overlaps = true,
        |key| key.include.push(Ident::new("b")),
    ];
    for change in changes {
        let found = changed(twin(), "public.t.twin", |entry| {
            if let Object::Key(key) = &mut entry.object {
                change(key);
            }
        });
        assert_eq!(said(&expected, &catalog_of(found)), ["unexpected-unique-constraint public.t.twin"]);
    }
}

#[test]
fn the_twin_of_a_renamed_key_is_one_that_the_history_knows() {
    let unique_index = |name: &str| {
        let mut entry = index_on("public", "t", name, 1);
        if let Object::Index(index) = &mut entry.object {
            index.keys[0].expression = Text::new("a");
            index.predicate = None;
            index.unique = true;
        }
        entry
    };
    let hint = |expected: &[Entry], found: &[Entry]| {
        let findings = findings(&catalog_of(expected.to_vec()), &catalog_of(found.to_vec()));
        let duplicate = findings.iter().find(|finding| finding.code.to_string() == "duplicate-index");
        duplicate
            .and_then(|finding| finding.hint.clone())
            .unwrap_or_else(|| panic!("no duplicate in {findings:?}"))
    };
    let expected = with_keys(vec![key_on("public", "t", "k_pkey", "a")]);
    let found = with_keys(vec![key_on("public", "t", "k_pkey1", "a"), unique_index("twin")]);
    assert_eq!(hint(&expected, &found), "public.t.k_pkey1, which the history knows as k_pkey, says the same");

    let mut renamed = table("public", "t2", &["a"]);
    renamed.extend(table("public", "u", &["a"]));
    let mut twin = unique_index("twin");
    twin.path.head = Ident::new("t2");
    renamed.extend([key_on("public", "t2", "k_pkey", "a"), twin]);
    assert_eq!(hint(&expected, &renamed), "public.t2.k_pkey, which the history knows, says the same");
}

/// Up to 15 a server qualifies the columns of a view over one table, from 16 it does not.
#[test]
fn a_changed_view_is_not_shown_with_the_spelling_of_another_major() {
    let of = |version: u32, definition: &str| {
        Catalog::new(version, vec![view("public", "v", definition)]).migrated_by(Some(Ident::new("app")))
    };
    let expected = of(150_008, " SELECT users.id,\n    users.name\n   FROM public.users;");
    let found = of(170_005, " SELECT id,\n    upper(name) AS name\n   FROM public.users;");
    let findings = findings(&expected, &found);
    assert_eq!(findings[0].expected.as_deref(), Some("SELECT id,\n    name\nFROM public.users;"));
    assert_eq!(findings[0].found.as_deref(), Some("SELECT id,\n    upper(name) AS name\nFROM public.users;"));
}

/// What is said about an unexpected table `shop.gone` by a history of these statements.
fn about_gone(statements: &[&str], expected: &[Entry]) -> Finding {
    let mut entries = expected.to_vec();
    entries.extend(table("shop", "gone", &["id"]));
    let findings = findings_of(statements, &catalog_of(expected.to_vec()), &catalog_of(entries));
    let [finding] = findings.as_slice() else { panic!("one finding in {findings:?}") };
    finding.clone()
}

#[test]
fn a_table_is_left_over_only_where_the_history_made_it_and_has_it_no_more() {
    let code = |statement: &str| about_gone(&[statement], &[]).code.to_string();
    for made in [
        "CREATE TABLE shop.gone (id integer)",
        "CREATE TABLE gone AS SELECT 1",
        "create unlogged table if not exists \"shop\" . \"gone\" (id integer)",
    ] {
        assert_eq!(code(made), "zombie-table", "{made}");
    }
    for not_made in [
        "CREATE TEMP TABLE gone (id integer)",
        "CREATE TEMPORARY TABLE gone AS SELECT 1",
        "CREATE TABLE pg_temp.gone (id integer)",
        "CREATE TABLE shop.other PARTITION OF shop.gone DEFAULT",
        "CREATE TABLE other.gone (id integer)",
        "CREATE TABLE shop.\"Gone\" (id integer)",
        "CREATE TABLE gone.other (id integer)",
    ] {
        assert_eq!(code(not_made), "unexpected-table", "{not_made}");
    }
    let elsewhere = table("archive", "gone", &["id", "b", "c", "d"]);
    assert_eq!(
        about_gone(&["CREATE TABLE gone (id integer)"], &elsewhere).code.to_string(),
        "unexpected-table"
    );
}

#[test]
fn what_is_in_a_schema_that_nobody_expected() {
    let schema = |contents: Vec<Entry>| {
        let path = ObjectPath::global(ObjectKind::Schema, "extra");
        let mut entries = vec![entry(path, Object::Schema(Schema {}), Some("app"))];
        entries.extend(contents);
        entries
    };
    let hint = |expected: Vec<Entry>, contents: Vec<Entry>| {
        let findings = findings(&catalog_of(expected), &catalog_of(schema(contents)));
        let schema = findings.iter().find(|finding| finding.code.to_string() == "unexpected-schema");
        schema.and_then(|finding| finding.hint.clone()).unwrap_or_default()
    };
    assert_eq!(hint(Vec::new(), Vec::new()), "it is empty");
    let path = ObjectPath::global(ObjectKind::Extension, "hstore");
    let extension =
        Extension { schema: Ident::new("extra"), version: Text::new("1.8"), is_default_version: true };
    let installed = entry(path, Object::Extension(extension), None);
    assert_eq!(hint(Vec::new(), vec![installed]), "only extensions are in it");
    let t = || table("extra", "t", &["a"]);
    assert_eq!(hint(Vec::new(), t()), "with 1 object in it that is not listed");
    assert_eq!(hint(table("public", "t", &["a"]), t()), "all that is in it was meant for another schema");
}

/// What is said to be found where no migration makes it.
fn found_as(extra: Entry) -> String {
    let expected = catalog_of(with_keys(Vec::new()));
    let findings = findings(&expected, &catalog_of(with_keys(vec![extra])));
    let [finding] = findings.as_slice() else { panic!("one finding in {findings:?}") };
    finding.found.clone().unwrap_or_default()
}

#[test]
fn what_a_foreign_key_does_besides_is_said() {
    let described = |change: fn(&mut trueup_model::catalog::ForeignKey)| {
        let mut entry = foreign_key("public", "t", "k", "u");
        if let Object::ForeignKey(key) = &mut entry.object {
            change(key);
        }
        found_as(entry)
    };
    assert_eq!(described(|_| {}), "(a) references public.u (a)");
    assert_eq!(
        described(|key| {
            key.on_delete = ForeignKeyAction::SetNull;
            key.on_delete_columns = vec![Ident::new("a")];
            key.on_update = ForeignKeyAction::Cascade;
            key.matching = ForeignKeyMatch::Full;
        }),
        "(a) references public.u (a) match full on update cascade on delete set null (a)"
    );
    assert_eq!(
        described(|key| {
            key.deferral = Deferral::InitiallyDeferred;
            key.validated = false;
        }),
        "(a) references public.u (a) deferrable, initially deferred not valid"
    );
}

#[test]
fn what_a_key_and_an_index_do_besides_is_said() {
    let key = |change: fn(&mut trueup_model::catalog::Key)| {
        let mut entry = key_on("public", "t", "k", "a");
        if let Object::Key(key) = &mut entry.object {
            change(key);
        }
        found_as(entry)
    };
    assert_eq!(key(|_| {}), "(a)");
    assert_eq!(
        key(|key| {
            key.include = vec![Ident::new("b")];
            key.nulls_not_distinct = true;
            key.deferral = Deferral::InitiallyImmediate;
        }),
        "(a) nulls not distinct include (b) deferrable, initially immediate"
    );
    let mut index = index_on("public", "t", "i", 1);
    if let Object::Index(index) = &mut index.object {
        index.keys[0].nulls_first = true;
        index.include = vec![Ident::new("b")];
    }
    assert_eq!(found_as(index), "btree (c1 nulls first) include (b) where (c1 IS DISTINCT FROM 0)");
}

#[test]
fn of_two_roles_that_own_as_much_neither_is_said_to_be_foreign() {
    let owned = |owners: &[&str]| {
        let tables = owners.iter().enumerate().map(|(number, owner)| {
            let path = ObjectPath::in_schema(ObjectKind::Table, &Ident::new("public"), format!("t{number}"));
            entry(path, Object::Table(Box::new(common::plain_table())), Some(owner))
        });
        catalog_of(tables.collect())
    };
    let severities = |owners: &[&str]| {
        let findings = findings(&owned(&vec!["app"; owners.len()]), &owned(owners));
        findings.iter().map(|finding| (finding.code, finding.severity)).collect::<Vec<_>>()
    };
    let foreign = trueup_model::Code::Named(trueup_model::finding::NamedCode::ForeignOwner);
    assert_eq!(severities(&["app", "ann"]), [(foreign, Severity::Info)]);
    assert_eq!(severities(&["app", "app", "ann"]), [(foreign, Severity::Warning)]);
}
