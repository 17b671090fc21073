import pytest
import time_machine
from django.urls import reverse

from funnel.actions import baselines
from funnel.models import Baseline
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_numbers, seat_for
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def cast():
    cast = make_cast()
    make_numbers(cast.appointments, [20, 30] * 6)
    return cast


def begin(cast):
    by = seat_for(cast.manager)
    return baselines.begin(
        by=by, kpi=cast.appointments, from_week=WEEK, reason="A second phone line", today=TODAY
    )


def end(client, person, **which):
    client.force_login(person.user)
    return client.post(reverse("end-baseline", args=[which.get("slug", "lumina"), "appointments"]))


def test_a_manager_ends_one_from_the_running_week_on(client, cast):
    begin(cast)
    response = end(client, cast.manager)
    ended = Baseline.objects.get()
    assert (ended.ended_week, ended.ended_by) == (WEEK.next.monday, cast.manager.user)
    text = " ".join(client.get(response.url).content.decode().split())
    assert "Baseline of Appointments ended." in text
    assert "Baseline ended." in text
    assert "End this baseline" not in text


def test_where_none_is_set_there_is_none_to_end(client, cast):
    response = end(client, cast.manager)
    assert "Appointments has no baseline in this week." in client.get(response.url).content.decode()


@pytest.mark.parametrize("who", ["owner", "member", "viewer", "stand_in"])
def test_only_a_manager_ends_one(client, cast, who):
    begin(cast)
    assert end(client, getattr(cast, who)).status_code == 403
    assert end(client, cast.stranger).status_code == 404
    assert Baseline.objects.get().ended_week is None
    assert client.get(reverse("end-baseline", args=["lumina", "appointments"])).status_code == 405
