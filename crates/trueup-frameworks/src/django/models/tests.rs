//! Models that were read beside what the migrations make.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::project::{Project, Request, read as read_project};
use super::of_apps;
use crate::models::ModelChange;
use crate::python::Memory;

const MANAGE: &str = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n";
const SETTINGS: &str = "\
INSTALLED_APPS = ['django.contrib.auth', 'django.contrib.contenttypes', 'shop', 'parts']
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
";
const SITE: &str = ".venv/lib/python3.11/site-packages";
const USER: &str = "\
from django.db import models
class AbstractUser(models.Model):
    username = models.CharField(max_length=150, unique=True)
    class Meta:
        abstract = True
class User(AbstractUser):
    class Meta(AbstractUser.Meta):
        swappable = 'AUTH_USER_MODEL'
";

fn project(files: &[(&str, &str)]) -> Project {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let usual = [
        ("manage.py", MANAGE),
        ("site1/__init__.py", ""),
        ("site1/settings.py", SETTINGS),
        ("shop/__init__.py", ""),
        ("shop/migrations/__init__.py", ""),
        ("parts/__init__.py", ""),
    ];
    for (path, text) in usual.iter().chain(files) {
        all.insert((*path).to_owned(), (*text).to_owned());
    }
    for (path, text) in [
        ("django/__init__.py", "VERSION = (5, 2, 1, \"final\", 0)\n"),
        ("django/contrib/__init__.py", ""),
        ("django/contrib/auth/__init__.py", GET_USER),
        ("django/contrib/auth/models.py", USER),
        ("django/contrib/contenttypes/__init__.py", ""),
    ] {
        all.insert(format!("{SITE}/{path}"), text.to_owned());
    }
    let files = Memory::new(all.into_iter().map(|(path, text)| (format!("/p/{path}"), text)));
    let mut request = Request::new("/p", BTreeMap::new());
    request.files = Rc::new(files);
    read_project(&request).unwrap_or_else(|error| panic!("{error}"))
}

const GET_USER: &str = "\
from django.apps import apps as django_apps
from django.conf import settings
def get_user_model():
    return django_apps.get_model(settings.AUTH_USER_MODEL, require_ready=False)
";

const ID: &str = "('id', models.BigAutoField(primary_key=True)),";

fn migration(operations: &str) -> String {
    format!(
        "from django.db import migrations, models\nfrom django.conf import settings\nclass Migration(migrations.Migration):\n    \
         operations = [{}]\n",
        operations.replace("ID", ID)
    )
}

fn told(change: &ModelChange) -> String {
    let column = change.column.as_deref().unwrap_or("-");
    let line = change.line.map_or_else(String::new, |line| format!(" @{line}"));
    let details = change.details.as_ref().map_or_else(String::new, |details| format!(": {details}"));
    format!(
        "{} {}.{} {} {}.{column}{line}{details}",
        change.operation,
        change.app,
        change.model,
        change
            .field
            .as_ref()
            .or(change.index.as_ref())
            .or(change.constraint.as_ref())
            .map_or("-", String::as_str),
        change.table.as_deref().unwrap_or("-"),
    )
}

/// What comes out for one file of models and one migration of the app `shop`: changes, then notes but the last.
#[track_caller]
fn check(models: &str, operations: &str, expected: &[&str]) {
    check_with(&[("shop/models.py", models)], operations, expected);
}

#[track_caller]
fn check_with(files: &[(&str, &str)], operations: &str, expected: &[&str]) {
    let migration = migration(operations);
    let files: Vec<(&str, &str)> =
        files.iter().copied().chain([("shop/migrations/0001_initial.py", migration.as_str())]).collect();
    let mut read = of_apps(&project(&files), |app| app.of_project);
    let last = read.notes.pop().unwrap_or_default();
    assert!(last.starts_with("the models were read from their files"), "{last}");
    let broken = read.findings.iter().map(|finding| {
        let origin = finding.origin.as_ref().expect("an origin");
        let place = origin.place.as_ref().expect("a place");
        let found = finding.found.as_deref().unwrap_or_default();
        let excerpt = origin.excerpt.as_deref().unwrap_or_default();
        format!("{} {} {found} {}:{} {excerpt}", finding.code, origin.migration, place.file, place.line)
    });
    let mut found: Vec<String> = broken.chain(read.changes.iter().map(told)).collect();
    found.extend(read.notes);
    assert_eq!(found, expected, "\n{models}", models = files[0].1);
}

