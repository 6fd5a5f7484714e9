"""Asks the autodetector of a Django project what its models say that its migrations do not.

Reads one JSON object from standard input: settings (the module, or null). Writes a line of JSON for each change to
standard output; what the project itself prints goes to standard error. No database is asked, and nothing is written.
"""

import inspect
import json
import os
import re
import sys
import traceback

# What the database never sees of a field.
WORDS_ONLY = {
    "auto_now",
    "auto_now_add",
    "blank",
    "choices",
    "default",
    "editable",
    "error_messages",
    "help_text",
    "limit_choices_to",
    "on_delete",
    "related_name",
    "related_query_name",
    "storage",
    "symmetrical",
    "through_fields",
    "upload_to",
    "validators",
    "verbose_name",
}


def main():
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**line):
        out.write(json.dumps(line) + "\n")
        out.flush()

    try:
        run(request, tell)
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if not foreign(frame.filename)]
        frame = own[-1] if own else frames[-1]
        # A syntax error says where it is itself.
        file = getattr(error, "filename", None) if isinstance(error, SyntaxError) else None
        tell(
            error=f"{type(error).__name__}: {last_line(error)}",
            file=file or frame.filename,
            line=error.lineno if file else frame.lineno,
        )
        return 1
    tell(done=True)
    return 0


def foreign(file):
    return file.startswith("<") or "site-packages" in file or "dist-packages" in file or file.startswith(sys.base_prefix)


def last_line(error):
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it says nothing"


def run(request, tell):
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.getcwd())
    if request["settings"]:
        os.environ["DJANGO_SETTINGS_MODULE"] = request["settings"]
    import django
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.utils import OperationalError

    def connect(self):
        raise OperationalError("no database is asked while the models are looked at")

    BaseDatabaseWrapper.connect = connect
    django.setup()
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.questioner import MigrationQuestioner
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None, ignore_no_migrations=True)
    tell(
        django=django.get_version(),
        conflicts={app: sorted(names) for app, names in loader.detect_conflicts().items()},
    )
    before = loader.project_state()
    detector = MigrationAutodetector(before, ProjectState.from_apps(apps), MigrationQuestioner(dry_run=True))
    changes = detector.changes(graph=loader.graph)
    told = Told(apps, before)
    for app in sorted(changes):
        for migration in changes[app]:
            for operation in migration.operations:
                tell(**told.change(app, operation))
    for line in told.unmigrated(loader):
        tell(**line)


