"""Writes a Django project with one app for each case of what a migration can do.

    python matrix.py FOLDER

Each case is an app with a migration or two: what is there before, and what then changes. The version of the Django that
is installed decides which cases there are. Cases are independent of each other: each has its own models.
"""

import itertools
import pathlib
import sys

import django

VERSION = django.VERSION[:2]

HEAD = """\
import datetime
import decimal
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions
import django.db.models.lookups
from django.contrib.postgres import fields as pg
from django.contrib.postgres import indexes as pgi
from django.contrib.postgres import operations as pgo
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models import Case, CharField, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import {functions}


class Migration(migrations.Migration):
    dependencies = {dependencies}
{more}
    operations = [
{operations}
    ]
"""

FUNCTIONS = [
    "Abs", "Cast", "Coalesce", "Collate", "ExtractMonth", "ExtractYear", "Floor", "Greatest", "LPad", "LTrim", "Least", "Left", "Length",
    "Lower", "MD5", "Mod", "Now", "NullIf", "Pi", "Power", "Repeat", "Replace", "Right", "Round", "Sqrt", "StrIndex", "Substr", "Trim", "Upper",
]

CASES = []


def case(name, *migrations, since=(3, 2), until=(99, 0), more="", atomic=True):
    """Adds a case: its migrations, each a list of operations as text."""
    if since <= VERSION < until:
        CASES.append((name, migrations, more, atomic))


def create(name, *fields, options="", bases=""):
    lines = ["('id', models.AutoField(primary_key=True, serialize=False))"]
    if any("primary_key=True" in field or "CompositePrimaryKey" in field for field in fields) or bases:
        lines = []
    for field in fields:
        key, value = field.split("=", 1)
        lines.append(f"({key!r}, {value})")
    options = f", options={{{options}}}" if options else ""
    bases = f", bases=({bases},)" if bases else ""
    return f"migrations.CreateModel(name={name!r}, fields=[{', '.join(lines)}]{options}{bases})"


def add(model, name, field, keep=True):
    keep = "" if keep else ", preserve_default=False"
    return f"migrations.AddField({model!r}, {name!r}, {field}{keep})"


def alter(model, name, field, keep=True):
    keep = "" if keep else ", preserve_default=False"
    return f"migrations.AlterField({model!r}, {name!r}, {field}{keep})"


def fk(to, more=""):
    return f"models.ForeignKey({to!r}, models.CASCADE{', ' + more if more else ''})"


def index(model, text):
    return f"migrations.AddIndex({model!r}, {text})"


def constraint(model, text):
    return f"migrations.AddConstraint({model!r}, {text})"


def check(condition, name="c"):
    word = "condition" if VERSION >= (5, 1) else "check"
    return f"models.CheckConstraint({word}={condition}, name={name!r})"


# ---------------------------------------------------------------------------------------------------- fields

FIELDS = {
    "auto": "models.AutoField(primary_key=True)",
    "bigauto": "models.BigAutoField(primary_key=True)",
    "smallauto": "models.SmallAutoField(primary_key=True)",
    "binary": "models.BinaryField()",
    "binary_blank": "models.BinaryField(blank=True)",
    "boolean": "models.BooleanField(default=False)",
    "boolean_null": "models.BooleanField(null=True)",
    "char": "models.CharField(max_length=20)",
    "char_unique": "models.CharField(max_length=20, unique=True)",
    "char_index": "models.CharField(max_length=20, db_index=True)",
    "char_pk": "models.CharField(max_length=20, primary_key=True)",
    "char_default": "models.CharField(max_length=20, default=\"it's 100% \\\\ done\")",
    "char_choices": "models.CharField(max_length=1, choices=[('a', 'A')], default='a')",
    "char_collation": "models.CharField(max_length=20, db_collation='C')",
    "commas": "models.CharField(max_length=20, blank=True, default='')",
    "date": "models.DateField(null=True)",
    "date_auto": "models.DateField(auto_now_add=True)",
    "datetime": "models.DateTimeField(auto_now=True)",
    "datetime_default": "models.DateTimeField(default=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc))",
    "decimal": "models.DecimalField(max_digits=10, decimal_places=2, default=decimal.Decimal('1.50'))",
    "duration": "models.DurationField(default=datetime.timedelta(days=1))",
    "email": "models.EmailField(unique=True)",
    "file": "models.FileField(upload_to='x')",
    "filepath": "models.FilePathField()",
    "float": "models.FloatField(default=1.5)",
    "generic_ip": "models.GenericIPAddressField(null=True, db_index=True)",
    "integer": "models.IntegerField(default=5, db_index=True)",
    "bigint": "models.BigIntegerField(unique=True)",
    "smallint": "models.SmallIntegerField(null=True)",
    "positive": "models.PositiveIntegerField(default=0)",
    "positive_small": "models.PositiveSmallIntegerField(null=True)",
    "positive_big": "models.PositiveBigIntegerField(unique=True)",
    "json": "models.JSONField(default=dict)",
    "slug": "models.SlugField()",
    "slug_unique": "models.SlugField(unique=True, max_length=200)",
    "text": "models.TextField()",
    "text_index": "models.TextField(db_index=True)",
    "text_unique": "models.TextField(unique=True)",
    "time": "models.TimeField(null=True)",
    "url": "models.URLField(blank=True)",
    "uuid": "models.UUIDField(default=uuid.uuid4, unique=True)",
    "uuid_pk": "models.UUIDField(default=uuid.uuid4, primary_key=True)",
    "column": "models.IntegerField(null=True, db_column='Odd \"name')",
    "column_unicode": "models.IntegerField(null=True, db_index=True, db_column='größe')",
    "array": "pg.ArrayField(models.CharField(max_length=10), default=list)",
    "array_sized": "pg.ArrayField(pg.ArrayField(models.IntegerField(), size=2), size=3, null=True)",
    "array_unique": "pg.ArrayField(models.TextField(), unique=True)",
    "hstore": "pg.HStoreField(null=True)",
    "int_range": "pg.IntegerRangeField(null=True, db_index=True)",
    "bigint_range": "pg.BigIntegerRangeField(null=True)",
    "decimal_range": "pg.DecimalRangeField(null=True)",
    "datetime_range": "pg.DateTimeRangeField(null=True)",
    "date_range": "pg.DateRangeField(null=True)",
    "search": "django.contrib.postgres.search.SearchVectorField(null=True)",
    "fk": "models.ForeignKey('other', models.CASCADE)",
    "fk_null": "models.ForeignKey('other', models.SET_NULL, null=True)",
    "fk_char": "models.ForeignKey('othertext', models.CASCADE, null=True)",
    "fk_to_field": "models.ForeignKey('other', models.CASCADE, to_field='code', null=True)",
    "fk_no_index": "models.ForeignKey('other', models.CASCADE, db_index=False)",
    "fk_no_constraint": "models.ForeignKey('other', models.DO_NOTHING, db_constraint=False)",
    "fk_unique": "models.ForeignKey('other', models.CASCADE, unique=True)",
    "fk_self": "models.ForeignKey('self', models.CASCADE, null=True)",
    "fk_column": "models.ForeignKey('other', models.CASCADE, null=True, db_column='other_ref')",
    "one": "models.OneToOneField('other', models.CASCADE)",
    "one_text": "models.OneToOneField('othertext', models.CASCADE, null=True)",
    "m2m": "models.ManyToManyField('other')",
    "m2m_self": "models.ManyToManyField('self')",
    "m2m_text": "models.ManyToManyField('othertext', related_name='+')",
    "m2m_table": "models.ManyToManyField('other', db_table='linked_{app}')",
    "m2m_no_constraint": "models.ManyToManyField('other', db_constraint=False)",
    "m2m_long": "models.ManyToManyField('other', db_table='a_very_long_name_of_a_table_for_{app}_that_does_not_fit')",
}

