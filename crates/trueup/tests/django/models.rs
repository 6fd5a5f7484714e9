//! `check --models`: what Django's autodetector says, and what is read where Django cannot start.

use serde_json::Value;
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
            ('name', models.CharField(max_length=30)),
            ('gone', models.TextField()),
            ('owner', models.ForeignKey('auth.User', models.CASCADE)),
        ]),
        migrations.CreateModel('Old', [
            ('id', models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name='ID')),
        ]),
    ]
";

const MODELS: &str = "\
from django.contrib.auth.models import AbstractUser
from django.db import models


class Stamped(models.Model):
    stamped = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Item(Stamped):
    name = models.CharField(max_length=20, help_text='words')
    owner_id = models.IntegerField()
    tags = models.ManyToManyField('Tag')

    class Meta:
        indexes = [models.Index(fields=['name'], name='item_name')]


class Tag(models.Model):
    label = models.SlugField(verbose_name='called')
";

/// Object, what would be written, file and line of each finding.
fn told(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let told = |finding: &Value| {
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let object = &finding["object"];
        format!(
            "{} {} {} {}:{} {}",
            word(&finding["code"]),
            word(&finding["severity"]),
            word(&finding["aspect"]),
            word(&finding["origin"]["file"]),
            finding["origin"]["line"],
            [&object["table"], &object["relation"], &object["name"]]
                .iter()
                .filter_map(|part| part.as_str())
                .collect::<Vec<_>>()
                .join(".")
        )
    };
    findings.iter().map(told).collect()
}

#[track_caller]
fn check(version: &'static str) {
    let site = Site::new(
        Django::of(version),
        &[("shop/migrations/0001_initial.py", INITIAL), ("shop/models.py", MODELS)],
    );
    let database = servers::server(15).create_database(&format!("models-{version}"));
    site.manage(&database, &["migrate", "--skip-checks"]);
    let files = site.files();
    let asked = site.trueup(&database, &["check", "--models", "--format", "json"]).exits(2);
    assert_eq!(told(&asked.json()), ASKED, "Django {version}");
    assert_eq!(site.files(), files, "the project was written to");

    site.trueup(&database, &["check", "--models"])
        .exits(2)
        .says(&["than the migrations make: max_length is 20, in the migrations 30"]);

    // The same without Django: what a field became is one change.
    site.write("shop/models.py", &format!("{MODELS}import nowhere\n"));
    let read = site.trueup(&database, &["check", "--models", "--format", "json"]).exits(2);
    assert_eq!(told(&read.json()), READ, "Django {version}");
    site.trueup(&database, &["check", "--models"]).exits(2).says(&[
        "the models are read without django, which cannot tell: ModuleNotFoundError: No module named 'nowhere'",
        &format!("shop/models.py:{}", MODELS.lines().count() + 1),
    ]);

    // Once Django has written the migration, there is nothing to say, either way.
    site.write("shop/models.py", MODELS);
    site.write("shop/later.py", "");
    let models = MODELS.replace("models.IntegerField()", "models.IntegerField(default=0)");
    site.write("shop/models.py", &models);
    site.manage(&database, &["makemigrations", "shop"]);
    site.manage(&database, &["migrate", "--skip-checks"]);
    site.trueup(&database, &["check", "--models", "--fail-on", "info"]).exits(0);
    site.write("shop/models.py", &format!("{models}import nowhere\n"));
    site.trueup(&database, &["check", "--models", "--fail-on", "info"])
        .exits(0)
        .says(&["the models are read without django"]);
}

