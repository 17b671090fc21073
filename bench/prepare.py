"""Benchmark steps inside Django, each in a process of its own:

python -m bench.prepare fill DATASET WEEK
python -m bench.prepare sign-in EMAIL ...
python -m bench.prepare forget SLUG KPI WEEK
"""

import json
import sys

import django

django.setup()

from allauth.usersessions.models import UserSession  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench.data import fill  # noqa: E402
from bench.shapes import DATASETS  # noqa: E402
from funnel.domain.weeks import Week  # noqa: E402
from funnel.models import Meeting, User, WeeklyEntry  # noqa: E402


def fill_database(dataset: str, week: str) -> None:
    """PostgreSQL is vacuumed, as after a night in production."""
    call_command("migrate", verbosity=0)
    fill(DATASETS[dataset], Week.parse(week))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    else:
        with connection.cursor() as cursor:
            # Leaves a single file without a write-ahead log.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def sign_in(*emails: str) -> None:
    """Print {email: session key}."""
    keys = {}
    for user in User.objects.filter(email__in=emails):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        # As the login view does.
        UserSession.objects.create(
            user=user, session_key=session.session_key, ip="127.0.0.1", user_agent="bench"
        )
        keys[user.email] = session.session_key
    print(json.dumps(keys))


def forget(slug: str, kpi: str, week: str) -> None:
    """Remove a number, so that it can be the first."""
    monday = Week.parse(week).monday
    WeeklyEntry.objects.filter(practice__slug=slug, kpi__slug=kpi, week=monday).delete()
    Meeting.objects.filter(practice__slug=slug, week=monday).delete()


COMMANDS = {"fill": fill_database, "sign-in": sign_in, "forget": forget}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