if VERSION < (5, 1):
    FIELDS["citext"] = "pg.CITextField(unique=True)"
    FIELDS["cichar"] = "pg.CICharField(max_length=10, db_index=True)"
    FIELDS["ciemail"] = "pg.CIEmailField(null=True)"
if VERSION < (4, 0):
    FIELDS["nullboolean"] = "models.NullBooleanField()"
if VERSION >= (4, 2):
    FIELDS["char_unlimited"] = "models.CharField(unique=True)"
    FIELDS["comment"] = "models.IntegerField(null=True, db_comment=\"how many; it's a 'number'\")"
    FIELDS["array_collation"] = "pg.ArrayField(models.CharField(max_length=3, db_collation='C'), null=True)"
if VERSION >= (5, 0):
    FIELDS |= {
        "db_default_int": "models.IntegerField(db_default=3)",
        "db_default_text": "models.CharField(max_length=20, db_default=\"it's 5% \\\\\")",
        "db_default_bool": "models.BooleanField(db_default=True)",
        "db_default_null": "models.IntegerField(null=True, db_default=None)",
        "db_default_now": "models.DateTimeField(db_default=Now())",
        "db_default_pi": "models.FloatField(db_default=Pi())",
        "db_default_sum": "models.IntegerField(db_default=Value(1) + Value(2))",
        "db_default_upper": "models.TextField(db_default=Upper(Value('abc')))",
        "db_default_uuid": "models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID())",
        "db_default_date": "models.DateField(db_default=datetime.date(2020, 2, 3))",
        "db_default_decimal": "models.DecimalField(max_digits=5, decimal_places=2, db_default=decimal.Decimal('1.5'))",
        "db_default_json": "models.JSONField(db_default={'a': [1, 'x']})",
        "db_default_array": "pg.ArrayField(models.IntegerField(), db_default=[1, 2])",
        "db_default_empty": "pg.ArrayField(models.IntegerField(), db_default=[])",
        "generated": "models.GeneratedField(expression=F('base') + 1, output_field=models.IntegerField(), db_persist=True)",
        "generated_text": "models.GeneratedField(expression=Lower('label'), output_field=models.CharField(max_length=50), db_persist=True, unique=True)",
        "generated_concat": "models.GeneratedField(expression=models.functions.Coalesce('label', Value('x')), output_field=models.TextField(), db_persist=True)",
        "generated_case": "models.GeneratedField(expression=Case(When(base__gt=3, then=Value('big')), default=Value('small')), output_field=models.CharField(max_length=5), db_persist=True)",
        "generated_q": "models.GeneratedField(expression=Q(base__gte=2), output_field=models.BooleanField(), db_persist=True)",
    }

OTHERS = [
    create("Other", "code=models.IntegerField(unique=True)"),
    create("OtherText", "name=models.CharField(max_length=30, primary_key=True)"),
]


def base(*fields):
    return create("Thing", *fields, "base=models.IntegerField(null=True)", "label=models.CharField(max_length=50, null=True)")


for key, field in FIELDS.items():
    pk = "primary_key" in field
    text = field if not pk else field
    case(f"create_{key}", OTHERS + [base(f"f={field}")])
    if not pk:
        case(f"add_{key}", OTHERS + [base()], [add("thing", "f", field)])
        case(f"remove_{key}", OTHERS + [base(f"f={field}")], ["migrations.RemoveField('thing', 'f')"])
        case(f"rename_{key}", OTHERS + [base(f"f={field}")], ["migrations.RenameField('thing', 'f', 'g')"])
        case(f"add_rename_{key}", OTHERS + [base()], [add("thing", "f", field), "migrations.RenameField('thing', 'f', 'g')"])
        if "Many" in field or "Foreign" in field:
            case(f"add_remove_{key}", OTHERS + [base()], [add("thing", "f", field), "migrations.RemoveField('thing', 'f')"])
            case(f"delete_{key}", OTHERS + [base(f"f={field}")], ["migrations.DeleteModel('thing')"])

# ------------------------------------------------------------------------------------------- altered types

TYPES = {
    "int": "models.IntegerField({})",
    "bigint": "models.BigIntegerField({})",
    "smallint": "models.SmallIntegerField({})",
    "positive": "models.PositiveIntegerField({})",
    "positivesmall": "models.PositiveSmallIntegerField({})",
    "char": "models.CharField(max_length=20{})",
    "char30": "models.CharField(max_length=30{})",
    "slug": "models.SlugField(max_length=20{})",
    "text": "models.TextField({})",
    "decimal": "models.DecimalField(max_digits=10, decimal_places=2{})",
    "float": "models.FloatField({})",
    "boolean": "models.BooleanField({})",
    "date": "models.DateField({})",
    "datetime": "models.DateTimeField({})",
    "uuid": "models.UUIDField({})",
    "json": "models.JSONField({})",
    "collation": "models.CharField(max_length=20, db_collation='C'{})",
}


def typed(key, options=""):
    field = TYPES[key]
    comma = ", " if options and "(" + "{}" not in field else ""
    return field.format(comma + options)


for one, other in itertools.permutations(TYPES, 2):
    case(f"type_{one}_{other}", [create("Thing", f"f={typed(one)}")], [alter("thing", "f", typed(other))])

for one, other in [("int", "bigint"), ("int", "char"), ("char", "int"), ("char", "text"), ("text", "int"), ("text", "char"),
                   ("char", "collation"), ("slug", "char"), ("char", "slug"), ("positive", "int"), ("int", "positive"),
                   ("uuid", "char"), ("json", "text"), ("positive", "positivesmall")]:
    for before, after in itertools.product(["", "unique=True", "db_index=True", "null=True"], repeat=2):
        case(f"type_{one}_{other}_{before[:5]}_{after[:5]}", [create("Thing", f"f={typed(one, before)}")],
             [alter("thing", "f", typed(other, after))])

# ----------------------------------------------------------------------------------------- altered options

OPTIONS = ["", "null=True", "unique=True", "db_index=True", "db_index=True, unique=True", "null=True, db_index=True",
           "db_column='c'", "default={d}", "null=True, default={d}", "blank=True"]
for key, default in [("int", "7"), ("char", "'x'")]:
    for before, after in itertools.permutations(OPTIONS, 2):
        case(f"option_{key}_{OPTIONS.index(before)}_{OPTIONS.index(after)}",
             [create("Thing", f"f={typed(key, before.format(d=default))}")],
             [alter("thing", "f", typed(key, after.format(d=default)))])

