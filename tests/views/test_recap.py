import pytest
import time_machine
from django.urls import reverse

from funnel.actions import meetings, notes
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_follow_up,
    make_kpi,
    make_target,
    seat_for,
)
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def cast():
    cast = make_cast()
    for kpi, target, value in (
        (cast.leads, 100, 90),
        (cast.appointments, 40, 27),
        (cast.patients, 20, 15),
    ):
        make_target(kpi, target)
        make_entry(kpi, value)
    make_follow_up(cast.owner, "Call back every lead", TODAY, cast.appointments)
    return cast


def url(slug="lumina", week=WEEK):
    return reverse("recap", args=[slug, week])


def text_of(client, person):
    client.force_login(person.user)
    response = client.get(url())
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def write(cast, text, part="issues", kpi=None):
    seat = seat_for(cast.manager)
    notes.write(by=seat, week=WEEK, part=part, kpi=kpi, text=text, version=None, today=TODAY)


def test_shows_everything_that_is_kept(client, cast):
    write(cast, "Buy a <b>second</b> line.")
    write(cast, "Phones were down.", "numbers", cast.appointments)
    close_week(cast.manager)
    text = text_of(client, cast.viewer)
    for shown in (
        "Recap of Nov 16 – 22, 2026",
        "closed by Ana, Tue, Nov 24, 2026, 10:00 AM",
        "15 patients acquired, 5 fewer than expected.",
        "The biggest leak is at Appointments",
        "Buy a &lt;b&gt;second&lt;/b&gt; line.",
        "Phones were down.",
        "Call back every lead",
        "$14,400",
        "expected 20.0 − actual 15",
        "missed",
        "not noted",
    ):
        assert shown in text


def test_marks_corrections_with_old_and_new(client, cast):
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.admin), week=WEEK, reason="Counted twice.")
    make_entry(cast.leads, 88, version=1, reason="Two.")
    close_week(cast.admin)
    text = text_of(client, cast.viewer)
    for shown in (
        "Reopened by Ada, Tue, Nov 24, 2026, 10:00 AM: Counted twice.",
        "<b>Leads</b>: 90 → <b>88</b>",
        "now 88",
    ):
        assert shown in text


@pytest.mark.parametrize(("who", "may"), [("owner", False), ("manager", True), ("admin", True)])
def test_a_manager_may_open_a_closed_week_again(client, cast, who, may):
    close_week(cast.manager)
    form = f'action="{reverse("meeting-reopen", args=["lumina", WEEK])}"'
    assert (form in text_of(client, getattr(cast, who))) == may


def test_an_open_meeting_leads_to_itself(client, cast):
    text = text_of(client, cast.manager)
    assert "This meeting is not closed yet." in text
    assert f'href="{reverse("meeting", args=["lumina", WEEK])}"' in text
    assert "Reopen this week" not in text


def test_a_week_without_a_meeting_is_not_found(client, cast):
    client.force_login(cast.viewer.user)
    assert client.get(url(week=WEEK.plus(-9))).status_code == 404


def test_a_superuser_sees_it_and_a_stranger_gets_404(client, cast):
    client.force_login(cast.superuser)
    assert client.get(url()).status_code == 200
    client.force_login(cast.stranger.user)
    assert client.get(url()).status_code == 404


def test_anonymous_is_asked_to_sign_in(client, cast):
    assert client.get(url()).url.startswith(reverse("account_login"))


def test_only_reading(client, cast):
    client.force_login(cast.admin.user)
    assert client.post(url()).status_code == 405


@pytest.mark.parametrize("more", [0, 12])
def test_six_statements_for_3_and_15_kpis(client, cast, django_assert_num_queries, more):
    for number in range(more):
        make_entry(make_kpi(cast.practice, f"Number {number}"), 5)
        make_follow_up(cast.owner, f"Promise {number}")
    close_week(cast.manager)
    client.force_login(cast.manager.user)
    with django_assert_num_queries(6):
        client.get(url())
