"""Runs programs and prints what their names are worth: `program<TAB>name<TAB>repr`, one line each."""

import contextlib
import io
import sys
import types

SKIPPED = (types.ModuleType, types.FunctionType, type, types.BuiltinFunctionType)

for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    names = {"__name__": path.rsplit("/", 1)[1][:-3], "__file__": path}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, path, "exec"), names)
    for name, value in names.items():
        if not name.startswith("_") and not isinstance(value, SKIPPED):
            print(path.rsplit("/", 1)[1][:-3], name, repr(value).replace("\n", "\\n"), sep="\t")
