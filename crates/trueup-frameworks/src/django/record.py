"""Runs the migrations of a Django project on a throwaway database, and tells what each of them sends.

Reads one JSON object from standard input: settings (the module, or null), alias, database (host, port, user, name). Writes
a line of JSON for each migration to standard output; what the project itself prints goes to standard error.
"""

import json
import os
import sys
import traceback


def main():
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**line):
        out.write(json.dumps(line) + "\n")
        out.flush()

    current = {"migration": None}
    try:
        run(request, tell, current)
    except BaseException as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        tell(
            error=f"{type(error).__name__}: {error}",
            migration=current["migration"],
            file=frame.filename,
            line=frame.lineno,
        )
        return 1
    tell(done=True)
    return 0


def run(request, tell, current):
    sys.path.insert(0, os.getcwd())
    if request["settings"]:
        os.environ["DJANGO_SETTINGS_MODULE"] = request["settings"]
    import django
    from django.conf import settings

    alias = request["alias"]
    settings.DATABASES[alias] = moved(settings.DATABASES[alias], request["database"])
    django.setup()
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    statements = []

    def listen(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        statements.append(text(context, sql, params, many))
        return result

    def progress(action, migration=None, fake=False):
        if action == "apply_start":
            current["migration"] = str(migration.app_label) + "." + migration.name
            statements.clear()
        elif action == "apply_success":
            tell(
                migration=current["migration"],
                file=sys.modules[type(migration).__module__].__file__,
                atomic=bool(migration.atomic),
                statements=[statement for statement in statements if statement],
            )
            current["migration"] = None

    connection = connections[alias]
    executor = MigrationExecutor(connection, progress)
    targets = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(targets)
    tell(django=django.get_version(), migrations=len(plan))
    with connection.execute_wrapper(listen):
        executor.migrate(targets, plan)


def moved(database, address):
    """The same kind of connection, to the throwaway database."""
    options = (database.get("OPTIONS") or {}).get("options")
    return {
        **database,
        "HOST": address["host"],
        "PORT": address["port"],
        "USER": address["user"],
        "NAME": address["name"],
        "PASSWORD": address["password"],
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"options": options} if options else {},
    }


def text(context, sql, params, many):
    """The statement as the server gets it; nothing where the values are told one by one."""
    if many:
        return None
    if params is None:
        return str(sql)
    # A cursor that has run something without a result composes nothing any more (psycopg 3).
    compose = getattr(context["connection"].ops, "compose_sql", None)
    if compose:
        return compose(str(sql), params)
    cursor = context["cursor"]
    composed = getattr(cursor, "cursor", cursor).mogrify(str(sql), params)
    return composed.decode() if isinstance(composed, bytes) else composed


if __name__ == "__main__":
    sys.exit(main())
