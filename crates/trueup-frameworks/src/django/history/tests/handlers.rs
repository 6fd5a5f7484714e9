//! What runs after the migrations.

use super::*;

const MIGRATIONS: &[(&str, &str)] = &[
    (
        "shop/migrations/a.py",
        "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    operations = [\n        \
         migrations.CreateModel('Order', [('id', models.AutoField(primary_key=True))]),\n        \
         migrations.CreateModel('Item', [('id', models.AutoField(primary_key=True))])]\n",
    ),
    (
        "shop/migrations/b.py",
        "from django.db import migrations\nclass Migration(migrations.Migration):\n    dependencies = [('shop', 'a')]\n",
    ),
];

const WIDEN: &str = "'ALTER TABLE shop_order ALTER COLUMN id TYPE bigint'";

/// What runs after the migrations and may change the schema, with the reason, and whether the tables are in its reach.
#[track_caller]
fn check_after(files: &[(&str, &str)], expected: &[(&str, &str, bool, bool)]) {
    let all: Vec<(&str, &str)> = MIGRATIONS.iter().chain(files).copied().collect();
    let history = history(&all);
    assert_eq!(history.findings, Vec::new());
    let told: Vec<_> = history
        .handlers
        .iter()
        .map(|one| {
            let names = |table: &str| one.reach.names(table);
            (one.id.as_str(), one.why.reason.as_str(), names("shop_order"), names("shop_item"))
        })
        .collect();
    assert_eq!(told, expected);
}

fn apps(ready: &str, body: &str) -> String {
    format!(
        "from django.apps import AppConfig\nfrom django.db import connection\n\
         from django.db.models.signals import post_migrate\n\
         def widen(sender, verbosity, **kwargs):\n    with connection.cursor() as cursor:\n        {body}\n\
         class Shop(AppConfig):\n    name = 'shop'\n    def ready(self):\n        {ready}\n"
    )
}

#[test]
fn what_a_handler_does_to_the_schema_is_left_open() {
    let changes =
        ("shop.post_migrate", "shop.apps.widen runs after every migrate: it changes the schema", true, false);
    let connect = "post_migrate.connect(widen, sender=self)";
    check_after(&[("shop/apps.py", &apps(connect, &format!("cursor.execute({WIDEN})")))], &[changes]);
    let before = apps(connect, &format!("cursor.execute({WIDEN})")).replace("post_migrate", "pre_migrate");
    let reason = "shop.apps.widen runs before every migrate: it changes the schema";
    check_after(&[("shop/apps.py", &before)], &[("shop.pre_migrate", reason, true, false)]);
    // A method is called as it is written.
    let bound = apps("post_migrate.connect(self.widen)", &format!("cursor.execute({WIDEN})"))
        .replace("def widen(sender, verbosity, **kwargs)", "def unused()")
        + &format!("    def widen(self, sender, **kwargs):\n        connection.cursor().execute({WIDEN})\n");
    let reason = "shop.apps.Shop.widen runs after every migrate: it changes the schema";
    check_after(&[("shop/apps.py", &bound)], &[("shop.post_migrate", reason, true, false)]);
    // Rows are not the schema.
    check_after(&[("shop/apps.py", &apps(connect, "cursor.execute('DELETE FROM shop_order')"))], &[]);
    // Other signals, and handlers that nobody connects.
    check_after(&[("shop/apps.py", &apps("pass", &format!("cursor.execute({WIDEN})")))], &[]);
    check_after(
        &[("shop/apps.py", &apps(connect, "cursor.execute(open('/etc/order.sql').read())"))],
        &[(
            "shop.post_migrate",
            "shop.apps.widen runs after every migrate: the function runs SQL that is not known before it runs",
            false,
            false,
        )],
    );
}