LATE = {
    (4, 2): ["db_comment='a'", "db_comment='b', null=True"],
    (5, 0): ["db_default=1", "db_default=2", "db_default=Value(1) + Value(1)", "db_default=1, null=True"],
}
for since, options in LATE.items():
    for before, after in itertools.permutations(["", *options], 2):
        case(f"late_{since[0]}{since[1]}_{options.index(before) if before else 'none'}_{options.index(after) if after else 'none'}",
             [create("Thing", f"f={typed('int', before)}")], [alter("thing", "f", typed("int", after))], since=since)
case("comment_of_key", OTHERS + [create("Thing", f"f={fk('other')}")],
     [alter("thing", "f", fk("other", "db_comment='x'"))], since=(4, 2))
case("not_null_one_off", [create("Thing", f"f={typed('int', 'null=True')}")],
     [alter("thing", "f", typed("int", "default=3"), keep=False)])
case("add_one_off", [create("Thing")], [add("thing", "f", typed("int", "default=3"), keep=False)])
case("unique_then_fk", OTHERS + [create("Thing", f"f={typed('int', 'unique=True')}")], [alter("thing", "f", fk("other", "db_column='f'"))])

# ---------------------------------------------------------------------------------------------- keys and relations

PRIMARY = ["models.AutoField(primary_key=True)", "models.BigAutoField(primary_key=True)", "models.SmallAutoField(primary_key=True)",
           "models.IntegerField(primary_key=True)", "models.CharField(max_length=20, primary_key=True)",
           "models.BigIntegerField(primary_key=True)"]
for before, after in itertools.permutations(PRIMARY, 2):
    number = f"{PRIMARY.index(before)}_{PRIMARY.index(after)}"
    case(f"primary_{number}", [create("Thing", f"key={before}")], [alter("thing", "key", after)])
    relations = ["models.ForeignKey('thing', models.CASCADE)", "models.OneToOneField('thing', models.CASCADE, primary_key=True)",
                 "models.ManyToManyField('thing')", "models.ForeignKey('thing', models.CASCADE, db_constraint=False)"]
    case(f"primary_with_relations_{number}",
         [create("Thing", f"key={before}", "parent=models.ForeignKey('self', models.CASCADE, null=True)"),
          create("A", f"r={relations[0]}"), create("B", f"r={relations[1]}"), create("C", f"r={relations[2]}"),
          create("D", f"r={relations[3]}")]
         # Django 4.0 comes to the relations of a relation, or does not, by the order of hashes in that process.
         + ([] if VERSION == (4, 0) else [create("E", "r=models.ForeignKey('b', models.CASCADE, null=True)")]),
         [alter("thing", "key", after)])

case("primary_added", [create("Thing", "a=models.IntegerField()")],
     ["migrations.RemoveField('thing', 'id')", alter("thing", "a", "models.IntegerField(primary_key=True)")])
case("primary_swapped", [create("Thing", "a=models.CharField(max_length=5, unique=True)")],
     [alter("thing", "id", "models.IntegerField()"), alter("thing", "a", "models.CharField(max_length=5, primary_key=True)")])
case("primary_removed", [create("Thing", "a=models.IntegerField(primary_key=True)", "b=models.IntegerField(null=True)")],
     [alter("thing", "a", "models.IntegerField(unique=True)"), add("thing", "id", "models.AutoField(primary_key=True, serialize=False, default=0)", keep=False)])
case("unique_target_type", [create("Thing", "code=models.CharField(max_length=10, unique=True)"),
                            create("Ref", "t=models.ForeignKey('thing', models.CASCADE, to_field='code')")],
     [alter("thing", "code", "models.CharField(max_length=20, unique=True)")])
case("unique_target_collation", [create("Thing", "code=models.CharField(max_length=10, unique=True)"),
                                 create("Ref", "t=models.ForeignKey('thing', models.CASCADE, to_field='code')")],
     [alter("thing", "code", "models.CharField(max_length=10, unique=True, db_collation='C')")], since=(4, 1))
case("unique_target_renamed", [create("Thing", "code=models.CharField(max_length=10, unique=True)"),
                               create("Ref", "t=models.ForeignKey('thing', models.CASCADE, to_field='code')")],
     ["migrations.RenameField('thing', 'code', 'number')"])

RELATIONS = {
    "fk": fk("other"),
    "fk_null": fk("other", "null=True"),
    "fk_no_index": fk("other", "db_index=False"),
    "fk_no_constraint": fk("other", "db_constraint=False"),
    "fk_unique": fk("other", "unique=True"),
    "fk_column": fk("other", "db_column='elsewhere'"),
    "fk_code": fk("other", "to_field='code'"),
    "fk_text": fk("othertext"),
    "fk_related": fk("other", "related_name='things', verbose_name='o'"),
    "one": "models.OneToOneField('other', models.CASCADE)",
    "int": "models.IntegerField()",
    "int_column": "models.IntegerField(db_column='f_id')",
    "text": "models.CharField(max_length=30, db_column='f_id')",
}
for one, other in itertools.permutations(RELATIONS, 2):
    case(f"relation_{one}_{other}", OTHERS + [create("Thing", f"f={RELATIONS[one]}")], [alter("thing", "f", RELATIONS[other])])

MANY = {
    "m2m": "models.ManyToManyField('other')",
    "m2m_text": "models.ManyToManyField('othertext')",
    "m2m_table": "models.ManyToManyField('other', db_table='t_{app}')",
    "m2m_self": "models.ManyToManyField('thing')",
    "m2m_blank": "models.ManyToManyField('other', blank=True, related_name='x')",
    "m2m_free": "models.ManyToManyField('other', db_constraint=False)",
}
for one, other in itertools.permutations(MANY, 2):
    case(f"many_{one}_{other}", OTHERS + [create("Thing", f"f={MANY[one]}")], [alter("thing", "f", MANY[other])])
case("many_through", OTHERS + [create("Thing"), create("Link", "t=" + fk("thing"), "o=" + fk("other"))],
     [add("thing", "f", "models.ManyToManyField('other', through='link')")])
case("many_pk", [create("Thing", "key=models.CharField(max_length=20, primary_key=True)", "f=models.ManyToManyField('self')")],
     [alter("thing", "key", "models.CharField(max_length=40, primary_key=True)")])
case("many_in_same", [create("Thing"), create("Other", "f=models.ManyToManyField('thing')"),
                      "migrations.RenameField('other', 'f', 'g')", "migrations.RenameModel('thing', 'thong')"])

# ------------------------------------------------------------------------------------------------ models

case("rename_model", OTHERS + [create("Thing", "f=" + fk("other"), "m=models.ManyToManyField('other')", "p=" + fk("self", "null=True"),
                                      "s=models.ManyToManyField('self')", "c=models.CharField(max_length=3, unique=True)"),
                               create("Ref", "t=" + fk("thing"), "m=models.ManyToManyField('thing')", "o=models.OneToOneField('thing', models.CASCADE, null=True)")],
     ["migrations.RenameModel('Thing', 'Renamed')"])
