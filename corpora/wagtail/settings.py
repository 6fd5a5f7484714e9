from base import *

INSTALLED_APPS += [
    "wagtail.contrib." + name
    for name in (
        "forms",
        "redirects",
        "settings",
        "simple_translation",
        "search_promotions",
        "routable_page",
        "table_block",
        "frontend_cache",
        "styleguide",
        "typed_table_block",
    )
]
INSTALLED_APPS += [
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail.locales",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.postgres",
]
WAGTAIL_SITE_NAME = "corpus"
WAGTAILADMIN_BASE_URL = "http://localhost"
