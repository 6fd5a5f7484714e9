from base import *

INSTALLED_APPS += ["django.contrib.humanize", "django_nyt", "mptt", "sekizai", "sorl.thumbnail", "wiki"]
INSTALLED_APPS += [
    "wiki.plugins." + name
    for name in ("attachments", "notifications", "images", "macros", "globalhistory", "links")
]
TEMPLATES[0]["OPTIONS"]["context_processors"] += ["sekizai.context_processors.sekizai"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
