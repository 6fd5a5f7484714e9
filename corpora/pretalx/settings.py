import os
import tempfile

os.environ.setdefault("PRETALX_DATA_DIR", os.path.join(tempfile.gettempdir(), "pretalx"))

from pretalx.settings import *

import base

DATABASES = base.DATABASES
