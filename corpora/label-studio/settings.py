import os
import sys
import tempfile

import label_studio

sys.path.insert(0, os.path.dirname(label_studio.__file__))
os.environ.setdefault("BASE_DATA_DIR", os.path.join(tempfile.gettempdir(), "label-studio"))
os.environ.setdefault("DJANGO_DB", "default")

from core.settings.label_studio import *

import base

DATABASES = base.DATABASES
