"""Migrates a project with Django, and says for each migration what Django sent, or why it stopped.

    DBNAME=… EXTENSIONS=… python record.py FOLDER [--brief] > statements.jsonl

With --brief, a line has the app, the migration and the error, with tabs between them, and no statements.
"""

import json
import os
import sys

sys.path.insert(0, sys.argv[1])
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django

django.setup()

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

sent = []


def record(execute, sql, params, many, context):
    text = str(sql)
    word = text.lstrip().split(None, 1)[0].upper() if text.strip() else ""
    looks = word in ("SELECT", "WITH", "SAVEPOINT", "RELEASE", "ROLLBACK") and "setval" not in text
    ledger = "django_migrations" in text
    if not looks and not ledger:
        shown = text
        if params is not None:
            shown = context["cursor"].cursor.mogrify(text, params)
            shown = shown.decode() if isinstance(shown, bytes) else shown
        sent.append(shown)
    return execute(sql, params, many, context)


with connection.cursor() as cursor:
    for extension in os.environ["EXTENSIONS"].split():
        cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")

executor = MigrationExecutor(connection)
targets = executor.loader.graph.leaf_nodes()
plan = executor.migration_plan(targets)
executor.recorder.ensure_schema()
state = executor._create_project_state(with_applied_migrations=True)
broken = set()
with connection.execute_wrapper(record):
    for migration, _ in plan:
        if migration.app_label in broken:
            continue
        sent.clear()
        before = state.clone()
        error = None
        try:
            state = executor.apply_migration(state, migration)
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"
            broken.add(migration.app_label)
            state = before
            # What failed at the end of a migration leaves its transaction open.
            connection.in_atomic_block = False
            connection.needs_rollback = False
            connection.savepoint_ids = []
            connection.atomic_blocks = []
            connection.run_on_commit = []
            connection.close()
            connection.connect()
        if "--brief" in sys.argv:
            print(migration.app_label, migration.name, (error or "").replace("\n", " "), sep="\t", flush=True)
        else:
            line = {"app": migration.app_label, "name": migration.name, "sent": list(sent), "error": error}
            print(json.dumps(line), flush=True)
