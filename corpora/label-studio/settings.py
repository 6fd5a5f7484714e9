import os
import tempfile

os.environ.setdefault("BASE_DATA_DIR", os.path.join(tempfile.gettempdir(), "label-studio"))

from label_studio.core.settings.label_studio import *

import base

DATABASES = base.DATABASES