const IMPORT: &str = "from django.db import models\n";

#[test]
fn nothing_is_said_of_models_that_the_migrations_make() {
    let models = "\
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import models
from parts.base import Stamped
class Helper:
    note = 'no field'
class Shop(Helper, Stamped):
    name = models.CharField('name', max_length=20, help_text='words')
    owner = models.ForeignKey(User, models.CASCADE, related_name='+')
    other = models.ForeignKey(get_user_model(), models.CASCADE, related_name='+')
    third = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name='+', null=True)
    parent = models.ForeignKey('self', models.CASCADE, null=True)
    objects = models.Manager()
    @property
    def shown(self):
        return self.name
class Special(Shop):
    extra = models.TextField()
class Seen(Shop):
    class Meta:
        proxy = True
class Left(models.Model):
    class Meta:
        managed = False
class Ordered(Stamped):
    shop = models.ForeignKey(Shop, models.CASCADE)
    friends = models.ManyToManyField('Shop', related_name='+')
    stamped = None
    class Meta(Stamped.Meta):
        order_with_respect_to = 'shop'
        db_table = 'ordered'
";
    let base = "\
from django.db import models
class Stamped(models.Model):
    stamped = models.DateTimeField(auto_now=True)
    class Meta:
        abstract = True
        ordering = ['stamped']
";
    let operations = "\
migrations.CreateModel('Shop', [ID ('name', models.CharField(max_length=20)), ('stamped', models.DateTimeField()),
    ('owner', models.ForeignKey('auth.user', models.CASCADE)), ('other', models.ForeignKey('auth.user', models.CASCADE)),
    ('third', models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)),
    ('parent', models.ForeignKey('shop.shop', models.CASCADE, null=True))]),
migrations.CreateModel('Special', [('extra', models.TextField()), ('shop_ptr', models.OneToOneField('shop.shop',
    models.CASCADE, parent_link=True, primary_key=True))], bases=('shop.shop',)),
migrations.CreateModel('Seen', [], {'proxy': True}, ('shop.shop',)),
migrations.CreateModel('Left', [ID], {'managed': False}),
migrations.CreateModel('Ordered', [ID ('shop', models.ForeignKey('shop.shop', models.CASCADE)),
    ('friends', models.ManyToManyField('shop.shop'))], {'db_table': 'ordered', 'order_with_respect_to': 'shop'}),";
    check_with(&[("shop/models.py", models), ("parts/base.py", base)], operations, &[]);
}

#[test]
fn fields_that_only_one_side_has_are_told_with_their_columns() {
    let models = format!(
        "{IMPORT}class A(models.Model):\n    seats = models.IntegerField()\n    tags = models.ManyToManyField('self')\n"
    );
    check(
        &models,
        "migrations.CreateModel('A', [ID ('gone', models.TextField(db_column='old'))])",
        &[
            "AddField shop.A seats shop_a.seats @3",
            "AddField shop.A tags shop_a_tags.- @4",
            "RemoveField shop.A gone shop_a.old @2",
        ],
    );
}

#[test]
fn a_foreign_key_that_became_a_number_is_one_change() {
    let models = format!(
        "{IMPORT}class A(models.Model):\n    event_id = models.IntegerField(null=True)\n    b = models.IntegerField()\n"
    );
    check(
        &models,
        "migrations.CreateModel('A', [ID ('event', models.ForeignKey('events.event', models.CASCADE, null=True)),
            ('b', models.ForeignKey('shop.a', models.CASCADE))])",
        &[
            "AlterField shop.A b shop_a.b_id @4: it is a plain field, in the migrations a foreign key to shop.a; its \
             column is b, in the migrations b_id; its type is integer, in the migrations bigint; it is not indexed, \
             in the migrations indexed",
            "AlterField shop.A event_id shop_a.event_id @3: it was event; it is a plain field, in the migrations a \
             foreign key to events.event; it is not indexed, in the migrations indexed",
        ],
    );
}

