from devproject.settings import *

import base

DATABASES = base.DATABASES
CACHES = base.CACHES
