from base import *

INSTALLED_APPS += ["django.contrib.humanize", "reversion", "rest_framework", "helpdesk"]
HELPDESK_TEAMS_MODE_ENABLED = False