#[test]
fn types_lengths_and_rules_of_columns_are_compared() {
    let models = format!(
        "{IMPORT}class A(models.Model):\n    a = models.CharField(max_length=30, null=True)\n    \
         b = models.SlugField(unique=True)\n    c = models.EmailField()\n    class Meta:\n        db_table = 'other'\n"
    );
    check(
        &models,
        "migrations.CreateModel('A', [ID ('a', models.CharField(max_length=20)), ('b', models.SlugField()),
            ('c', models.CharField(max_length=254))])",
        &[
            "AlterModelTable shop.A - shop_a.- @2",
            "AlterField shop.A a shop_a.a @3: its type is varchar(30), in the migrations varchar(20); it is null, in \
             the migrations not null",
            "AlterField shop.A b shop_a.b @4: it is unique, in the migrations not unique; it is not indexed, in the \
             migrations indexed",
        ],
    );
}

const WITH_META: &str = "\
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
class Base(models.Model):
    class Meta:
        abstract = True
        indexes = [models.Index(fields=['at'], name='%(app_label)s_%(class)s_at')]
class A(Base):
    name = models.CharField(max_length=20)
    at = models.DateField(db_column='when')
    size = models.IntegerField()
    class Meta(Base.Meta):
        unique_together = ('name', 'at')
        indexes = Base.Meta.indexes + [
            models.Index(fields=['name', '-at']),
            GinIndex(fields=['at']),
            models.Index(fields=['size'], name='large', condition=Q(size__gt=100)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0) & Q(size__lt=1000), name='%(class)s_size'),
            models.UniqueConstraint(fields=['size'], name='one_size'),
        ]
";

/// What migrations make of it.
fn with_meta(unique: &str, large: &str, size: &str, more: &str) -> String {
    format!(
        "migrations.CreateModel('A', [ID ('name', models.CharField(max_length=20)),
            ('at', models.DateField(db_column='when')), ('size', models.IntegerField())],
            {{'unique_together': {{{unique}}}}}),
        migrations.AddIndex('a', models.Index(fields=['at'], name='shop_a_at')),
        migrations.AddIndex('a', models.Index(fields=['name', '-at'], name='shop_a_name_fec21c_idx')),
        migrations.AddIndex('a', models.Index(fields=['size'], name='large', condition=models.Q(('size__gt', {large})))),
        migrations.AddConstraint('a', models.CheckConstraint(condition=models.Q(('size__gte', 0), ('size__lt', {size})),
            name='a_size')),
        migrations.AddConstraint('a', models.UniqueConstraint(fields=('size',), name='one_size')),{more}"
    )
}

#[test]
fn what_meta_says_of_indexes_and_constraints_is_compared() {
    let models = WITH_META.replace("            GinIndex(fields=['at']),\n", "");
    check(&models, &with_meta("('name', 'at')", "100", "1000", ""), &[]);
    check(
        &models,
        &with_meta(
            "('name', 'size')",
            "5",
            "10",
            "migrations.AddIndex('a', models.Index(fields=['at'], name='gone')),
             migrations.AddConstraint('a', models.UniqueConstraint(fields=('at',), name='gone_too'))",
        ),
        &[
            "RemoveIndex shop.A large shop_a.- @8",
            "AddIndex shop.A large shop_a.- @8",
            "RemoveIndex shop.A gone shop_a.- @8",
            "RemoveConstraint shop.A a_size shop_a.- @8",
            "AddConstraint shop.A a_size shop_a.- @8",
            "RemoveConstraint shop.A gone_too shop_a.- @8",
            "AlterUniqueTogether shop.A - shop_a.- @8: it is (name, at), in the migrations (name, size)",
        ],
    );
    check(
        WITH_META,
        &with_meta("('name', 'at')", "100", "1000", ""),
        &["AddIndex shop.A shop_a_when_53147f_gin shop_a.- @8"],
    );
    let unknown =
        models.replace("GinIndex\n", "GinIndex\nfrom nowhere import more\n").replace("'large'", "more");
    check(
        &unknown,
        &with_meta("('name', 'at')", "100", "1000", ""),
        &["indexes of the model shop.A are not compared: no module named nowhere (shop/models.py:2)"],
    );
}

