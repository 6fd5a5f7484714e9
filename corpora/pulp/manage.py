import os
import sys

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "pulpcore.app.settings"
    os.environ["PULP_SETTINGS"] = os.path.join(os.path.dirname(os.path.abspath(__file__)), "settings.py")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
