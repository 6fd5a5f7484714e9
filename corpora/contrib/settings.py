from base import *

INSTALLED_APPS += ["django.contrib.flatpages", "django.contrib.redirects"]
