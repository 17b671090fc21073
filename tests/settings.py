"""The settings under test: the real ones, over plain http and with a database of this run's own."""

import os
import tempfile
from pathlib import Path

# A developer's own .env changes no test.
os.environ["ENV_FILE"] = ""
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
os.environ["SITE_URL"] = "http://testserver"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["DEBUG"] = "off"
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["TIME_ZONE"] = "UTC"
# Failures alone: pytest shows what was logged beside the test that failed.
os.environ["LOG_LEVEL"] = "WARNING"
for name in ("CACHE_URL", "CSRF_TRUSTED_ORIGINS", "DEFAULT_FROM_EMAIL"):
    os.environ.pop(name, None)

# A file, as in real use: a database in memory has neither its locks nor its journal, and the live
# server's threads would share one connection, which crashes SQLite.
SQLITE_FILE = Path(tempfile.gettempdir()) / f"kpi-test-{os.getpid()}.sqlite3"
os.environ["DATABASE_URL"] = os.environ.get("KPI_TEST_DATABASE_URL") or f"sqlite:///{SQLITE_FILE}"

from kpi_practice.settings import *  # noqa: E402, F403
from kpi_practice.settings import DATABASES  # noqa: E402

IS_SQLITE = DATABASES["default"]["ENGINE"] == "kpi_practice.sqlite"
# Named by process, so that two runs on one machine do not meet.
DATABASES["default"]["TEST"] = {
    "NAME": str(SQLITE_FILE) if IS_SQLITE else f"test_kpi_{os.getpid()}"
}
if not IS_SQLITE:
    # To make and drop a database on a busy machine may take longer than any page is allowed to.
    OPTIONS = DATABASES["default"]["OPTIONS"]
    OPTIONS["options"] = OPTIONS["options"].replace(
        "statement_timeout=5000", "statement_timeout=60000"
    )
    DATABASE_PATIENCE = 61

# Argon2 is meant to be slow; its parameters have their own test.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "kpi_practice.hashers.LightArgon2PasswordHasher",
]
CRISPY_FAIL_SILENTLY = False
# Looks for a static file when it is asked for, not for all of them at every new client.
WHITENOISE_AUTOREFRESH = True