#[test]
fn models_of_an_app_without_migrations_are_told() {
    let away = format!(
        "{IMPORT}class A(models.Model):\n    pass\nclass B(models.Model):\n    class Meta:\n        managed = False\n"
    );
    check_with(
        &[("shop/models.py", IMPORT), ("parts/models.py", &away)],
        "",
        &["CreateModel parts.A - parts_a.- @2", "CreateModel parts.B - parts_b.- @4"],
    );
    check_with(
        &[("shop/models.py", IMPORT), ("parts/models.py", &away), ("parts/migrations/__init__.py", "")],
        "",
        &["CreateModel parts.A - parts_a.- @2", "CreateModel parts.B - parts_b.- @4"],
    );
}

#[test]
fn a_file_of_models_that_does_not_parse_is_a_finding() {
    check(
        "from django.db import models\nclass A(models.Model):\n    name = = 1\n",
        "migrations.CreateModel('A', [ID])",
        &[
            "unreadable-models shop.models the file is not valid Python: expected an expression shop/models.py:3 = 1",
            "the model shop.A is not compared: the file is not valid Python: expected an expression (shop/models.py:3)",
        ],
    );
}

#[test]
fn models_that_only_one_side_has_are_told() {
    let models = format!("{IMPORT}class A(models.Model):\n    pass\n");
    check(
        &models,
        "migrations.CreateModel('B', [ID])",
        &["CreateModel shop.A - shop_a.- @2", "DeleteModel shop.B - shop_b.-"],
    );
}

#[test]
fn what_cannot_be_read_is_said_and_not_compared() {
    let models = "\
from django.db import models
from nowhere import Field, register
class Adding:
    def contribute_to_class(self, cls, name):
        cls.add_to_class('more', models.TextField())
class Base(models.base.ModelBase):
    def __new__(mcs, name, bases, attrs):
        attrs['more'] = models.TextField()
class A(models.Model):
    a = Field()
class B(models.Model):
    history = Adding()
class C(models.Model, metaclass=Base):
    pass
@register
class D(models.Model):
    pass
";
    let operations =
        "migrations.CreateModel('A', [ID]), migrations.CreateModel('B', [ID ('more', models.TextField())]),
        migrations.CreateModel('C', [ID ('more', models.TextField())]), migrations.CreateModel('D', [ID]),
        migrations.CreateModel('HistoricalB', [ID]), migrations.CreateModel('E', [ID])";
    let away = "from django.db import models\nclass E(models.Model):\n    pass\n";
    check_with(
        &[("shop/models.py", models), ("shop/away.py", away)],
        operations,
        &[
            "the model shop.A is not compared: no module named nowhere (shop/models.py:2)",
            "the model shop.B is not compared: shop.models.Adding adds fields by code (shop/models.py:3)",
            "the model shop.C is not compared: shop.models.Base adds fields by code (shop/models.py:6)",
            "the model shop.D is not compared: no module named nowhere (shop/models.py:2)",
            "the model shop.E is not compared: shop/away.py defines it, and no models module imports that",
            "the model shop.HistoricalB is not compared: no class of this name is there, but another one may make it",
        ],
    );
}

#[test]
fn an_app_whose_migrations_are_not_certain_is_left_out() {
    let models = format!("{IMPORT}class A(models.Model):\n    pass\n");
    check(
        &models,
        "migrations.CreateModel('A', [ID ('x', unknown())])",
        &[
            "the models of shop are not compared: what its migrations make is not certain (shop/migrations/0001_initial.py:4: this raises NameError: name 'unknown' is not defined)",
        ],
    );
    // Code that may change tables leaves the models alone.
    check(
        &models,
        "migrations.CreateModel('A', [ID]), migrations.RunPython(lambda apps, editor: editor.create_model(apps.get_model('shop', 'A')))",
        &[],
    );
}
