from wger.settings_global import *

import base

DATABASES = base.DATABASES
SECRET_KEY = base.SECRET_KEY
DEBUG = True
SITE_URL = "http://localhost"
MEDIA_ROOT = "media"
MEDIA_URL = "/media/"
RECAPTCHA_PUBLIC_KEY = RECAPTCHA_PRIVATE_KEY = "none"
