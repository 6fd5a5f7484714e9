"""Settings that all projects here share."""

import os

SECRET_KEY = "not secret"
DEBUG = True
USE_TZ = True
LANGUAGE_CODE = "en"
SITE_ID = 1
ROOT_URLCONF = "base"
urlpatterns = []
STATIC_URL = "/static/"
MEDIA_URL = "/media/"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("CORPUS_HOST", "127.0.0.1"),
        "PORT": os.environ.get("CORPUS_PORT", "5432"),
        "NAME": os.environ.get("CORPUS_NAME", "corpus"),
        "USER": os.environ.get("CORPUS_USER", "postgres"),
        "PASSWORD": os.environ.get("CORPUS_PASSWORD", ""),
    }
}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sites",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
