import locale

from base import *

INSTALLED_APPS = [
    "mezzanine.boot",
    "mezzanine.conf",
    "mezzanine.core",
    "mezzanine.generic",
    "mezzanine.pages",
    "cartridge.shop",
    "mezzanine.blog",
    "mezzanine.forms",
    "mezzanine.galleries",
    "mezzanine.twitter",
    "mezzanine.accounts",
    "django_comments",
    "filebrowser_safe",
    "grappelli_safe",
    *INSTALLED_APPS,
    "django.contrib.redirects",
]
PACKAGE_NAME_FILEBROWSER = "filebrowser_safe"
PACKAGE_NAME_GRAPPELLI = "grappelli_safe"
LANGUAGES = [("en", "en")]
USE_I18N = False
ALLOWED_HOSTS = ["*"]
NEVERCACHE_KEY = "none"
TEMPLATES[0]["APP_DIRS"] = False
TEMPLATES[0]["OPTIONS"]["builtins"] = ["mezzanine.template.loader_tags"]
TEMPLATES[0]["OPTIONS"]["loaders"] = [
    "mezzanine.template.loaders.host_themes.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES[0]["OPTIONS"]["context_processors"] += [
    "mezzanine.conf.context_processors.settings",
    "mezzanine.pages.context_processors.page",
]
SHOP_USE_VARIATIONS = True
SHOP_HANDLER_SHIPPING = ""
PROJECT_APP_PATH = "."
PROJECT_APP = "settings"

# The shop takes the places of its prices from the locale, and the one of C has none.
_convention = locale.localeconv()
locale.localeconv = lambda: {**_convention, "frac_digits": 2}

from mezzanine.utils.conf import set_dynamic_settings

set_dynamic_settings(globals())
