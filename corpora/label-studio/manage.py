import os
import sys
import tempfile

import base
import label_studio

DATABASE = base.DATABASES["default"]

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(label_studio.__file__))
    os.environ["DJANGO_SETTINGS_MODULE"] = "core.settings.label_studio"
    os.environ["BASE_DATA_DIR"] = os.path.join(tempfile.gettempdir(), "label-studio")
    os.environ["DJANGO_DB"] = "default"
    for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
        os.environ["POSTGRE_" + name] = DATABASE[name]
    os.environ["COLLECT_ANALYTICS"] = "0"
    os.environ["SENTRY_DSN"] = os.environ["FRONTEND_SENTRY_DSN"] = ""
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
