"""The statements of each page, which are the same however much a practice has."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.data import fill
from bench.shapes import Shape
from funnel import parts
from funnel.domain.weeks import Week
from funnel.models import Meeting, User, WeeklyEntry
from tests.factories import TODAY

RUNNING = Week.running(TODAY)
SMALL = Shape("small", 1, stages=3, others=0, weeks=13)
LARGE = Shape("large", 1, stages=5, others=10, weeks=520)
MANY = Shape("many", 1000, stages=4, others=1, weeks=4)
FEW = Shape("few", 50, stages=3, others=0, weeks=13)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]


@pytest.fixture
def _now():
    with time_machine.travel(f"{TODAY}T15:00Z", tick=False):
        yield


def statements(client, email, path, **fields):
    """How many a request of that person sends, as GET, or as POST of the fields, where no part of
    the page is stored."""
    parts.cache.clear()
    client.force_login(User.objects.get(email=email))
    with CaptureQueriesContext(connection) as captured:
        response = client.post(path, fields) if fields else client.get(path)
    assert response.status_code == (302 if fields else 200)
    return len(captured)


def dashboard(client, slug, query=""):
    return statements(client, f"frontdesk@{slug}.example", f"/practices/{slug}/{query}")


def entry_page(client, slug, name="frontdesk"):
    return statements(client, f"{name}@{slug}.example", f"/practices/{slug}/enter/")


def entry_post(client, slug, value, version=""):
    path = f"/practices/{slug}/enter/{RUNNING}/leads/"
    email = f"marketing@{slug}.example"
    return statements(client, email, path, value=value, version=version, confirm="yes")


def forget_running_week(slug):
    WeeklyEntry.objects.filter(practice__slug=slug, week=RUNNING.monday).delete()
    Meeting.objects.filter(practice__slug=slug, week=RUNNING.monday).delete()


def test_the_dashboard_sends_six_for_3_and_15_kpis_and_13_and_520_weeks(client):
    fill((SMALL, LARGE), RUNNING)
    counts = {dashboard(client, "small"), dashboard(client, "large", "?weeks=52")}
    assert len(counts) == 1
    assert max(counts) <= 6


def test_the_scorecard_of_a_member_sends_five_for_3_and_15_kpis_and_13_and_520_weeks(client):
    fill((SMALL, LARGE), RUNNING)
    paths = ("scorecard/", "scorecard/?until=2026-W45", "scorecard/?running=hide")
    counts = {dashboard(client, slug, path) for slug in ("small", "large") for path in paths}
    assert counts == {5}


@pytest.mark.parametrize("kind", ["month", "quarter"])
def test_the_scorecard_by_periods_sends_four(client, kind):
    fill((SMALL, LARGE), RUNNING)
    counts = {dashboard(client, slug, f"scorecard/?by={kind}") for slug in ("small", "large")}
    assert counts == {4}


def test_the_entry_page_sends_seven_for_an_owner_and_a_manager_of_3_and_15_kpis(client):
    fill((SMALL, LARGE), RUNNING)
    owners = {entry_page(client, slug) for slug in ("small", "large")}
    managers = {entry_page(client, slug, "manager") for slug in ("small", "large")}
    assert len(owners) == len(managers) == 1
    assert max(owners | managers) <= 7


def test_an_entry_sends_twelve_for_3_and_15_kpis_the_first_of_a_week_and_a_correction(client):
    fill((SMALL, LARGE), RUNNING)
    first, correction = set(), set()
    for slug in ("small", "large"):
        forget_running_week(slug)
        first.add(entry_post(client, slug, value=160))
        correction.add(entry_post(client, slug, value=170, version=1))
    assert len(first) == len(correction) == 1
    assert max(correction) < max(first) <= 12


def test_the_group_sends_six_or_eight_for_3_and_50_practices(client):
    """Two more where a first stage is the biggest leak of any: its verdict takes three years."""
    counts = set()
    fill((FEW,), RUNNING)
    group = User.objects.get(email="group@bench.example")
    counts.add(statements(client, group.email, "/"))
    kept = group.places.values_list("pk", flat=True)[:3]
    group.places.exclude(pk__in=list(kept)).update(is_active=False)
    counts.add(statements(client, group.email, "/"))
    assert counts <= {6, 8}


def test_a_practice_sends_as_many_among_1000_as_alone(client):
    fill((SMALL,), RUNNING)
    alone = [dashboard(client, "small"), entry_page(client, "small")]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Checking so many rows at the test's end may take longer than a page's statement.
            cursor.execute("SET LOCAL statement_timeout = 0")
    fill((MANY,), RUNNING)
    assert [dashboard(client, "small"), entry_page(client, "small")] == alone
