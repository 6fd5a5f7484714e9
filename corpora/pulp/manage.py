import json
import os
import sys
import tempfile

import base

FOLDER = os.path.join(tempfile.gettempdir(), "pulp")
KEY = os.path.join(FOLDER, "key")
SETTINGS = {
    "DATABASES": base.DATABASES,
    "DB_ENCRYPTION_KEY": KEY,
    "CONTENT_ORIGIN": "http://localhost",
    "SECRET_KEY": base.SECRET_KEY,
    "DEPLOY_ROOT": FOLDER,
    "FILE_UPLOAD_TEMP_DIR": FOLDER,
    "WORKING_DIRECTORY": FOLDER,
    "TOKEN_AUTH_DISABLED": True,
    "TOKEN_SERVER": "http://localhost/token",
    "TOKEN_SIGNATURE_ALGORITHM": "ES256",
    "ANSIBLE_API_HOSTNAME": "http://localhost",
    "ANSIBLE_CONTENT_HOSTNAME": "http://localhost",
}

if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    with open(KEY, "w") as file:
        file.write("bm90IHNlY3JldCBub3Qgc2VjcmV0IG5vdCBzZWNyZXQ=")
    for name, value in SETTINGS.items():
        os.environ["PULP_" + name] = "@json " + json.dumps(value)
    os.environ["DJANGO_SETTINGS_MODULE"] = "pulpcore.app.settings"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