case("rename_model_same_migration", OTHERS + [create("Thing", "f=" + fk("other"), "m=models.ManyToManyField('other')", "c=models.CharField(max_length=3, unique=True)"),
                                              create("Ref", "t=" + fk("thing")), "migrations.RenameModel('Thing', 'Renamed')"])
case("rename_model_table", [create("Thing", "m=models.ManyToManyField('self')", options="'db_table': '{app}_x'"), create("Ref", "t=" + fk("thing"))],
     ["migrations.RenameModel('Thing', 'Renamed')"])
case("rename_model_twice", [create("Thing"), create("Ref", "t=" + fk("thing"))],
     ["migrations.RenameModel('Thing', 'One')", "migrations.RenameModel('One', 'Two')"])
case("rename_model_case", [create("thing", "m=models.ManyToManyField('self')")], ["migrations.RenameModel('thing', 'THING')"])
case("rename_then_alter", OTHERS + [create("Thing", "f=" + fk("other"), "u=models.IntegerField(unique=True)", "i=models.IntegerField(db_index=True)",
                                           "p=models.PositiveIntegerField()")],
     ["migrations.RenameModel('Thing', 'Renamed')", "migrations.RenameModel('Other', 'Another')"],
     [alter("renamed", "u", "models.IntegerField()"), alter("renamed", "i", "models.IntegerField()"), alter("renamed", "p", "models.IntegerField()"),
      alter("renamed", "f", fk("another", "null=True"))])
case("rename_field_then_alter", OTHERS + [create("Thing", "f=" + fk("other"), "u=models.IntegerField(unique=True)", "i=models.IntegerField(db_index=True)",
                                                 "p=models.PositiveIntegerField()")],
     [f"migrations.RenameField('thing', '{a}', '{a}{a}')" for a in "fuip"],
     [alter("thing", "uu", "models.IntegerField()"), alter("thing", "ii", "models.IntegerField()"), alter("thing", "pp", "models.IntegerField()"),
      alter("thing", "ff", fk("other", "null=True"))])
case("table", [create("Thing", "m=models.ManyToManyField('self')", "c=models.CharField(max_length=3, unique=True)")], ["migrations.AlterModelTable('thing', '{app}_renamed')"])
case("table_back", [create("Thing", "m=models.ManyToManyField('self')", options="'db_table': '{app}_y'")], ["migrations.AlterModelTable('thing', None)"])
case("table_quoted", [create("Thing", "c=models.CharField(max_length=3, unique=True)", "f=" + fk("self", "null=True"), options="'db_table': '\"{app} Odd Table\"'")])
case("table_schema", ["migrations.RunSQL('CREATE SCHEMA s_{app}')",
                      create("Thing", "c=models.CharField(max_length=3, db_index=True)", "f=" + fk("self", "null=True"), options="'db_table': 's_{app}\".\"thing'")],
     [add("thing", "g", fk("thing", "null=True, related_name='+'")), add("thing", "u", "models.SlugField(null=True)")])
LONG = "a_model_with_a_name_that_is_so_long_that_it_does_not_fit_anywhere"
case("long_names", [create(LONG, "f=" + fk("self", "null=True"), "m=models.ManyToManyField('self')",
                           "a_field_with_a_name_that_is_rather_long_and_indexed=models.CharField(max_length=3, db_index=True)",
                           "a_field_with_a_name_that_is_rather_long_and_unique=models.CharField(max_length=3, unique=True)")],
     [add(LONG, "another_field_with_a_name_that_is_rather_long", fk(LONG, "null=True, related_name='+'")),
      alter(LONG, "a_field_with_a_name_that_is_rather_long_and_unique", "models.CharField(max_length=3)")])
case("long_positive", [create(LONG, "a_number_with_a_name_that_is_rather_long_and_positive=models.PositiveIntegerField()")],
     [alter(LONG, "a_number_with_a_name_that_is_rather_long_and_positive", "models.IntegerField()")])
case("unicode", [create("Größe", "länge=models.IntegerField(unique=True)", "straße=models.CharField(max_length=3, db_index=True)")],
     [alter("größe", "länge", "models.IntegerField()")])
case("unmanaged", [create("Thing", options="'managed': False"), create("Ref", "t=" + fk("thing", "db_constraint=False"))],
     [add("thing", "x", "models.IntegerField(null=True)")])
case("unmanaged_later", [create("Thing")], ["migrations.AlterModelOptions('thing', {{'managed': False}})", add("thing", "x", "models.IntegerField(null=True)"),
                                            "migrations.DeleteModel('thing')"])
case("proxy", [create("Thing"), create("Proxy", options="'proxy': True", bases="'{app}.thing'"), create("Ref", "t=" + fk("proxy"))],
     ["migrations.DeleteModel('ref')", "migrations.DeleteModel('proxy')"])
case("inherited", [create("Parent", "a=models.IntegerField()"),
                   create("Child", "parent_ptr=models.OneToOneField('{app}.parent', models.CASCADE, auto_created=True, parent_link=True, primary_key=True, serialize=False)",
                          "b=models.IntegerField()", bases="'{app}.parent'"),
                   create("Ref", "c=" + fk("child"), "m=models.ManyToManyField('child')")])
case("inherited_implicit", [create("Parent"), create("Child", "b=models.IntegerField()", bases="'{app}.parent'")])
case("inherited_pk", [create("Parent", "key=models.AutoField(primary_key=True)"),
                      create("Child", "parent_ptr=models.OneToOneField('{app}.parent', models.CASCADE, auto_created=True, parent_link=True, primary_key=True, serialize=False)", bases="'{app}.parent'"),
                      create("Ref", "c=" + fk("child"))],
     [alter("parent", "key", "models.BigAutoField(primary_key=True)")])
case("ordered", [create("Parent"), create("Thing", "p=" + fk("parent"), options="'order_with_respect_to': 'p'")])
case("order_added", [create("Parent"), create("Thing", "p=" + fk("parent"))], ["migrations.AlterOrderWithRespectTo('thing', 'p')"])
case("order_removed", [create("Parent"), create("Thing", "p=" + fk("parent"), options="'order_with_respect_to': 'p'")], ["migrations.AlterOrderWithRespectTo('thing', None)"])
case("options_and_managers", [create("Thing")], ["migrations.AlterModelOptions('thing', {{'ordering': ['id'], 'verbose_name': 'x'}})",
                                                 "migrations.AlterModelManagers('thing', [('objects', models.Manager())])"])
case("table_comment", [create("Thing", options="'db_table_comment': \"it's a table\"")], ["migrations.AlterModelTableComment('thing', 'another')"],
     ["migrations.AlterModelTableComment('thing', None)"], since=(4, 2))
case("swappable", [create("Thing", options="'swappable': 'THING_MODEL'"), create("Ref", "t=" + fk("thing"))])
case("circle", [create("A"), create("B", "a=" + fk("a")), add("a", "b", fk("b", "null=True"))])
case("composite", [create("Thing", "pk=models.CompositePrimaryKey('a', 'b')", "a=models.IntegerField()", "b=models.IntegerField()")], since=(5, 2))
case("delete_in_same", [create("A"), create("B", "a=" + fk("a"), "m=models.ManyToManyField('a')"), "migrations.DeleteModel('b')", "migrations.DeleteModel('a')"])
case("no_id", ["migrations.CreateModel('Thing', [('name', models.CharField(max_length=3))])"])

