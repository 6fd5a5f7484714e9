import os
import tempfile

import base

os.environ.setdefault("KOLIBRI_HOME", os.path.join(tempfile.gettempdir(), "kolibri"))
os.makedirs(os.environ["KOLIBRI_HOME"], exist_ok=True)
os.environ["KOLIBRI_DATABASE_ENGINE"] = "postgres"
for option in ("NAME", "USER", "PASSWORD", "HOST", "PORT"):
    os.environ["KOLIBRI_DATABASE_" + option] = base.DATABASES["default"][option]

from kolibri.deployment.default.settings.base import *

# The second connection that it wants has other isolation.
DATABASES = {**base.DATABASES, "default-serializable": {**base.DATABASES["default"], "TEST": {"MIRROR": "default"}}}
