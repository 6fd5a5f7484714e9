"""Writes a Django project with one app for each case of what a migration can do with what lies on a map.

    python spatial.py FOLDER
"""

import itertools
import sys

from matrix import CASES, add, alter, case, create, index, write

KINDS = [
    "PointField",
    "LineStringField",
    "PolygonField",
    "MultiPointField",
    "MultiLineStringField",
    "MultiPolygonField",
    "GeometryCollectionField",
    "GeometryField",
]
OPTIONS = [
    "",
    "srid=3857",
    "dim=3",
    "geography=True",
    "spatial_index=False",
    "dim=3, spatial_index=False",
    "srid=3857, dim=3",
    "geography=True, spatial_index=False",
    "geography=True, dim=3",
    "blank=True",
    "db_column='Other Name'",
    "null=False",
    "db_index=True",
    "spatial_index=False, db_index=True",
    "unique=True, spatial_index=False",
    "db_tablespace='elsewhere'",
]
OF_RASTERS = ["", "srid=3857", "spatial_index=False", "srid=3857, spatial_index=False", "db_column='Other Name'", "db_index=True, spatial_index=False"]


def field(kind, options):
    null = "" if "null=" in options else "null=True"
    return f"gis.{kind}({', '.join(filter(None, [null, options]))})"


def shown(options):
    return options.replace(" ", "").replace("'", "").replace(",", "_") or "plain"


CASES.clear()
for number, (before, after) in enumerate(itertools.permutations(OPTIONS, 2)):
    kind = KINDS[number % len(KINDS)]
    case(f"{kind}_{shown(before)}_to_{shown(after)}", [create("Thing", f"f={field(kind, before)}")], [alter("thing", "f", field(kind, after))])
for before, after in itertools.permutations(OF_RASTERS, 2):
    case(f"raster_{shown(before)}_to_{shown(after)}", [create("Thing", f"f={field('RasterField', before)}")], [alter("thing", "f", field("RasterField", after))])
for kind, of_kind in [(kind, ["", "spatial_index=False", "geography=True, dim=3"]) for kind in KINDS] + [("RasterField", ["", "spatial_index=False"])]:
    for options in of_kind:
        made, name = field(kind, options), f"{kind}_{shown(options)}"
        case(f"{name}_added", [create("Thing")], [add("thing", "f", made)])
        case(f"{name}_removed", [create("Thing", f"f={made}")], ["migrations.RemoveField('thing', 'f')"])
        case(f"{name}_renamed", [create("Thing", f"f={made}")], ["migrations.RenameField('thing', 'f', 'g')", alter("thing", "g", field(kind, "blank=True"))])
for kind in ["PointField", "RasterField"]:
    made = field(kind, "")
    case(f"{kind}_of_a_model_that_is_renamed", [create("Thing", f"f={made}")], ["migrations.RenameModel('Thing', 'Matter')", alter("matter", "f", field(kind, "spatial_index=False"))])
    case(f"{kind}_of_a_table_that_is_renamed", [create("Thing", f"f={made}")], ["migrations.AlterModelTable('thing', '{app}_elsewhere')", add("thing", "g", made)])
    case(f"{kind}_of_a_model_that_is_deleted", [create("Thing", f"f={made}")], ["migrations.DeleteModel('Thing')"])
case("geometry_to_text", [create("Thing", f"f={field('PointField', '')}")], [alter("thing", "f", "models.TextField(null=True)")])
case("text_to_geometry", [create("Thing", "f=models.TextField(null=True)")], [alter("thing", "f", field("PointField", ""))])
case("another_kind", [create("Thing", f"f={field('PointField', '')}")], [alter("thing", "f", field("GeometryField", ""))])
case("index", [create("Thing", f"f={field('PointField', 'spatial_index=False')}")], [index("thing", "models.Index(fields=['f'], name='i_{app}')")])
case("gist", [create("Thing", f"f={field('PointField', 'spatial_index=False')}")], [index("thing", "pgi.GistIndex(fields=['f'], name='i_{app}')")])
case("spgist", [create("Thing", f"f={field('PolygonField', 'spatial_index=False')}")], [index("thing", "pgi.SpGistIndex(fields=['f'], name='i_{app}')")])
case("brin", [create("Thing", f"f={field('PointField', 'geography=True')}")], [index("thing", "pgi.BrinIndex(fields=['f'], name='i_{app}')")])
case("condition", [create("Thing", f"f={field('PointField', '')}", "n=models.IntegerField()")], [index("thing", "models.Index(fields=['n'], name='i_{app}', condition=Q(f__isnull=False))")])
for name, arguments in [
    ("opclass", "opclasses=['gist_geometry_ops_nd']"),
    ("conditional", "condition=Q(n__gt=3)"),
    ("including", "include=['n']"),
    ("filled", "fillfactor=70"),
    ("elsewhere", "db_tablespace='elsewhere'"),
]:
    asked = f"pgi.GistIndex(fields=['f'], name='i_{{app}}', {arguments})"
    for kind in ["PointField", "RasterField"]:
        case(f"{kind}_{name}", [create("Thing", f"f={field(kind, 'spatial_index=False')}", "n=models.IntegerField()")], [index("thing", asked)])
case("descending", [create("Thing", f"f={field('PointField', '')}")], [index("thing", "models.Index(fields=['-f'], name='i_{app}')")])
case("of_two", [create("Thing", f"f={field('PointField', '')}", f"g={field('PointField', '')}")], [index("thing", "pgi.GistIndex(fields=['f', 'g'], name='i_{app}')")])
case("concurrently", [create("Thing", f"f={field('PointField', '')}")], ["pgo.AddIndexConcurrently('thing', models.Index(fields=['f'], name='i_{app}'))"], atomic=False)
case("index_together", [create("Thing", f"f={field('PointField', 'spatial_index=False')}", options="'index_together': [('f',)]")], ["migrations.AlterIndexTogether('thing', set())"], until=(5, 1))
case("index_together_later", [create("Thing", f"f={field('PointField', 'spatial_index=False')}")], ["migrations.AlterIndexTogether('thing', {('f',)})"], until=(5, 1))
case("index_together_of_a_tablespace", [create("Thing", "n=models.IntegerField(db_tablespace='elsewhere')")], ["migrations.AlterIndexTogether('thing', {('n',)})"], until=(5, 1))
case("unique_together", [create("Thing", f"f={field('PointField', '')}", "n=models.IntegerField()")], ["migrations.AlterUniqueTogether('thing', {('f', 'n')})"])
case("inherited", [create("Thing", f"f={field('PointField', '')}")], [create("Child", "thing_ptr=models.OneToOneField('{app}.thing', models.CASCADE, auto_created=True, parent_link=True, primary_key=True, serialize=False)", f"g={field('PolygonField', '')}", bases="'{app}.thing'")])
case("long_name", [create("ThingWithANameThatIsFarTooLongForASpatialIndex", f"f_that_is_rather_long_as_well={field('PointField', '')}")], [alter("thingwithanamethatisfartoolongforaspatialindex", "f_that_is_rather_long_as_well", field("PointField", "spatial_index=False"))])

if __name__ == "__main__":
    write(
        sys.argv[1],
        head="from django.contrib.gis.db import models as gis\n",
        apps=["django.contrib.gis"],
        engine="django.contrib.gis.db.backends.postgis",
    )