# ----------------------------------------------------------------------------------- together, indexes, constraints

ABC = ("a=models.IntegerField()", "b=models.IntegerField(null=True)", "c=models.CharField(max_length=20)", "d=models.DateTimeField(null=True)",
       "e=models.DecimalField(max_digits=8, decimal_places=2)", "f=" + fk("self", "null=True"), "t=models.TextField(null=True)",
       "g=models.BooleanField()", "h=models.DateField(null=True)", "n=models.FloatField()", "j=models.JSONField(null=True)",
       "r=pg.DateRangeField(null=True)", "l=pg.ArrayField(models.CharField(max_length=3), null=True)", "u=models.UUIDField(null=True)",
       "i=models.GenericIPAddressField(null=True)", "k=models.PositiveSmallIntegerField(null=True)", "x=models.DurationField(null=True)",
       "y=models.TimeField(null=True)", "z=pg.IntegerRangeField(null=True)")

for kind in ["unique", "index"]:
    until = (5, 1) if kind == "index" else (99, 0)
    word = f"{kind}_together"
    operation = "migrations.AlterUniqueTogether" if kind == "unique" else "migrations.AlterIndexTogether"
    case(f"{word}_created", [create("Thing", *ABC, options=f"'{word}': {{{{('a', 'b'), ('a', 'c')}}}}")])
    case(f"{word}_added", [create("Thing", *ABC)], [f"{operation}('thing', {{{{('a', 'b')}}}})"])
    case(f"{word}_removed", [create("Thing", *ABC, options=f"'{word}': {{{{('a', 'b')}}}}")], [f"{operation}('thing', set())"])
    case(f"{word}_changed", [create("Thing", *ABC, options=f"'{word}': {{{{('a', 'b')}}}}")], [f"{operation}('thing', {{{{('a', 'f'), ('b', 'c')}}}})"])
    case(f"{word}_renamed", [create("Thing", *ABC, options=f"'{word}': {{{{('a', 'b')}}}}")], ["migrations.RenameField('thing', 'a', 'aa')"],
         [f"{operation}('thing', set())"])
    case(f"{word}_same_migration", [create("Thing", *ABC, options=f"'{word}': {{{{('a', 'b')}}}}"), "migrations.RenameField('thing', 'a', 'aa')",
                                    "migrations.AlterModelTable('thing', '{app}_other')"])
    case(f"{word}_key", [create("Thing", *ABC, options=f"'{word}': {{{{('f', 'b')}}}}")], ["migrations.RemoveField('thing', 'd')", f"{operation}('thing', [])"])
case("index_together_named", [create("Thing", *ABC, options="'index_together': {{('a', 'b')}}")],
     ["migrations.RenameIndex('thing', new_name='named', old_fields=('a', 'b'))"], since=(4, 1), until=(5, 1))
case("index_together_named_late", [create("Thing", *ABC, options="'index_together': {{('a', 'b')}}")],
     ["migrations.RenameIndex('thing', new_name='named', old_fields=('a', 'b'))"], since=(5, 1))
case("unique_together_beside_constraint",
     [create("Thing", *ABC, options="'unique_together': {{('a', 'b')}}, 'constraints': [models.UniqueConstraint(fields=['a', 'b'], name='same_{app}')]")],
     ["migrations.AlterUniqueTogether('thing', set())"], since=(4, 1))

INDEXES = {
    "plain": "models.Index(fields=['a'], name='{app}_i')",
    "two": "models.Index(fields=['a', '-b'], name='{app}_i')",
    "key": "models.Index(fields=['f', 'c'], name='{app}_i')",
    "condition": "models.Index(fields=['a'], name='{app}_i', condition=Q(b__gt=3))",
    "conditions": "models.Index(fields=['a'], name='{app}_i', condition=Q(b__gt=3) & ~Q(c='x') | Q(t__isnull=True))",
    "include": "models.Index(fields=['a'], name='{app}_i', include=['b', 'f'])",
    "opclass": "models.Index(fields=['c', 't'], name='{app}_i', opclasses=['varchar_pattern_ops', 'text_pattern_ops'])",
    "opclass_desc": "models.Index(fields=['-c'], name='{app}_i', opclasses=['varchar_pattern_ops'])",
    "gin": "pgi.GinIndex(fields=['j'], name='{app}_i', fastupdate=False, gin_pending_list_limit=128)",
    "gin_ops": "pgi.GinIndex(fields=['j'], name='{app}_i', opclasses=['jsonb_path_ops'])",
    "gist": "pgi.GistIndex(fields=['r'], name='{app}_i', fillfactor=80, buffering=True)",
    "spgist": "pgi.SpGistIndex(fields=['c'], name='{app}_i', fillfactor=80)",
    "brin": "pgi.BrinIndex(fields=['a', 'd'], name='{app}_i', autosummarize=True, pages_per_range=4)",
    "btree": "pgi.BTreeIndex(fields=['a'], name='{app}_i_btree', fillfactor=70)",
    "hash": "pgi.HashIndex(fields=['c'], name='{app}_i', condition=Q(a=1))",
    "bloom": "pgi.BloomIndex(fields=['a', 'b'], name='{app}_i', length=64, columns=(2, 3))",
}
EXPRESSIONS = {
    "lower": "models.Index(Lower('c'), name='{app}_i')",
    "upper_desc": "models.Index(Upper('c').desc(), 'a', name='{app}_i')",
    "nulls": "models.Index(F('b').desc(nulls_last=True), F('d').asc(nulls_first=True), name='{app}_i')",
    "sum": "models.Index(F('a') + F('b') * 2, name='{app}_i')",
    "collate": "models.Index(Collate('c', 'C'), name='{app}_i')",
    "collate_order": "models.Index(Collate(Lower('c'), 'C').desc(), name='{app}_i')",
    "opclass_lower": "models.Index(OpClass(Lower('c'), name='text_pattern_ops'), name='{app}_i')",
    "opclass_order": "models.Index(OpClass(Lower('c'), name='text_pattern_ops').desc(), name='{app}_i')",
    "coalesce": "models.Index(Coalesce('t', 'c', Value('')), name='{app}_i')",
    "case": "models.Index(Case(When(a__gt=1, then='b'), default=Value(0)), name='{app}_i')",
    "cast": "models.Index(Cast('a', models.TextField()), name='{app}_i')",
    "substr": "models.Index(Substr('c', 1, 3), name='{app}_i')",
    "left": "models.Index(Left('c', 4), Right('c', 2), name='{app}_i')",
    "length": "models.Index(Length('c'), name='{app}_i')",
    "md5": "models.Index(MD5('c'), name='{app}_i')",
    "abs": "models.Index(Abs('a'), Floor('n'), name='{app}_i')",
    "round": "models.Index(Round('e'), name='{app}_i')",
    "mod": "models.Index(Mod('a', 3), name='{app}_i')",
    "func": "models.Index(Func('c', function='reverse'), name='{app}_i')",
    "func_template": "models.Index(Func('a', template='(%(expressions)s %% 7)'), name='{app}_i')",
    "replace": "models.Index(Replace('c', Value('a'), Value('b')), name='{app}_i')",
    "trim": "models.Index(Trim('c'), LTrim('c'), name='{app}_i')",
    "power": "models.Index(Power('n', 2), Sqrt('n'), name='{app}_i')",
    "nullif": "models.Index(NullIf('c', Value('x')), name='{app}_i')",
    "extract": "models.Index(ExtractYear('h'), ExtractMonth('h'), name='{app}_i')",
    "gin_lower": "pgi.GinIndex(OpClass(Upper('c'), name='gin_trgm_ops'), name='{app}_i')",
    "json_key": "models.Index(models.F('j__name'), name='{app}_i')",
    "wrapper": "models.Index(models.ExpressionWrapper(F('a') - 1, output_field=models.IntegerField()), name='{app}_i')",
    "with_condition": "models.Index(Lower('c'), name='{app}_i', condition=Q(a__in=[1, 2, 3]))",
    "strindex": "models.Index(StrIndex('c', Value('x')), name='{app}_i')",
    "repeat": "models.Index(Repeat('c', 2), LPad('c', 10, Value('-')), name='{app}_i')",
    "greatest": "models.Index(Greatest('a', 'b'), Least('a', 'b'), name='{app}_i')",
}
for key, text in INDEXES.items():
    before = []
    if key == "bloom":
        before = ["pgo.BloomExtension()"]
    case(f"index_{key}", before + [create("Thing", *ABC)], [index("thing", text)], [f"migrations.RemoveIndex('thing', '{{app}}_i{'_btree' if key == 'btree' else ''}')"])
    case(f"index_created_{key}", before + [create("Thing", *ABC, options=f"'indexes': [{text}]")])
