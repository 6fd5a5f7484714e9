import base64
import os
import tempfile

import base

DATABASES = base.DATABASES
DEPLOY_ROOT = os.path.join(tempfile.gettempdir(), "pulp")
WORKING_DIRECTORY = os.path.join(DEPLOY_ROOT, "work")
FILE_UPLOAD_TEMP_DIR = DEPLOY_ROOT
DB_ENCRYPTION_KEY = os.path.join(DEPLOY_ROOT, "key")
os.makedirs(WORKING_DIRECTORY, exist_ok=True)
with open(DB_ENCRYPTION_KEY, "wb") as key:
    key.write(base64.urlsafe_b64encode(b"not secret" * 3 + b"!!") + b"\n")
CONTENT_ORIGIN = "http://localhost"
SECRET_KEY = base.SECRET_KEY
TOKEN_AUTH_DISABLED = True
TOKEN_SERVER = "http://localhost/token"
TOKEN_SIGNATURE_ALGORITHM = "ES256"
ANSIBLE_API_HOSTNAME = ANSIBLE_CONTENT_HOSTNAME = "http://localhost"
