from base import *

INSTALLED_APPS += [
    "django.contrib.postgres",
    "django.contrib.redirects",
    "django.contrib.flatpages",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "django_celery_beat",
    "django_celery_results",
    "oauth2_provider",
    "guardian",
    "taggit",
    "waffle",
    "axes",
    "reversion",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_email",
    "django_q",
    "constance",
    "push_notifications",
    "organizations",
    "auditlog",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "rest_framework.authtoken",
    "background_task",
    "actstream",
    "post_office",
    "two_factor",
    "two_factor.plugins.phonenumber",
    "silk",
    "django_fsm_log",
    "rest_framework_api_key",
    "knox",
    "djmoney",
    "djmoney.contrib.exchange",
    "djstripe",
    "cities_light",
    "invitations",
    "simple_history",
]
MIDDLEWARE += [
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
CONSTANCE_BACKEND = "constance.backends.database.DatabaseBackend"
CONSTANCE_CONFIG = {}
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"
STRIPE_LIVE_MODE = False
STRIPE_TEST_SECRET_KEY = "sk_test_123456789012345678901234"
OPEN_EXCHANGE_RATES_APP_ID = "none"
INVITATIONS_INVITATION_EXPIRY = 3
CITIES_LIGHT_TRANSLATION_LANGUAGES = ["en"]
