//! `--database-alias`: several databases, and routers that say what is to be found where.

use trueup_testing::django::{Django, VERSIONS};
use trueup_testing::servers;

use super::project::Site;

const ROUTERS: &str = "\
class Reports:
    'Reports have a database of their own.'

    def db_for_read(self, model, **hints):
        return None

    def allow_migrate(self, db, app_label, model_name=None, **hints):
        if hints.get('target') == 'everywhere':
            return True
        if app_label == 'reports':
            return db == 'reports'
        return db == 'default' if db in ('default', 'reports') else None
";

const REPORTS: &str = "\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel('Report', [
            ('id', models.BigAutoField(primary_key=True)),
            ('title', models.TextField()),
            ('made', models.DateTimeField()),
        ]),
        migrations.RunSQL('create view report_ids as select id from reports_report', 'drop view report_ids'),
    ]
";

const SHOP: &str = "\
from django.db import migrations, models


class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel('Item', [('id', models.BigAutoField(primary_key=True))]),
        migrations.RunSQL('create table stamps (id int)', 'drop table stamps', hints={'target': 'everywhere'}),
    ]
";

fn site(settings: &str, routers: &str) -> Site {
    let site = Site::new(
        Django::of(VERSIONS[2].0),
        &[
            ("site1/routers.py", routers),
            ("shop/migrations/0001_initial.py", SHOP),
            ("reports/__init__.py", ""),
            ("reports/migrations/__init__.py", ""),
            ("reports/migrations/0001_initial.py", REPORTS),
        ],
    );
    site.add_to_settings(settings);
    site
}

const SETTINGS: &str = "
INSTALLED_APPS += ['reports']
DATABASES['reports'] = {**DATABASES['default'], 'NAME': os.environ.get('REPORTS', 'reports')}
DATABASES['old'] = {'ENGINE': 'django.db.backends.mysql', 'NAME': 'old'}
DATABASE_ROUTERS = ['site1.routers.Reports']
";

#[test]
fn each_database_is_held_against_what_its_routers_let_run() {
    let site = site(SETTINGS, ROUTERS);
    let server = servers::server(15);
    let (main, reports) = (server.create_database("alias-main"), server.create_database("alias-reports"));
    let variables = [
        ("DBNAME", main.name()),
        ("REPORTS", reports.name()),
        ("DBPORT", &server.port().to_string()),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere"),
    ];
    for alias in ["default", "reports"] {
        let output = site.django.manage(
            site.folder.path(),
            &main,
            &["migrate", "--database", alias],
            &[("REPORTS", reports.name())],
        );
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // The alias decides the connection, too, whatever DATABASE_URL says.
        site.run(&["check", "--database-alias", alias, "--fail-on", "info"], &variables).exits(0);
    }
    assert_eq!(
        reports.value("select to_regclass('shop_item') is null and to_regclass('stamps') is not null"),
        "t"
    );
    // Held against what the other one should have, each lacks something.
    let url = reports.url();
    site.run(&["check", "--database-alias", "default", "--database-url", &url], &variables)
        .exits(2)
        .says(&["missing-table] public.shop_item", "unexpected-table] public.reports_report"]);
    site.run(&["check", "--database-alias", "report"], &variables)
        .exits(1)
        .says(&["unknown database alias `report`", "did you mean `reports`?"]);
    site.run(&["check", "--database-alias", "x"], &variables)
        .exits(1)
        .says(&["one of default, old, reports"]);
    site.run(&["check", "--database-alias", "old"], &variables).exits(1).says(&[
        "DATABASES[\"old\"] leads to no PostgreSQL: its engine is django.db.backends.mysql",
        "--database-url",
    ]);
    site.write("trueup.toml", "database-alias = \"reports\"\n");
    site.run(&["check", "--fail-on", "info"], &variables).exits(0);
}

