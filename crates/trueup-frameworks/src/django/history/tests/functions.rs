//! What is made of a function that a migration runs: SQL of the migration's own, changes of rows, or nothing that is
//! known.

use super::{check, history};

/// What a function finds in the environment is decided when it runs.
#[test]
fn a_function_that_asks_the_environment_is_not_known() {
    let text = "\
import os
def forwards(apps, schema_editor):
    table = os.environ.get('TABLE', 'usual')
    schema_editor.execute(f'CREATE TABLE {table} (id int)')
work = [migrations.RunPython(forwards)]";
    check(text, &["opaque: the function runs SQL that may change the schema (CREATE TABLE)"]);
    let text = text.replace("os.environ.get('TABLE', 'usual')", "'usual'");
    check(&text, &["CREATE TABLE usual (id int)"]);
    let text = "\
import os
def forwards(apps, schema_editor):
    if 'TABLE' in os.environ:
        schema_editor.execute('CREATE TABLE usual (id int)')
work = [migrations.RunPython(forwards)]";
    check(text, &["opaque: the function runs SQL that may change the schema (CREATE TABLE)"]);
    for call in
        ["time.time() > 5", "random.random() > 0.5", "datetime.date.today().year > 2000", "os.getenv('A')"]
    {
        let text = format!(
            "import datetime, os, random, time\ndef forwards(apps, schema_editor):\n    if {call}:\n        \
             schema_editor.execute('CREATE TABLE usual (id int)')\nwork = [migrations.RunPython(forwards)]"
        );
        check(&text, &["opaque: the function runs SQL that may change the schema (CREATE TABLE)"]);
    }
}

#[test]
fn sql_that_a_function_surely_runs_is_the_migrations_own() {
    check(
        "\
SQL = 'CREATE VIEW v AS SELECT 1'
def helper(cursor, name):
    cursor.execute(f'CREATE TABLE {name} (id integer)')
def forwards(apps, schema_editor):
    '''Only here.'''
    if schema_editor.connection.vendor != 'postgresql':
        return
    if connections[schema_editor.connection.alias].vendor == 'sqlite':
        schema_editor.execute('DROP TABLE nothing')
    schema_editor.execute(SQL)
    with connection.cursor() as cursor:
        helper(cursor, schema_editor.quote_name('Things'))
        cursor.execute('INSERT INTO log VALUES (1)')
    table = apps.get_model('shop', 'Old')._meta.db_table
    schema_editor.execute(f\"ALTER TABLE {table} ADD CHECK (name LIKE 'a%%')\")
work = [
    migrations.CreateModel('Old', [('id', models.IntegerField(primary_key=True))], options={'db_table': 'ancient'}),
    migrations.RunPython(forwards),
]",
        &[
            r#"CREATE TABLE "ancient" ("id" integer NOT NULL PRIMARY KEY)"#,
            "CREATE VIEW v AS SELECT 1",
            r#"CREATE TABLE "Things" (id integer)"#,
            "ALTER TABLE ancient ADD CHECK (name LIKE 'a%')",
        ],
    );
}

#[test]
fn sql_that_a_function_may_run_is_not_known() {
    let run = |body: &str| {
        let body = body.replace('\n', "\n    ");
        format!("def forwards(apps, schema_editor):\n    {body}\nwork = [migrations.RunPython(forwards)]")
    };
    for (body, why) in [
        (
            "if apps.get_model('shop', 'A').objects.exists():\n    schema_editor.execute('DROP TABLE a')",
            "opaque: the function runs SQL that may change the schema (DROP TABLE)",
        ),
        (
            "try:\n    schema_editor.execute('DROP TABLE a')\nexcept Exception:\n    pass",
            "opaque: the function runs SQL that may change the schema (DROP TABLE)",
        ),
        (
            "statements = ['DROP TABLE a']\nfor statement in statements if apps.ready else []:\n    connection.cursor().execute(statement)",
            "opaque: the function runs SQL that is not known before it runs",
        ),
        (
            "from django.db import transaction\ndef later():\n    schema_editor.execute('DROP TABLE a')\ntransaction.on_commit(later)\nlater",
            "opaque: the function runs SQL that may change the schema (DROP TABLE)",
        ),
        (
            "if apps.get_model('shop', 'A')._meta.db_table == 'shop_a':\n    schema_editor.execute('DROP TABLE a')",
            "opaque: the function runs SQL that may change the schema (DROP TABLE)",
        ),
        (
            "schema_editor.remove_field(apps.get_model('shop', 'A'), None)",
            "opaque: the function calls remove_field of the schema editor",
        ),
    ] {
        check(&run(body), &[why]);
    }
    // One that raises again what it catches hides nothing.
    check(
        &run(
            "try:\n    schema_editor.execute('DROP TABLE a')\nexcept Exception as error:\n    print(error)\n    raise",
        ),
        &["DROP TABLE a"],
    );
}

/// The search through the text of a function does not see this.
#[test]
fn sql_of_methods_and_of_functions_that_are_handed_on_is_seen() {
    check(
        "\
class Helper:
    @classmethod
    def install(cls, using):
        with connections[using].cursor() as cursor:
            cursor.execute('CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$SELECT 1$$')
def run(job, **kwargs):
    return job(**kwargs)
def index(alias):
    connections[alias].cursor().execute('CREATE INDEX i ON a (b)')
def forwards(apps, schema_editor):
    Helper.install(schema_editor.connection.alias)
    run(index, alias=schema_editor.connection.alias)
work = [migrations.RunPython(forwards)]",
        &["CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$SELECT 1$$", "CREATE INDEX i ON a (b)"],
    );
}

/// Statements are not all that such a migration does: nobody but Django may record it as applied.
#[test]
fn what_changes_rows_is_run_by_django_alone() {
    for (code, reason) in [
        ("migrations.RunPython.noop", None),
        ("fill", Some("only Django can run fill, which may change rows")),
        ("make", Some("only Django can run make, which may change rows")),
    ] {
        let text = format!(
            "from django.db import migrations\n\n\ndef fill(apps, schema_editor):\n    \
             apps.get_model('shop', 'Item').objects.update(old=7)\n\n\ndef make(apps, schema_editor):\n    \
             schema_editor.execute('CREATE TABLE made (id int)')\n    fill(apps, schema_editor)\n\n\n\
             class Migration(migrations.Migration):\n    operations = [migrations.RunPython({code})]\n"
        );
        let history = history(&[("shop/migrations/m.py", &text)]);
        let migration = &history.migrations[0];
        assert_eq!(migration.opaque, None, "{code}");
        let told = migration.only_by_tool.as_ref().map(|told| told.reason.as_str());
        assert_eq!(told.map(|told| told.replace("shop.migrations.m.", "")).as_deref(), reason, "{code}");
    }
}