class Told:
    """What operations are about, by the models as they are and by the state after all migrations."""

    def __init__(self, apps, before):
        self.apps = apps
        self.before = before
        self.old = None

    def change(self, app, operation):
        kind = type(operation).__name__
        name = getattr(operation, "model_name", None)
        if name is None:
            name = operation.new_name if kind == "RenameModel" else operation.name
        field = operation.name if kind in ("AddField", "AlterField", "RemoveField") else None
        if kind == "RenameField":
            field = operation.new_name
        model = self.live(app, name)
        former = self.former(app, name)
        at_hand = model or former
        line = {
            "app": app,
            "operation": kind,
            "model": model._meta.object_name if model else former._meta.object_name if former else str(name),
            "field": field,
            "description": operation.describe(),
            "table": at_hand._meta.db_table if at_hand else None,
            "column": None,
            "index": None,
            "constraint": None,
            "class": None,
            "details": self.details(app, operation, kind, name, field),
            "matters": self.matters(app, operation, kind, name, field),
            "installed": self.installed(app),
            "file": None,
            "line": None,
        }
        if field:
            self.about_field(line, model, former, field, kind)
        if kind in ("AddIndex", "RemoveIndex", "RenameIndex"):
            index = getattr(operation, "index", None)
            line["index"] = index.name if index else getattr(operation, "new_name", None) or operation.name
        if kind in ("AddConstraint", "RemoveConstraint", "AlterConstraint"):
            constraint = getattr(operation, "constraint", None)
            line["constraint"] = constraint.name if constraint else operation.name
            known = former._meta.constraints if former else []
            constraint = constraint or next((one for one in known if one.name == operation.name), None)
            line["class"] = type(constraint).__name__ if constraint else None
        if model:
            line["file"], line["line"] = place(model, field)
        return line

    def about_field(self, line, model, former, name, kind):
        # What the database has is the column as it was.
        owner = former if kind in ("RemoveField", "AlterField") and former else model
        field = None
        if owner:
            try:
                field = owner._meta.get_field(name)
            except Exception:
                field = None
        if field is None:
            self.about_former_field(line, name)
            return
        present = model._meta.get_field(name) if model and kind == "AlterField" else field
        line["class"] = type(present).__name__
        if field.many_to_many:
            through = field.remote_field.through
            if through and through._meta.auto_created:
                line["table"] = through._meta.db_table
        else:
            line["column"] = field.column

    def about_former_field(self, line, name):
        """What the state says of a field where Django cannot make its models: a relation may lead nowhere."""
        state = self.before.models.get((line["app"], line["model"].lower()))
        field = dict(state.fields).get(name) if state else None
        if field is None:
            return
        line["class"] = type(field).__name__
        line["table"] = line["table"] or state.options.get("db_table") or f"{line['app']}_{state.name.lower()}"
        if not field.many_to_many:
            line["column"] = field.db_column or (f"{name}_id" if field.remote_field else name)

    def live(self, app, name):
        try:
            return self.apps.get_model(app, name)
        except Exception:
            return None

    def former(self, app, name):
        """The model after all migrations; nothing where Django cannot make it."""
        if self.old is None:
            try:
                self.old = self.before.apps
            except Exception:
                self.old = False
        if not self.old:
            return None
        try:
            return self.old.get_model(app, name)
        except Exception:
            return None

    def matters(self, app, operation, kind, name, field):
        """Whether the database would see it."""
        if kind in ("AlterModelOptions", "AlterModelManagers"):
            options = getattr(operation, "options", {})
            return "managed" in options
        if kind in ("CreateModel", "DeleteModel"):
            options = getattr(operation, "options", {})
            if kind == "DeleteModel":
                state = self.before.models.get((app, name.lower()))
                options = state.options if state else {}
            return not options.get("proxy") and options.get("managed", True)
        if kind != "AlterField":
            return True
        state = self.before.models.get((app, name.lower()))
        if state is None:
            return True
        old = dict(state.fields).get(field)
        if old is None:
            return True
        return seen(old) != seen(operation.field)

    def details(self, app, operation, kind, name, field):
        """How a field differs from the one that migrations make."""
        if kind != "AlterField":
            return None
        state = self.before.models.get((app, name.lower()))
        old = dict(state.fields).get(field) if state else None
        return differences(old, operation.field) if old else None

    def unmigrated(self, loader):
        """Models of the project in apps that have no migrations at all: Django's autodetector leaves them out."""
        for app in sorted(loader.unmigrated_apps):
            if self.installed(app) or loader.migrations_module(app)[0] is None:
                continue
            for model in self.apps.get_app_config(app).get_models():
                if not model._meta.managed or model._meta.proxy or model._meta.swapped:
                    continue
                file, line = place(model, None)
                yield {
                    "app": app,
                    "operation": "CreateModel",
                    "model": model._meta.object_name,
                    "description": f"Create model {model._meta.object_name}",
                    "table": model._meta.db_table,
                    "matters": True,
                    "details": "the app has no migrations",
                    "file": file,
                    "line": line,
                }

    def installed(self, app):
        """Whether the app is a package's, and not the project's."""
        path = os.path.realpath(self.apps.get_app_config(app).path)
        return "site-packages" in path or "dist-packages" in path


def seen(field):
    """What the database sees of a field, as far as its definition says."""
    _, path, args, kwargs = field.deconstruct()

    def shown(value):
        # The field that an array or a range is made of.
        return seen(value) if hasattr(value, "db_parameters") else repr(value)

    named = {name: shown(value) for name, value in kwargs.items() if name not in WORDS_ONLY}
    return path, [shown(value) for value in args], named


def differences(old, new):
    """The arguments of two fields that are not the same: those that the database sees, or else the words."""
    (old_path, old_args, old_named), (path, args, named) = seen(old), seen(new)
    said = []
    if path != old_path:
        said.append(f"it is {path.rsplit('.', 1)[-1]}, in the migrations {old_path.rsplit('.', 1)[-1]}")
    if args != old_args:
        said.append("its arguments are others")
    for name in sorted(set(named) | set(old_named)):
        after, before = named.get(name), old_named.get(name)
        if after != before:
            said.append(f"{name} is {short(after)}, in the migrations {short(before)}")
    if not said:
        words, old_words = new.deconstruct()[3], old.deconstruct()[3]
        others = sorted(name for name in WORDS_ONLY if repr(words.get(name)) != repr(old_words.get(name)))
        said = [", ".join(others)] if others else []
    return "; ".join(said) or None


def short(value):
    if value is None:
        return "not set"
    text = value if isinstance(value, str) else "another one"
    return text if len(text) <= 60 else text[:59] + "…"


def place(model, field):
    """File and line of the class, or of the field in the class of the model or of an ancestor that has it."""
    classes = [model] + [base for base in model.__mro__[1:] if hasattr(base, "_meta")] if field else [model]
    first = None
    for one in classes:
        try:
            lines, start = inspect.getsourcelines(one)
            file = os.path.abspath(inspect.getsourcefile(one))
        except Exception:
            continue
        first = first or (file, start)
        if field is None:
            return first
        wanted = re.compile(r"\s+" + re.escape(field) + r"\s*[:=]")
        for number, text in enumerate(lines):
            if wanted.match(text):
                return file, start + number
    return first or (None, None)


if __name__ == "__main__":
    sys.exit(main())
