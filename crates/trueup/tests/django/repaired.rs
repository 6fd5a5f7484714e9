//! Repairs written as Django's migrations, and run by Django itself: forwards and back.

use trueup_testing::django::{Django, VERSIONS};
use trueup_testing::servers;

use super::project::Site;
use crate::common::dump;

const INITIAL: &str = "\
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [('auth', '0001_initial')]
    operations = [
        migrations.CreateModel('Item', [
            ('id', models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name='ID')),
            ('name', models.CharField(max_length=30)),
        ]),
    ]
";

const MORE: &str = "\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('shop', '0001_initial')]
    operations = [
        migrations.AddField('item', 'seats', models.PositiveIntegerField(null=True, db_index=True)),
        migrations.CreateModel('Order', [
            ('id', models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name='ID')),
            ('item', models.ForeignKey('shop.Item', models.CASCADE)),
            ('buyer', models.ForeignKey('auth.User', models.CASCADE)),
            ('code', models.SlugField(unique=True)),
        ], options={'unique_together': {('item', 'buyer')}, 'db_table': 'shop_purchases'}),
    ]
";

const PARTS: &str = "\
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [('shop', '0001_initial')]
    operations = [
        migrations.CreateModel('Part', [
            ('id', models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name='ID')),
            ('item', models.OneToOneField('shop.Item', models.CASCADE)),
        ]),
    ]
";

#[track_caller]
fn check(django: Django, name: &str) {
    let site = Site::new(
        django,
        &[
            ("shop/migrations/0001_initial.py", INITIAL),
            ("shop/migrations/0002_more.py", MORE),
            ("parts/__init__.py", ""),
            ("parts/migrations/__init__.py", ""),
            ("parts/migrations/0001_initial.py", PARTS),
        ],
    );
    site.add_to_settings("INSTALLED_APPS += ['parts']\n");
    let server = servers::server(15);
    let healthy = server.create_database(&format!("{name}-healthy"));
    site.manage(&healthy, &["migrate"]);
    let expected = dump(&healthy);
    let broken = server.create_database(&format!("{name}-broken"));
    site.manage(&broken, &["migrate", "auth"]);
    site.manage(&broken, &["migrate", "shop", "0001"]);
    site.manage(&broken, &["migrate", "--fake"]);
    let before = dump(&broken);

    let files = site.files();
    site.trueup(&broken, &["repair", "--yes"]).exits(0);
    let mut written = site.files();
    written.retain(|file| !files.contains(file));
    let mut apps: Vec<&str> = written.iter().filter_map(|file| file.split('/').next()).collect();
    apps.dedup();
    assert_eq!(apps, ["parts", "shop"], "{written:?}");

    // Django runs it where something is missing, and where nothing is.
    for database in [&broken, &healthy] {
        site.manage(database, &["migrate"]);
        assert_eq!(dump(database), expected, "{name}: after migrate");
        site.trueup(database, &["check", "--fail-on", "info"]).exits(0);
    }
    // And back: the parts first, since both lean on the app of the shop.
    site.manage(&broken, &["migrate", "parts", "0001"]);
    site.manage(&broken, &["migrate", "shop", "0002"]);
    assert_eq!(dump(&broken), before, "{name}: after going back");
    site.manage(&broken, &["migrate"]);
    assert_eq!(dump(&broken), expected, "{name}: forwards again");

    // All files of it are one repair to us, whichever app they are in.
    site.manage(&broken, &["migrate", "parts", "0001"]);
    site.manage(&broken, &["migrate", "shop", "0002"]);
    site.trueup(&broken, &["apply", "--yes"]).exits(0).says(&["a proven repair"]);
    site.trueup(&broken, &["check", "--fail-on", "info"]).exits(0);
    site.trueup(&broken, &["undo", "--yes"]).exits(0);
    assert_eq!(broken.value("select to_regclass('shop_purchases') is null"), "t", "{name}: after undo");
    let proof = written.iter().find(|file| file.ends_with(".proof.toml")).expect("a proof");
    site.remove(proof);
    site.trueup(&broken, &["apply", "--yes"]).exits(3).says(&[proof]);
}

#[test]
fn django_3_2_runs_a_repair_forwards_and_back() {
    check(Django::of(VERSIONS[0].0), "repaired-3");
}

#[test]
fn the_newest_django_runs_a_repair_forwards_and_back() {
    check(Django::of(VERSIONS[3].0), "repaired-6");
}

#[test]
fn django_runs_a_repair_through_psycopg_3() {
    check(Django::with_psycopg_3(VERSIONS[3].0), "repaired-psycopg3");
}

/// Django runs nothing while an app ends in two places: the repair joins them, and says so.
#[test]
fn a_repair_joins_branches_that_were_never_merged() {
    let branch = |name: &str| {
        format!(
            "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    \
             dependencies = [('shop', '0001_initial')]\n    operations = [migrations.AddField('item', '{name}', \
             models.TextField(null=True))]\n"
        )
    };
    let site = Site::new(
        Django::of(VERSIONS[2].0),
        &[("shop/migrations/0001_initial.py", INITIAL), ("shop/migrations/0002_left.py", &branch("west"))],
    );
    let database = servers::server(15).create_database("repaired-branches");
    site.manage(&database, &["migrate"]);
    database.run(
        "alter table shop_item add column east text;
         insert into django_migrations (app, name, applied) values ('shop', '0002_right', now())",
    );
    site.write("shop/migrations/0002_right.py", &branch("east"));
    // Nothing is wrong with the database itself, and that is not all there is to say.
    site.trueup(&database, &["repair"]).exits(0).says(&[
        "nothing to do in",
        "not for a repair of the database",
        "error[several-heads]",
    ]);
    database.run("alter table shop_item drop column name");
    site.trueup(&database, &["repair", "--yes"]).exits(0).says(&["not for a repair", "several-heads"]);
    site.manage(&database, &["migrate"]);
    site.trueup(&database, &["check"]).exits(0).does_not_say(&["several-heads", "missing-column"]);
}

/// Content types and permissions are made by handlers of Django: whoever runs migrations without it has to know.
#[test]
fn what_django_does_after_migrations_is_said() {
    let site = Site::new(
        Django::of(VERSIONS[2].0),
        &[
            ("shop/models.py", ""),
            ("shop/migrations/0001_initial.py", INITIAL),
            ("shop/migrations/0002_more.py", MORE),
        ],
    );
    let database = servers::server(15).create_database("applied-without-django");
    site.manage(&database, &["migrate", "auth"]);
    site.manage(&database, &["migrate", "shop", "0001"]);
    site.trueup(&database, &["apply"]).says(&["shop.0002_more", "post_migrate", "manage.py migrate"]);
    site.trueup(&database, &["apply", "--yes"]).exits(0);
    site.trueup(&database, &["check", "--fail-on", "info"]).exits(0);
    let types = "select count(*) from django_content_type where app_label = 'shop' and model = 'order'";
    assert_eq!(database.value(types), "0");
    site.manage(&database, &["migrate"]);
    assert_eq!(database.value(types), "1");
}
