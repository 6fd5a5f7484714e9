//! Every table, column, index and constraint of a Django project, dropped alone from the database that Django made, is
//! found, and attributed to the migration that made it. Which one that is, Django says: it migrates one migration at a
//! time, and what is there after each is written down.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Project, open_session};
use trueup_database::introspect::introspect_within;
use trueup_database::shadow::ShadowRequest;
use trueup_engine::findings::Sides;
use trueup_engine::{Claims, compare, judge};
use trueup_model::{Code, Finding, Ident, Ledger};
use trueup_sql::quote_ident;
use trueup_testing::django::{Django, Thing, VERSIONS};
use trueup_testing::servers::server;

const SETTINGS: &str = "\
import os

SECRET_KEY = 'not secret'
USE_TZ = True
SITE_ID = 1
DEFAULT_AUTO_FIELD = 'django.db.models.BigAutoField'
INSTALLED_APPS = [
    'django.contrib.contenttypes', 'django.contrib.auth', 'django.contrib.admin', 'django.contrib.sessions',
    'django.contrib.messages', 'django.contrib.sites', 'django.contrib.flatpages', 'django.contrib.redirects', 'shop',
]
MIDDLEWARE = [
    'django.contrib.sessions.middleware.SessionMiddleware', 'django.contrib.auth.middleware.AuthenticationMiddleware',
    'django.contrib.messages.middleware.MessageMiddleware',
]
TEMPLATES = [{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'OPTIONS': {'context_processors': [
    'django.contrib.auth.context_processors.auth', 'django.contrib.messages.context_processors.messages',
    'django.template.context_processors.request']}}]
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'NAME': os.environ.get('DBNAME', 'shop'),
        'HOST': os.environ.get('DBHOST', '127.0.0.1'),
        'PORT': os.environ.get('DBPORT', '1'),
        'USER': os.environ.get('DBUSER', 'postgres'),
    }
}
";

const INITIAL: &str = "\
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL), ('contenttypes', '0001_initial')]
    operations = [
        migrations.CreateModel('Tag', [
            ('slug', models.SlugField(primary_key=True)),
        ]),
        migrations.CreateModel('Item', [
            ('id', models.BigAutoField(primary_key=True)),
            ('name', models.CharField(max_length=30, unique=True)),
            ('seats', models.PositiveIntegerField(default=1)),
            ('kind', models.ForeignKey('contenttypes.ContentType', models.CASCADE)),
            ('tags', models.ManyToManyField('shop.Tag')),
        ]),
        migrations.CreateModel('Special', [
            ('item_ptr', models.OneToOneField('shop.Item', models.CASCADE, parent_link=True, primary_key=True)),
            ('until', models.DateField(null=True, db_index=True)),
        ], bases=('shop.item',)),
        migrations.CreateModel('Order', [
            ('id', models.BigAutoField(primary_key=True)),
            ('buyer', models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)),
            ('code', models.CharField(max_length=8)),
        ], options={'db_table': 'purchases', 'unique_together': {('buyer', 'code')}}),
    ]
";

const MORE: &str = "\
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [('shop', '0001_initial')]
    operations = [
        migrations.AddField('order', 'items', models.ManyToManyField('shop.Item', through=None)),
        migrations.AddField('order', 'paid', models.DecimalField(max_digits=8, decimal_places=2, null=True)),
        migrations.AddIndex('order', models.Index(fields=['code', '-paid'], name='by_code_and_paid')),
        migrations.AddIndex('item', models.Index(Lower('name'), name='by_lower_name')),
        migrations.AddConstraint('order', models.CheckConstraint(check=models.Q(paid__gte=0), name='paid_positive')),
        migrations.AddConstraint('special', models.UniqueConstraint(
            fields=['until'], condition=models.Q(until__isnull=False), name='one_a_day')),
        migrations.RunSQL('CREATE TABLE notes (id int PRIMARY KEY, item bigint REFERENCES shop_item)', 'DROP TABLE notes'),
    ]
";

const LATER: &str = "\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('shop', '0002_more')]
    operations = [
        migrations.AlterField('order', 'code', models.CharField(max_length=12, db_index=True)),
        migrations.AlterField('item', 'seats', models.IntegerField(default=1)),
        migrations.AlterUniqueTogether('order', {('code', 'paid')}),
        migrations.AddField('special', 'parent', models.ForeignKey('self', models.SET_NULL, null=True)),
    ]
";

#[test]
fn each_thing_dropped_alone_is_found_and_attributed() {
    let django = Django::of(VERSIONS[1].0);
    let project = Project::django(
        &django,
        &[
            ("settings.py", SETTINGS),
            ("shop/__init__.py", ""),
            ("shop/migrations/__init__.py", ""),
            ("shop/migrations/0001_initial.py", INITIAL),
            ("shop/migrations/0002_more.py", MORE),
            ("shop/migrations/0003_later.py", LATER),
        ],
    );
    let server = server(17);
    let database = server.create_database("dropped");
    let makers = makers(&django.stages(project.root(), &database));
    database.run("DROP TABLE django_migrations");
    let expected = project.expected(&ShadowRequest::Local(Some(server.binaries())), 17);
    assert_eq!(expected.failures, []);
    let ledger = Ledger::default();
    let claims = Claims::new(project.history(), &ledger, &expected.journal).knowing(&expected.catalog);
    let mut session = open_session(&database.url());
    let mut problems = Vec::new();
    for (thing, maker) in &makers {
        session.run("begin").expect("a transaction");
        session.run(&drop_of(thing)).unwrap_or_else(|error| panic!("{thing:?}: {error}"));
        let found =
            introspect_within(&mut session).expect("a catalog").migrated_by(Some(Ident::new("postgres")));
        session.run("rollback").expect("a rollback");
        let differences = compare(&expected.catalog, &found);
        let findings = judge(&differences, &Sides { expected: &expected.catalog, found: &found }, &claims);
        let said = findings.iter().find(|finding| is_missing(finding, thing));
        let origin = said.and_then(|finding| finding.origin.as_ref());
        match origin.map(|origin| origin.migration.as_str()) {
            Some(migration) if migration == maker => {}
            other => problems.push(format!("{thing:?} of {maker}: {other:?}")),
        }
    }
    let kinds: BTreeSet<&str> = makers.keys().map(|thing| thing.kind.as_str()).collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    assert!(makers.len() > 120, "{} things", makers.len());
    assert!(problems.is_empty(), "{} of {}:\n{}", problems.len(), makers.len(), problems.join("\n"));
}

/// What is there at the end, with the migration since which it is.
fn makers(stages: &[(String, BTreeSet<Thing>)]) -> BTreeMap<Thing, String> {
    let mut makers: BTreeMap<Thing, String> = BTreeMap::new();
    for (migration, things) in stages {
        makers.retain(|thing, _| things.contains(thing));
        for thing in things {
            makers.entry(thing.clone()).or_insert_with(|| migration.clone());
        }
    }
    makers
}

fn drop_of(thing: &Thing) -> String {
    let (table, name) = (quote_ident(&thing.table), quote_ident(&thing.name));
    match thing.kind.as_str() {
        "table" => format!("drop table {name} cascade"),
        "index" => format!("drop index {name}"),
        kind => format!("alter table {table} drop {kind} {name} cascade"),
    }
}

fn is_missing(finding: &Finding, thing: &Thing) -> bool {
    let Some(object) = &finding.object else { return false };
    let part = if thing.kind == "table" { "" } else { &*thing.name };
    matches!(finding.code, Code::Missing(_))
        && object.head.as_str() == thing.table
        && object.part.as_str() == part
}