for key, text in EXPRESSIONS.items():
    case(f"expression_{key}", [create("Thing", *ABC)], [index("thing", text)], since=(4, 0))
    case(f"expression_created_{key}", [create("Thing", *ABC, options=f"'indexes': [{text}]"), "migrations.RenameField('thing', 'c', 'cc')",
                                       "migrations.AlterModelTable('thing', '{app}_m')"], since=(4, 0))
case("index_renamed", [create("Thing", *ABC, options="'indexes': [models.Index(fields=['a'], name='old_{app}')]")],
     ["migrations.RenameIndex('thing', new_name='new_{app}', old_name='old_{app}')"], ["migrations.RemoveIndex('thing', 'new_{app}')"], since=(4, 1))
case("index_concurrently", [create("Thing", *ABC)], ["pgo.AddIndexConcurrently('thing', models.Index(fields=['a'], name='{app}_i'))"],
     ["pgo.RemoveIndexConcurrently('thing', '{app}_i')"], atomic=False)
case("index_beside_db_index", [create("Thing", "a=models.IntegerField(db_index=True)")], [index("thing", "models.Index(fields=['a'], name='{app}_i')")],
     [alter("thing", "a", "models.IntegerField()")])
case("index_parts_renamed", [create("Thing", *ABC), index("thing", "models.Index(fields=['a'], name='{app}_i')"), "migrations.RenameField('thing', 'a', 'aa')"])

CONDITIONS = {
    "gt": "Q(a__gt=0)",
    "between": "Q(a__gte=1, a__lte=9)",
    "lt_f": "Q(a__lt=F('b'))",
    "f_sum": "Q(a__lt=F('b') + 1)",
    "eq": "Q(a=1)",
    "text": "Q(c='x')",
    "quote": "Q(c=\"it's\")",
    "backslash": "Q(c='a\\\\b')",
    "number_text": "Q(c=5)",
    "in": "Q(c__in=['a', 'b'])",
    "in_numbers": "Q(a__in=[3, 1, 2])",
    "range": "Q(a__range=(1, 5))",
    "isnull": "Q(b__isnull=True)",
    "notnull": "Q(b__isnull=False)",
    "none": "Q(b=None)",
    "not": "~Q(a=1)",
    "not_null": "~Q(b=1)",
    "not_isnull": "~Q(b__isnull=True)",
    "or": "Q(a=1) | Q(b=2)",
    "and_or": "Q(a=1) & (Q(b=2) | Q(c='x'))",
    "or_and": "(Q(a=1) & Q(b=2)) | (Q(c='x') & Q(g=True))",
    "not_or": "~(Q(a=1) | Q(b=2))",
    "not_and": "~(Q(a=1) & Q(b=2))",
    "not_not": "~~Q(a=1)",
    "nested": "Q(Q(a=1), Q(b=2) | ~Q(b=3))",
    "connector": "Q(('a', 1), ('b', 2), _connector='OR')",
    "negated": "Q(('a', 1), ('b', 2), _negated=True)",
    "bool": "Q(g=True)",
    "bool_false": "Q(g=False)",
    "bool_not": "~Q(g=True)",
    "key": "Q(f=1)",
    "key_id": "Q(f_id__gt=1)",
    "key_null": "Q(f__isnull=True) | Q(a=1)",
    "key_f": "~Q(f=F('id'))",
    "decimal": "Q(e__gt=decimal.Decimal('1.50'))",
    "decimal_int": "Q(e__gte=0)",
    "float": "Q(n__lt=1.5)",
    "float_int": "Q(n__lt=2)",
    "date": "Q(h__gt=datetime.date(2020, 1, 2))",
    "datetime": "Q(d__lt=datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc))",
    "year": "Q(h__year=2020)",
    "year_gte": "Q(h__year__gte=2020)",
    "year_in": "Q(h__year__in=[2020, 2021])",
    "month": "Q(h__month=5)",
    "week_day": "Q(h__week_day=1)",
    "time": "Q(y__gt=datetime.time(1, 2))",
    "duration": "Q(x__gt=datetime.timedelta(days=1, seconds=5))",
    "uuid": "Q(u=uuid.UUID('12345678123456781234567812345678'))",
    "ip": "Q(i='10.0.0.1')",
    "ip_text": "Q(i__startswith='10.')",
    "startswith": "Q(c__startswith='ab')",
    "contains": "Q(c__contains='a%b_c')",
    "icontains": "Q(c__icontains='aB')",
    "endswith": "Q(c__endswith='x')",
    "istartswith": "Q(c__istartswith='x')",
    "iexact": "Q(c__iexact='Ab')",
    "regex": "Q(c__regex=r'^[a-z]+\\\\d$')",
    "iregex": "Q(c__iregex='^a')",
    "contains_f": "Q(t__contains=F('c'))",
    "int_contains": "Q(a__contains=4)",
    "array_len": "Q(l__len__gt=2)",
    "array_len_eq": "Q(l__len=2)",
    "array_contains": "Q(l__contains=['a'])",
    "array_overlap": "Q(l__overlap=['a', 'b'])",
    "array_index": "Q(l__0='a')",
    "range_contains": "Q(r__contains=datetime.date(2020, 1, 1))",
    "range_start": "Q(r__startswith__gt=datetime.date(2020, 1, 1))",
    "range_empty": "Q(r__isempty=False)",
    "range_tuple": "Q(z__contained_by=(1, 10))",
    "lower_inc": "Q(z__lower_inc=True)",
    "json_key": "Q(j__a=1)",
    "json_key_text": "Q(j__a='x')",
    "json_key_contains": "Q(j__a__icontains='x')",
    "json_path": "Q(j__a__b=1)",
    "json_has_key": "Q(j__has_key='a')",
    "json_contains": "Q(j__contains={{'a': 1}})",
    "json_missing": "Q(j__a__isnull=True)",
    "positive": "Q(k__gt=1)",
    "value": "Q(a=Value(3))",
    "lower": "Q(c=Lower('c'))",
    "case": "Q(a__gt=Case(When(b__gt=1, then=Value(2)), default=Value(0)))",
    "f_mul": "Q(a=F('b') * 2 - 1)",
    "coalesce": "Q(a__gte=Coalesce('b', 0))",
    "length": "Q(a__gte=Length('c'))",
}
CONDITIONS_LATE = {
    "lookup": ("django.db.models.lookups.GreaterThan(F('a'), 1)", (4, 0)),
    "lookup_length": ("django.db.models.lookups.GreaterThan(Length('c'), 1)", (4, 0)),
    "xor": ("Q(a=1) ^ Q(b=2)", (4, 1)),
    "xor_three": ("Q(a=1) ^ Q(b=2) ^ Q(c='x')", (4, 1)),
    "boolean_func": ("Func(F('a'), F('b'), template='%(expressions)s', arg_joiner=' < ', output_field=models.BooleanField())", (3, 2)),
    "wrapper": ("models.ExpressionWrapper(Q(a__gt=1) | Q(b__lt=2), output_field=models.BooleanField())", (3, 2)),
    "raw": ("django.db.models.expressions.RawSQL('a > %s', (3,), output_field=models.BooleanField())", (3, 2)),
    "and_func": ("Q(Func(F('a'), template='%(expressions)s > 0', output_field=models.BooleanField()), b=1)", (3, 2)),
}
for key, condition in CONDITIONS.items():
    case(f"check_{key}", [create("Thing", *ABC)], [constraint("thing", check(condition, "c_{app}"))])
    case(f"check_created_{key}", [create("Thing", *ABC, options=f"'constraints': [{check(condition, 'c_{app}')}]")])
    case(f"unique_where_{key}", [create("Thing", *ABC, options=f"'constraints': [models.UniqueConstraint(fields=['a'], condition={condition}, name='u_{{app}}')]")])