/// Parts of an app are in the one database, parts in the other: the repair of one does not run in the other.
#[test]
fn a_repair_runs_where_the_models_of_its_tables_are() {
    let routers = "\
class Halves:
    def allow_migrate(self, db, app_label, model_name=None, **hints):
        if app_label == 'reports':
            return db == 'reports'
        if model_name is not None:
            return db == ('reports' if model_name == 'wish' else 'default')
";
    let wishes = "\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('shop', '0001_initial')]
    operations = [
        migrations.CreateModel('Wish', [('id', models.BigAutoField(primary_key=True)), ('of', models.TextField())]),
    ]
";
    let settings = SETTINGS.replace("Reports", "Halves");
    let site = site(&settings, routers);
    site.write("shop/migrations/0002_wishes.py", wishes);
    let server = servers::server(15);
    let (main, reports) = (server.create_database("halves-main"), server.create_database("halves-reports"));
    let variables =
        [("DBNAME", main.name()), ("REPORTS", reports.name()), ("DBPORT", &server.port().to_string())];
    let migrate = |alias: &str| {
        let words = ["migrate", "--database", alias];
        let output = site.django.manage(site.folder.path(), &main, &words, &[("REPORTS", reports.name())]);
        assert!(output.status.success(), "{alias}: {}", String::from_utf8_lossy(&output.stderr));
    };
    migrate("default");
    migrate("reports");
    main.run("alter table shop_item add column by_hand int; drop table auth_group_permissions");
    reports.run("alter table shop_wish drop column \"of\"");
    site.run(&["repair", "--yes", "--database-alias", "reports"], &variables)
        .exits(0)
        .says(&["column public.shop_wish.of", "0003_repair_halves_reports.py"]);
    migrate("reports");
    migrate("default");
    site.run(&["check", "--database-alias", "reports"], &variables).exits(0);
    site.run(&["repair", "--yes", "--database-alias", "default", "--allow", "drop"], &variables)
        .exits(0)
        .says(&["0004_repair_halves_main.py"]);
    migrate("reports");
    migrate("default");
    for alias in ["default", "reports"] {
        site.run(&["check", "--database-alias", alias], &variables).exits(0);
    }
}

/// Nothing is called somebody's own doing because settings could not be read.
#[test]
fn settings_that_cannot_be_read_end_the_check() {
    let site = Site::new(Django::of(VERSIONS[2].0), &[]);
    let database = servers::server(15).create_database("settings");
    site.manage(&database, &["migrate", "--skip-checks"]);
    site.trueup(&database, &["check"]).exits(0);
    for (text, said) in [
        ("INSTALLED_APPS = = []\n", "the file is not valid Python: expected an expression"),
        (
            "from nowhere import APPS\nINSTALLED_APPS += APPS\n",
            "INSTALLED_APPS is not known: no module named nowhere",
        ),
        ("INSTALLED_APPS = []\n", "INSTALLED_APPS is empty"),
    ] {
        site.add_to_settings(text);
        site.trueup(&database, &["check"])
            .exits(1)
            .says(&[said, "hint: "])
            .does_not_say(&["drop", "committed"]);
    }
    // One app that is not there leaves the others to be judged.
    site.add_to_settings("INSTALLED_APPS.append('gone')\nINSTALLED_APPS.remove('django.contrib.auth')\n");
    site.trueup(&database, &["check"])
        .exits(2)
        .says(&["the settings site1.settings could not be read completely", "the app gone cannot be read"])
        .does_not_say(&["unexpected-table", "phantom-migration", "trueup repair"]);
    site.add_to_settings("DATABASES['default']['ENGINE'] = 'django.db.backends.sqlite3'\n");
    site.run(&["check"], &[]).exits(1).says(&["its engine is django.db.backends.sqlite3", "--database-url"]);
}

#[test]
fn a_router_that_is_not_followed_makes_what_it_decides_opaque() {
    let routers = "\
import socket


class Reports:
    def allow_migrate(self, db, app_label, model_name=None, **hints):
        return None if app_label != 'reports' else socket.gethostname() == 'reports'
";
    let site = site(SETTINGS, routers);
    let database = servers::server(15).create_database("alias-unknown");
    site.manage(&database, &["migrate"]);
    site.trueup(&database, &["check", "--database-alias", "default"])
        .exits(0)
        .says(&["not-checked] reports.0001_initial", "whether a router lets it run is not known"])
        .does_not_say(&["not-checked] shop.0001_initial"]);
}

#[test]
fn a_tool_with_one_database_has_no_aliases() {
    let folder =
        crate::common::project(&[("db/migrations/00001_a.sql", "-- +goose Up\ncreate table a (id int);\n")]);
    crate::common::trueup(folder.path(), &["check", "--database-alias", "other"])
        .exits(1)
        .says(&["choosing the database other: goose has one only", "leave --database-alias out"]);
}
