"""Overrides `.env` beside manage.py; ENV_FILE names another."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY_FILE = BASE_DIR / ".secret-key"

env = environ.Env()
if env_file := os.environ.get("ENV_FILE", str(BASE_DIR / ".env")):
    environ.Env.read_env(env_file)

# Seconds, and milliseconds: an idle connection is asked about after 30 seconds, one that waits for
# a confirmation is given up after 15.
TCP = {
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
# Seconds. Each thread of each gunicorn worker has one connection: WEB_CONCURRENCY × 4 at most.
CONN_MAX_AGE = 60

SHORTEST_CODE = 16


def secret_key() -> str:
    """Raises ImproperlyConfigured."""
    key: str = env.str("SECRET_KEY", default="")
    if not key and SECRET_KEY_FILE.exists():
        key = SECRET_KEY_FILE.read_text(encoding="ascii").strip()
    if not key:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Put 50 or more random characters into the environment or into "
            ".env; for a trial on this machine, `python3 dev.py run` creates one."
        )
    return key


def first_admin_code() -> str:
    """Empty for none. Raises ImproperlyConfigured if short."""
    code: str = env.str("FIRST_ADMIN_CODE", default="")
    if code and len(code) < SHORTEST_CODE:
        raise ImproperlyConfigured(
            f"FIRST_ADMIN_CODE has {len(code)} characters. Use {SHORTEST_CODE} or more random "
            "ones, or remove the line when there is an admin."
        )
    return code


def site_url(*, debug: bool, port: int) -> str:
    """Default to https outside DEBUG, to fail safe."""
    default = f"http://127.0.0.1:{port}" if debug else "https://localhost"
    url: str = env.str("SITE_URL", default=default).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(
            f"SITE_URL is {url!r}; it must look like https://kpi.example.com"
        )
    return url


def database() -> dict[str, Any]:
    config: dict[str, Any] = dict(
        env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
    )
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # Django's backend loses triggers when migrations change a table.
        config["ENGINE"] = "kpi_practice.sqlite"
        # All three: otherwise concurrent read-then-write loses transactions.
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("timeout", 15)
        # Open as long as the process runs. Opening took a third of the CPU time of a short page,
        # and the last connection that closes deletes the journal's files: on a full disk they
        # cannot be created again, and without them nothing can be read. Stop the processes before
        # you replace the file.
        config.setdefault("CONN_MAX_AGE", None)
        options.setdefault("init_command", "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    elif config["ENGINE"] == "django.db.backends.postgresql":
        statement_ms = statement_timeout()
        lock_ms = env.int("DATABASE_LOCK_TIMEOUT_MS", default=3_000)
        config.setdefault("CONN_MAX_AGE", CONN_MAX_AGE)
        config.setdefault("CONN_HEALTH_CHECKS", True)
        options.setdefault("connect_timeout", 3)
        # A machine that is gone, for commands too: requests have their own bound (waits.py).
        for name, value in TCP.items():
            options.setdefault(name, value)
        options.setdefault(
            "options", f"-c statement_timeout={statement_ms} -c lock_timeout={lock_ms}"
        )
    return config


def statement_timeout() -> int:
    """Milliseconds; 0: never."""
    milliseconds: int = env.int("DATABASE_STATEMENT_TIMEOUT_MS", default=5_000)
    return milliseconds


def patience() -> float:
    """Seconds per statement of a request, more than PostgreSQL's; 0: unlimited."""
    milliseconds = statement_timeout()
    return milliseconds / 1000 + 1 if milliseconds else 0


def mails_a_minute() -> int:
    """Raises ImproperlyConfigured for less than one."""
    rate: int = env.int("MAILS_A_MINUTE", default=120)
    if rate < 1:
        raise ImproperlyConfigured(f"MAILS_A_MINUTE is {rate}; it must be 1 or more.")
    return rate


def cache() -> dict[str, Any]:
    """Shared by workers, for sign-in limits."""
    if env.str("CACHE_URL", default=""):
        return dict(env.cache_url("CACHE_URL"))
    return {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
