from base import *

INSTALLED_APPS += ["mptt", "haystack", "widget_tweaks", "machina"]
INSTALLED_APPS += [
    "machina.apps." + name
    for name in (
        "forum",
        "forum_conversation",
        "forum_conversation.forum_attachments",
        "forum_conversation.forum_polls",
        "forum_feeds",
        "forum_moderation",
        "forum_search",
        "forum_tracking",
        "forum_member",
        "forum_permission",
    )
]
CACHES["machina_attachments"] = dict(CACHES["default"])
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
