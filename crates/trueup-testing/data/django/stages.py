"""Migrates a project with Django, one migration after the other, and says after each what the schema public holds.

    DBNAME=… python stages.py FOLDER > stages.tsv

Each line has the migration, and of one object that is there after it the kind, the table and the name.
"""

import os
import sys

sys.path.insert(0, sys.argv[1])
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django

django.setup()

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

OBJECTS = """
with tables as (
    select oid, relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
        and relname <> 'django_migrations')
select 'table', relname, relname from tables
union all
select 'column', relname, attname from pg_attribute join tables on oid = attrelid
    where attnum > 0 and not attisdropped
union all
select 'constraint', relname, conname from pg_constraint join tables on tables.oid = conrelid
    where contype in ('p', 'u', 'c', 'f', 'x')
union all
select 'index', tables.relname, c.relname from pg_index join tables on tables.oid = indrelid
    join pg_class c on c.oid = indexrelid
    where not exists (select from pg_constraint where conindid = indexrelid and conrelid = indrelid)
order by 1, 2, 3
"""

executor = MigrationExecutor(connection)
plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
executor.recorder.ensure_schema()
state = executor._create_project_state(with_applied_migrations=True)
for migration, _ in plan:
    state = executor.apply_migration(state, migration)
    with connection.cursor() as cursor:
        cursor.execute(OBJECTS)
        for thing in cursor.fetchall():
            print(f"{migration.app_label}.{migration.name}", *thing, sep="\t")