/// A field that became another one is two operations to Django.
const ASKED: &[&str] = &[
    "unmigrated-change warning remove-field shop/models.py:12 shop_item.gone",
    "unmigrated-change warning alter-field shop/models.py:13 shop_item.name",
    "unmigrated-change warning add-field shop/models.py:14 shop_item.owner_id",
    "unmigrated-change warning remove-field shop/models.py:12 shop_item.owner_id",
    "unmigrated-change warning add-field shop/models.py:6 shop_item.stamped",
    "unmigrated-change warning add-index shop/models.py:12 shop_item.item_name",
    "unmigrated-change warning add-field shop/models.py:15 shop_item_tags",
    "unmigrated-change warning delete-model -:null shop_old",
    "unmigrated-change warning create-model shop/models.py:21 shop_tag",
];
const READ: &[&str] = &[
    "unmigrated-change warning remove-field shop/models.py:12 shop_item.gone",
    "unmigrated-change warning alter-field shop/models.py:13 shop_item.name",
    "unmigrated-change warning alter-field shop/models.py:14 shop_item.owner_id",
    "unmigrated-change warning add-field shop/models.py:6 shop_item.stamped",
    "unmigrated-change warning add-index shop/models.py:12 shop_item.item_name",
    "unmigrated-change warning add-field shop/models.py:15 shop_item_tags",
    "unmigrated-change warning delete-model -:null shop_old",
    "unmigrated-change warning create-model shop/models.py:21 shop_tag",
];

#[test]
fn models_are_held_against_the_migrations_of_django_3_2() {
    check(VERSIONS[0].0);
}

#[test]
fn models_are_held_against_the_migrations_of_django_4_2() {
    check(VERSIONS[1].0);
}

#[test]
fn models_are_held_against_the_migrations_of_django_5_2() {
    check(VERSIONS[2].0);
}

#[test]
fn models_are_held_against_the_migrations_of_the_newest_django() {
    check(VERSIONS[3].0);
}

/// Django's autodetector leaves out apps that have no package of migrations.
#[test]
fn models_of_an_app_without_migrations_are_told() {
    let site = Site::new(
        Django::of(VERSIONS[2].0),
        &[
            ("away/__init__.py", ""),
            ("away/models.py", "from django.db import models\n\n\nclass Thing(models.Model):\n    pass\n"),
        ],
    );
    site.add_to_settings("INSTALLED_APPS.append('away')\n");
    let database = servers::server(15).create_database("models-away");
    site.manage(&database, &["migrate", "--skip-checks"]);
    let told_of =
        || told(&site.trueup(&database, &["check", "--models", "--format", "json"]).exits(2).json());
    let expected = ["unmigrated-change warning create-model away/models.py:4 away_thing"];
    assert_eq!(told_of(), expected);
    // And where Django cannot start.
    site.write("shop/models.py", "import nowhere\n");
    assert_eq!(told_of(), expected);
    site.write("shop/models.py", "from django.db import = models\n");
    site.trueup(&database, &["check", "--models"])
        .exits(2)
        .says(&["error[unreadable-models] shop.models", "the models shop.models could not be read"]);
}

#[test]
fn two_last_migrations_are_said_and_compared_as_after_a_merge() {
    let leaf = |field: &str| {
        format!(
            "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    dependencies = \
             [('shop', '0001_initial')]\n    operations = [migrations.AddField('old', '{field}', \
             models.IntegerField(null=True))]\n"
        )
    };
    let models = "\
from django.db import models


class Item(models.Model):
    name = models.CharField(max_length=30)
    gone = models.TextField()
    owner = models.ForeignKey('auth.User', models.CASCADE)


class Old(models.Model):
    a = models.IntegerField(null=True)
    b = models.IntegerField(null=True)
";
    let site = Site::new(
        Django::of(VERSIONS[2].0),
        &[
            ("shop/migrations/0001_initial.py", INITIAL),
            ("shop/migrations/0002_a.py", &leaf("a")),
            ("shop/migrations/0002_b.py", &leaf("b")),
            ("shop/models.py", models),
        ],
    );
    let database = servers::server(15).create_database("models-leaves");
    site.trueup(&database, &["check", "--models", "--fail-on", "never"])
        .exits(0)
        .says(&["shop ends in 0002_a and 0002_b", "as after `makemigrations --merge`", "several-heads"])
        .does_not_say(&["unmigrated-change"]);
}

#[test]
fn who_has_no_models_is_told_so() {
    let folder =
        crate::common::project(&[("db/migrations/00001_a.sql", "-- +goose Up\ncreate table a (id int);\n")]);
    let database = servers::server(15).create_database("models-goose");
    let url = crate::common::with_password(&database.url());
    crate::common::trueup(folder.path(), &["check", "--models", "--database-url", &url])
        .exits(1)
        .says(&["goose has no models that could be compared", "leave --models out"]);
}