/// The names of columns are those of many tables.
#[test]
fn columns_are_reached_by_their_tables() {
    let text = apps("post_migrate.connect(widen)", &format!("cursor.execute({WIDEN})"));
    let history = history(&[MIGRATIONS[0], MIGRATIONS[1], ("shop/apps.py", &text)]);
    let reach = &history.handlers[0].reach;
    assert!(reach.names("shop_order") && !reach.names("id"));
}

#[test]
fn receivers_in_modules_that_ready_imports_count() {
    let signals = format!(
        "from django.db import connection\nfrom django.db.models.signals import post_migrate, post_save\n\
         from django.dispatch import receiver\n@receiver(post_migrate)\ndef widen(sender, **kwargs):\n    \
         connection.cursor().execute({WIDEN})\n"
    );
    let changes = (
        "shop.post_migrate",
        "shop.signals.widen runs after every migrate: it changes the schema",
        true,
        false,
    );
    let plain = "from django.apps import AppConfig\nclass Shop(AppConfig):\n    name = 'shop'\n    def ready(self):\n        ";
    for import in ["from . import signals", "import shop.signals", "from shop.signals import widen"] {
        let apps = format!("{plain}{import}\n");
        check_after(&[("shop/apps.py", &apps), ("shop/signals.py", &signals)], &[changes]);
    }
    check_after(&[("shop/apps.py", &format!("{plain}pass\n")), ("shop/signals.py", &signals)], &[]);
    let saved = signals.replace("@receiver(post_migrate)", "@receiver(post_save)");
    let apps = format!("{plain}from . import signals\n");
    check_after(&[("shop/apps.py", &apps), ("shop/signals.py", &saved)], &[]);
    // A method is called on an object, and its namesake is connected nowhere.
    let method = signals.replace("@receiver(post_migrate)\n", "")
        + "class Other:\n    @receiver(post_migrate)\n    def widen(self, **kwargs):\n        pass\n";
    check_after(&[("shop/models.py", &method)], &[]);
    // Models are always imported.
    check_after(
        &[("shop/models.py", &signals)],
        &[(
            "shop.post_migrate",
            "shop.models.widen runs after every migrate: it changes the schema",
            true,
            false,
        )],
    );
}

/// Wherever the function is connected, also in a module that `ready` calls, and under a condition.
#[test]
fn handlers_that_another_module_connects_count() {
    let changes = (
        "shop.post_migrate",
        "shop.signals.widen runs after every migrate: it changes the schema",
        true,
        false,
    );
    let signals = |connect: &str| {
        format!(
            "from django.db import connection\nfrom django.db.models.signals import post_migrate\n\
             def widen(sender, **kwargs):\n    connection.cursor().execute({WIDEN})\n{connect}\n"
        )
    };
    let plain = "from django.apps import AppConfig\nclass Shop(AppConfig):\n    name = 'shop'\n    def ready(self):\n        ";
    let registers = signals("def register(app):\n    post_migrate.connect(widen, sender=app)\n");
    let apps = format!("{plain}from .signals import register\n        register(self)\n");
    check_after(&[("shop/apps.py", &apps), ("shop/signals.py", &registers)], &[changes]);
    let conditional = signals("if True:\n    post_migrate.connect(widen)\n");
    let apps = format!("{plain}from . import signals\n");
    check_after(&[("shop/apps.py", &apps), ("shop/signals.py", &conditional)], &[changes]);
}

/// Which database is meant decides what a handler does.
#[test]
fn a_handler_is_asked_about_the_database_at_hand() {
    let text = apps(
        "post_migrate.connect(widen)",
        &format!("if kwargs['using'] == 'other':\n            cursor.execute({WIDEN})"),
    );
    let files: Vec<(&str, &str)> =
        MIGRATIONS.iter().copied().chain([("shop/apps.py", text.as_str())]).collect();
    for (alias, count) in [(DEFAULT, 0), ("other", 1)] {
        assert_eq!(history_of(&files, alias).handlers.len(), count, "{alias}");
    }
}