for key, (condition, since) in CONDITIONS_LATE.items():
    case(f"check_{key}", [create("Thing", *ABC)], [constraint("thing", check(condition, "c_{app}"))], since=since)

UNIQUES = {
    "plain": ("models.UniqueConstraint(fields=['a', 'f'], name='u_{app}')", (3, 2)),
    "deferred": ("models.UniqueConstraint(fields=['a'], name='u_{app}', deferrable=models.Deferrable.DEFERRED)", (3, 2)),
    "immediate": ("models.UniqueConstraint(fields=['a'], name='u_{app}', deferrable=models.Deferrable.IMMEDIATE)", (3, 2)),
    "include": ("models.UniqueConstraint(fields=['a'], name='u_{app}', include=['b'])", (3, 2)),
    "opclasses": ("models.UniqueConstraint(fields=['c'], name='u_{app}', opclasses=['varchar_pattern_ops'])", (3, 2)),
    "expression": ("models.UniqueConstraint(Lower('c'), 'a', name='u_{app}')", (4, 0)),
    "expression_where": ("models.UniqueConstraint(Lower('c').desc(), name='u_{app}', condition=Q(a=1))", (4, 0)),
    "nulls": ("models.UniqueConstraint(fields=['b'], name='u_{app}', nulls_distinct=False)", (5, 0)),
    "nulls_distinct": ("models.UniqueConstraint(fields=['b'], name='u_{app}', nulls_distinct=True, include=['a'])", (5, 0)),
}
for key, (text, since) in UNIQUES.items():
    case(f"unique_{key}", [create("Thing", *ABC)], [constraint("thing", text)], ["migrations.RemoveConstraint('thing', 'u_{app}')"], since=since)
    case(f"unique_created_{key}", [create("Thing", *ABC, options=f"'constraints': [{text}]")], since=since)
    case(f"unique_kept_{key}", [create("Thing", *ABC, options=f"'constraints': [{text}]")], [alter("thing", "a", "models.BigIntegerField(unique=True)")],
         [alter("thing", "a", "models.BigIntegerField()")], since=since)

EXCLUSIONS = {
    "plain": "ExclusionConstraint(name='e_{app}', expressions=[('r', '&&')])",
    "two": "ExclusionConstraint(name='e_{app}', expressions=[(F('r'), pg.RangeOperators.OVERLAPS), ('a', pg.RangeOperators.EQUAL)], condition=Q(g=False))",
    "deferred": "ExclusionConstraint(name='e_{app}', expressions=[('r', '&&')], deferrable=models.Deferrable.DEFERRED, include=['b'])",
    "spgist": "ExclusionConstraint(name='e_{app}', expressions=[('r', '&&')], index_type='SPGIST')",
    "boundary": "ExclusionConstraint(name='e_{app}', expressions=[(Func('a', 'b', pg.RangeBoundary(inclusive_upper=True), function='int4range'), '&&')])",
    "function": "ExclusionConstraint(name='e_{app}', expressions=[(Func('a', 'b', Value('[]'), function='int4range'), '&&')], condition=Q(a__lt=F('b')))",
}
for key, text in EXCLUSIONS.items():
    case(f"exclusion_{key}", [create("Thing", *ABC)], [constraint("thing", text)], ["migrations.RemoveConstraint('thing', 'e_{app}')"])
    case(f"exclusion_created_{key}", [create("Thing", *ABC, options=f"'constraints': [{text}]")])
case("exclusion_opclass", [create("Thing", *ABC)],
     [constraint("thing", "ExclusionConstraint(name='e_{app}', expressions=[(OpClass('r', name='range_ops'), '&&')])")], since=(4, 1))
case("check_removed", [create("Thing", *ABC, options=f"'constraints': [{check('Q(a__gt=1)', 'c_{app}')}]")], ["migrations.RemoveConstraint('thing', 'c_{app}')"])
case("check_altered", [create("Thing", *ABC, options=f"'constraints': [{check('Q(a__gt=1)', 'c_{app}')}]")],
     [f"migrations.AlterConstraint('thing', 'c_{{app}}', {check('Q(a__gt=1)', 'c_{app}')})"], since=(5, 2))
case("check_not_valid", [create("Thing", *ABC)], [f"pgo.AddConstraintNotValid('thing', {check('Q(a__gt=1)', 'c_{app}')})"],
     ["pgo.ValidateConstraint('thing', 'c_{app}')"], since=(4, 0))
