from base import *

LANGUAGES = [("en", "en")]
CMS_CONFIRM_VERSION4 = True
INSTALLED_APPS += [
    "cms",
    "menus",
    "treebeard",
    "sekizai",
    "filer",
    "easy_thumbnails",
    "djangocms_text",
    "djangocms_link",
    "djangocms_file",
    "djangocms_picture",
    "djangocms_video",
    "djangocms_style",
    "djangocms_snippet",
    "djangocms_googlemap",
    "djangocms_versioning",
    "djangocms_alias",
    "parler",
    "djangocms_frontend",
]
INSTALLED_APPS += ["djangocms_frontend.contrib." + name for name in ("accordion", "card", "link", "grid", "image")]
CMS_TEMPLATES = [("a.html", "a")]
X_FRAME_OPTIONS = "SAMEORIGIN"
