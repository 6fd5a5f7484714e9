//! What the files of a repair look like, and in which apps they are.

use std::sync::Arc;

use trueup_model::history::TransactionMode;
use trueup_model::{Place, Statement};

use super::*;
use crate::detect::{Certainty, Detected};
use crate::source::migration;
use crate::write::Clock;

/// An app with its migrations in order, and what the last of them makes.
const APPS: &[(&str, &str, &[&str], &str)] = &[
    (
        "auth",
        "/lib/site-packages/django/contrib/auth/migrations",
        &["0001_initial"],
        "CREATE TABLE \"auth_user\" (id int)",
    ),
    ("shop", "shop/migrations", &["0001_initial", "0002_more"], "CREATE TABLE \"shop_order\" (id int)"),
    ("users", "users/migrations", &["0007_profile"], "ALTER TABLE \"users_old\" RENAME TO \"users_profile\""),
];

fn history() -> History {
    let mut migrations = Vec::new();
    for (app, folder, names, makes) in APPS {
        let mut parent: Option<Text> = None;
        for name in *names {
            let key = format!("{app}.{name}");
            let file: Arc<str> = format!("{folder}/{name}.py").into();
            let mut one = migration(&key, &key, &file, TransactionMode::Single);
            one.parents.extend(parent.replace(one.id.clone()));
            one.up = vec![Statement { text: (*makes).into(), place: Place::start_of(file), copy_data: None }];
            migrations.push(one);
        }
    }
    History {
        framework: "django",
        root: Text::new("."),
        preparation: trueup_model::Preparation::default(),
        migrations,
        handlers: Vec::new(),
        findings: Vec::new(),
    }
}

fn written(up: &[ScriptPart], down: Result<&[ScriptPart], &str>) -> Vec<WrittenMigration> {
    written_after(&history(), up, down)
}

fn written_after(
    history: &History,
    up: &[ScriptPart],
    down: Result<&[ScriptPart], &str>,
) -> Vec<WrittenMigration> {
    let script = Script {
        title: "repair shop".to_owned(),
        head: vec!["Makes the database shop what its migrations say.".to_owned()],
        up: up.to_vec(),
        down: down.map(<[_]>::to_vec).map_err(str::to_owned),
    };
    let root = Utf8Path::new("/nowhere");
    let detected = Detected::in_folder("django", root, root, Certainty::Configured, "a test");
    let recorded = [Text::new("shop.0003_from_a_branch")];
    let request = WriteRequest {
        detected: &detected,
        history,
        recorded: &recorded,
        script: &script,
        now: Clock { unix_seconds: 0 },
    };
    write(&request).expect("written")
}

fn part(comment: &str, text: &str) -> ScriptPart {
    ScriptPart::new(comment, text, true)
}

