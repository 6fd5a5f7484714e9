from base import *

INSTALLED_APPS += [
    "hyperkitty",
    "postorius",
    "django_mailman3",
    "rest_framework",
    "django_gravatar",
    "compressor",
    "haystack",
    "django_extensions",
    "django_q",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
]
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
MAILMAN_REST_API_URL = "http://localhost"
MAILMAN_REST_API_USER = MAILMAN_REST_API_PASS = MAILMAN_ARCHIVER_KEY = "none"
STATIC_ROOT = "static"
COMPRESS_ENABLED = False
Q_CLUSTER = {"orm": "default"}
