import os
import sys

import kolibri

if __name__ == "__main__":
    # It brings Django, and all else that it needs.
    sys.path.insert(0, os.path.join(os.path.dirname(kolibri.__file__), "dist"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