case("check_beside_default", [create("Thing", *ABC, "q=models.IntegerField(db_default=1)", options=f"'constraints': [{check('Q(a__gt=1)', 'c_{app}')}, models.UniqueConstraint(fields=['a'], name='u_{{app}}')]")], since=(5, 0))
case("check_then_positive", [create("Thing", "a=models.PositiveIntegerField()", options=f"'constraints': [{check('Q(a__gt=1)', 'c_{app}')}]")],
     [alter("thing", "a", "models.IntegerField()")])
case("positive_renamed", [create("Thing", "a=models.PositiveIntegerField()")], [alter("thing", "a", "models.PositiveIntegerField(db_column='b')")])

# ------------------------------------------------------------------------------------------- everything else

case("separate", [create("Thing")], ["migrations.SeparateDatabaseAndState(database_operations=[migrations.RunSQL('ALTER TABLE {app}_thing ADD x int')], state_operations=[migrations.AddField('thing', 'x', models.IntegerField(null=True))])"],
     ["migrations.AlterField('thing', 'x', models.IntegerField(null=True, db_index=True))"])
case("separate_database", [create("Thing")], ["migrations.SeparateDatabaseAndState(database_operations=[migrations.AddField('thing', 'x', models.IntegerField(null=True)), migrations.AddField('thing', 'y', models.SlugField(null=True))])"])
case("run_sql", [create("Thing")], ["migrations.RunSQL('CREATE INDEX {app}_by_hand ON {app}_thing (id); COMMENT ON TABLE {app}_thing IS $$a;b$$', migrations.RunSQL.noop)"])
case("run_sql_list", [create("Thing")], ["migrations.RunSQL(['ALTER TABLE {app}_thing ADD x int', ('ALTER TABLE {app}_thing ADD y text DEFAULT %s', [\"it's\"]), ('ALTER TABLE {app}_thing ADD z int DEFAULT 5 %% 3', [])])"])
case("run_sql_state", [create("Thing", "a=models.IntegerField(unique=True)")],
     ["migrations.RunSQL('ALTER TABLE {app}_thing DROP CONSTRAINT {app}_thing_a_key; ALTER TABLE {app}_thing ADD CONSTRAINT by_hand UNIQUE (a)')"],
     [alter("thing", "a", "models.IntegerField()")])
case("run_sql_index", [create("Thing", "a=models.IntegerField(db_index=True)")],
     ["migrations.RunSQL('CREATE INDEX {app}_second ON {app}_thing (a)')"], [alter("thing", "a", "models.IntegerField()")])
case("run_sql_key", OTHERS + [create("Thing", "f=" + fk("other"))],
     ["migrations.RunSQL('ALTER TABLE {app}_thing RENAME TO {app}_thang; ALTER TABLE {app}_thang RENAME TO {app}_thing')"],
     [alter("thing", "f", fk("other", "null=True"))], ["migrations.RemoveField('thing', 'f')"])
case("run_sql_together", [create("Thing", *ABC, options="'unique_together': {{('a', 'b')}}")],
     ["migrations.RunSQL('ALTER TABLE {app}_thing RENAME CONSTRAINT ' || '' )" if False else "migrations.RunSQL('COMMENT ON TABLE {app}_thing IS NULL')"],
     ["migrations.AlterUniqueTogether('thing', set())"])
case("run_python", [create("Thing")], ["migrations.RunPython(migrations.RunPython.noop)", add("thing", "x", "models.IntegerField(null=True)")])
case("extensions", ["pgo.BtreeGinExtension()", "pgo.CreateExtension('pgcrypto')", "pgo.UnaccentExtension()"])
case("collation", ["pgo.CreateCollation('ci_{app}', provider='icu', locale='und-u-ks-level2', deterministic=False)",
                   create("Thing", "c=models.CharField(max_length=5, db_collation='ci_{app}', unique=True)", "d=models.TextField(db_collation='ci_{app}', db_index=True)")],
     [add("thing", "e", "models.CharField(max_length=5, db_collation='ci_{app}', db_index=True, null=True)")])
case("collation_removed", ["pgo.CreateCollation('x_{app}', locale='C')"], ["pgo.RemoveCollation('x_{app}', locale='C')"])
case("not_atomic", [create("A"), create("B", "a=" + fk("a"))], [add("a", "x", "models.SlugField(null=True)")], atomic=False)
case("subclass", ["Own('Thing', [('id', models.AutoField(primary_key=True)), ('x', Money())])"], more="own")

OWN = '''
class Own(migrations.CreateModel):
    def __init__(self, name, fields):
        super().__init__(name, fields + [("added", models.IntegerField(null=True))])


class Money(models.DecimalField):
    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_digits", 12)
        kwargs["decimal_places"] = 3
        super().__init__(*args, **kwargs)


'''


def write(folder, head="", apps=(), engine="django.db.backends.postgresql"):
    folder = pathlib.Path(folder)
    installed = ["django.contrib.postgres", *apps]
    apps = []
    names = set()
    for number, (name, migrations, more, atomic) in enumerate(CASES):
        assert name not in names, name
        names.add(name)
        app = f"c{number:04}"
        apps.append((app, name))
        directory = folder / app / "migrations"
        directory.mkdir(parents=True)
        (folder / app / "__init__.py").touch()
        (directory / "__init__.py").touch()
        for step, operations in enumerate(migrations, start=1):
            body = "".join(f"        {text.replace('{app}', app).replace('{{', '{').replace('}}', '}')},\n" for text in operations)
            dependencies = [(app, f"{step - 1:04}_step")] if step > 1 else []
            text = (head + HEAD).replace("{dependencies}", repr(dependencies)).replace("{operations}\n", body)
            text = text.replace("{functions}", ", ".join(FUNCTIONS))
            text = text.replace("{more}", "" if atomic or step == 1 and "concurrently" not in name else "    atomic = False\n")
            if more:
                text = text.replace("\n\nclass Migration", OWN + "class Migration", 1)
            (directory / f"{step:04}_step.py").write_text(text, encoding="utf-8")
    listed = "".join(f"    {app!r},\n" for app in [*installed, *(app for app, _ in apps)])
    (folder / "names.txt").write_text("".join(f"{app} {name}\n" for app, name in apps), encoding="utf-8")
    (folder / "settings.py").write_text(
        "import os\n\nINSTALLED_APPS = [\n" + listed + "]\n"
        "first, _, last = os.environ.get('CASES', '').partition('-')\n"
        "INSTALLED_APPS = [app for app in INSTALLED_APPS if not last or '.' in app or first <= app <= last]\n"
        f"DATABASES = {{'default': {{'ENGINE': {engine!r}, "
        "'NAME': os.environ.get('DBNAME', ''), 'HOST': os.environ.get('DBHOST', ''),\n"
        "    'PORT': os.environ.get('DBPORT', ''), 'USER': os.environ.get('DBUSER', ''), 'PASSWORD': os.environ.get('DBPASSWORD', '')}}\n"
        "SECRET_KEY = 'x'\nUSE_TZ = True\nTIME_ZONE = 'UTC'\n"
        + ("" if VERSION >= (6, 0) else "DEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\n"),
        encoding="utf-8",
    )


if __name__ == "__main__":
    write(sys.argv[1])
