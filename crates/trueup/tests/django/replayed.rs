//! `--replay framework`: Django itself says what its migrations send.

use trueup_testing::django::{Django, VERSIONS};
use trueup_testing::servers;

use super::project::Site;

const INITIAL: &str = "\
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [('auth', '0001_initial')]
    operations = [
        migrations.CreateModel('Item', [
            ('id', models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name='ID')),
            ('name', models.CharField(max_length=30, db_index=True)),
            ('owner', models.ForeignKey('auth.User', models.CASCADE)),
            ('friends', models.ManyToManyField('shop.Item')),
            ('data', models.JSONField(default=dict)),
        ]),
        migrations.AddConstraint('item', models.UniqueConstraint(fields=['name', 'owner'], name='once')),
        migrations.RunSQL('create view names as select name from shop_item', 'drop view names'),
    ]
";

const BY_CODE: &str = "\
from django.db import migrations


def make(apps, schema_editor):
    for kind in sorted(model._meta.model_name for model in apps.get_models() if model._meta.app_label == 'shop'):
        schema_editor.execute('create table %s_notes (id int primary key)' % kind)


class Migration(migrations.Migration):
    dependencies = [('shop', '0001_initial')]
    operations = [migrations.RunPython(make)]
";

#[track_caller]
fn check(django: Django, name: &str) {
    let site = Site::new(django, &[("shop/migrations/0001_initial.py", INITIAL)]);
    let database = servers::server(15).create_database(name);
    site.manage(&database, &["migrate"]);
    for source in ["files", "framework"] {
        site.trueup(&database, &["check", "--replay", source, "--fail-on", "info"]).exits(0);
    }
    site.write("shop/migrations/0002_by_code.py", BY_CODE);
    site.manage(&database, &["migrate"]);
    site.trueup(&database, &["check"]).exits(2).says(&[
        "not-checked] shop.0002_by_code",
        "shop/migrations/0002_by_code.py:6",
        "public.item_notes",
    ]);
    site.trueup(&database, &["check", "--replay", "framework", "--fail-on", "info"]).exits(0);
    // What is missing then is found as well.
    database.run("drop table item_notes");
    site.trueup(&database, &["check", "--replay", "framework"])
        .exits(2)
        .says(&["missing-table] public.item_notes", "shop.0002_by_code"]);
}

#[test]
fn django_3_2_says_what_it_sends() {
    check(Django::of(VERSIONS[0].0), "replayed-3");
}

#[test]
fn the_newest_django_says_what_it_sends() {
    check(Django::of(VERSIONS[3].0), "replayed-6");
}

#[test]
fn django_says_what_it_sends_through_psycopg_3() {
    check(Django::with_psycopg_3(VERSIONS[3].0), "replayed-psycopg3");
}