#[test]
fn a_part_goes_to_the_app_of_its_table_and_says_what_it_needs() {
    let up = [
        part("add column public.shop_order.total", "ALTER TABLE public.shop_order ADD \"total\" int"),
        part("add foreign key", "ALTER TABLE public.users_profile ADD FOREIGN KEY (u) REFERENCES auth_user"),
    ];
    let down = [
        part("drop foreign key", "ALTER TABLE public.users_profile DROP CONSTRAINT x"),
        part("drop column", "DO $$\nBEGIN\n  RAISE NOTICE '%', E'\\n';\nEND\n$$"),
    ];
    let written = written(&up, Ok(&down));
    let ids: Vec<&str> = written.iter().map(|migration| migration.id.as_str()).collect();
    assert_eq!(ids, ["shop.0004_repair_shop", "users.0008_repair_shop"]);
    assert_eq!(written[1].parts, 1..2);
    assert_eq!(written[0].files[0].path, "shop/migrations/0004_repair_shop.py");
    assert_eq!(
        written[0].files[0].text,
        r#"# Makes the database shop what its migrations say.

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0002_more"),
    ]

    operations = [
        # add column public.shop_order.total
        migrations.RunSQL(
            sql="ALTER TABLE public.shop_order ADD \"total\" int",
            reverse_sql="""DO $$
BEGIN
  RAISE NOTICE '%', E'\\n';
END
$$""",
        ),
    ]
"#
    );
    let text = &written[1].files[0].text;
    let dependencies = "    dependencies = [
        (\"auth\", \"0001_initial\"),
        (\"shop\", \"0004_repair_shop\"),
        (\"users\", \"0007_profile\"),
    ]\n";
    assert!(text.contains(dependencies), "{text}");
}

#[test]
fn what_belongs_to_a_package_is_repaired_in_an_app_of_the_project() {
    let written =
        written(&[part("add column", "ALTER TABLE public.auth_user ADD x int")], Err("it holds rows"));
    assert_eq!(written[0].id.as_str(), "shop.0004_repair_shop");
    let text = &written[0].files[0].text;
    assert!(text.contains("(\"auth\", \"0001_initial\")") && !text.contains("reverse_sql"), "{text}");
    assert!(text.contains("# no way back: it holds rows"), "{text}");
}

#[test]
fn what_may_not_run_in_a_transaction_is_a_migration_that_is_not_atomic() {
    let up = [
        part("a", "ALTER TABLE public.shop_order ADD x int"),
        ScriptPart::new("b", "CREATE INDEX CONCURRENTLY i ON public.shop_order (x)", false),
    ];
    let down = [
        ScriptPart::new("b", "DROP INDEX CONCURRENTLY public.i", false),
        part("a", "ALTER TABLE public.shop_order DROP x"),
    ];
    let written = written(&up, Ok(&down));
    let atomic: Vec<bool> = written.iter().map(|one| !one.files[0].text.contains("atomic = False")).collect();
    assert_eq!(atomic, [true, false]);
    assert!(written[1].files[0].text.contains("(\"shop\", \"0004_repair_shop\")"));
}

#[test]
fn a_way_back_that_is_shorter_is_run_as_a_whole_at_the_end() {
    let up = [
        part("a", "ALTER TABLE public.shop_order ADD x int"),
        part("b", "ALTER TABLE public.shop_order ADD y int"),
    ];
    let down = [part("back", "ALTER TABLE public.shop_order DROP x, DROP y")];
    let text = written(&up, Ok(&down))[0].files[0].text.clone();
    let whole = "        migrations.RunSQL(
            sql=migrations.RunSQL.noop,
            reverse_sql=[
                \"ALTER TABLE public.shop_order DROP x, DROP y\",
            ],
        ),
";
    assert!(text.contains(whole), "{text}");
    assert_eq!(text.matches("reverse_sql=migrations.RunSQL.noop").count(), 2);
}

#[test]
fn a_repair_joins_what_was_never_merged() {
    let mut history = history();
    let key = "shop.0002_other";
    let mut other = migration(key, key, &"shop/migrations/0002_other.py".into(), TransactionMode::Single);
    other.parents.push(Text::new("shop.0001_initial"));
    history.migrations.push(other);
    let script = [part("add column", "ALTER TABLE public.shop_order ADD x int")];
    let written = written_after(&history, &script, Err("it holds rows"));
    let text = &written[0].files[0].text;
    assert!(text.contains("# It also joins 0002_more and 0002_other.\n"), "{text}");
    assert!(text.contains("(\"shop\", \"0002_more\"),\n        (\"shop\", \"0002_other\"),\n"), "{text}");
}

#[test]
fn which_app_a_text_goes_to_is_known_before_it_is_written() {
    let history = history();
    let file = file_of(&history);
    assert_eq!(file("public.shop_order.total").as_deref(), Some("shop"));
    // The tables of packages are nobody's to write.
    assert_eq!(file("CREATE VIEW v AS SELECT 1 FROM auth_user, users_profile").as_deref(), Some("users"));
    assert_eq!(file("public.orders"), None);
}
