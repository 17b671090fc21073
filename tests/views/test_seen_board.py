import pytest
import time_machine
from django.urls import reverse

from funnel.actions import meetings
from funnel.models import Snapshot
from tests.cast import make_cast
from tests.factories import WEEK, close_week, make_entry, make_kpi, make_target, seat_for
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def cast():
    """Closed with 90 leads and without patients acquired, opened again, corrected to 88."""
    cast = make_cast()
    make_target(cast.leads, 100)
    make_entry(cast.leads, 90)
    make_entry(cast.appointments, 27)
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Two were counted twice.")
    make_entry(cast.leads, 88, version=1, reason="<b>Twice</b>")
    return cast


def url(slug="lumina", week=WEEK):
    return reverse("seen-board", args=[slug, week])


def text_of(client, person):
    client.force_login(person.user)
    response = client.get(url())
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# What a board has stored since its first release: those of earlier meetings lack it.
NEWER = {
    *("days_open", "short_because", "goal", "reviewed"),
    *("verdict", "low", "high", "since", "is_news", "has_ended", "news"),
}


def without(value, names):
    """The frozen board as it was stored before it had those fields."""
    if isinstance(value, dict):
        return {key: without(it, names) for key, it in value.items() if key not in names}
    return [without(it, names) for it in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "names", [NEWER, *({name} for name in sorted(NEWER))], ids=lambda names: "+".join(sorted(names))
)
def test_a_board_stored_by_an_earlier_release_is_shown(client, cast, names):
    snapshot = Snapshot.objects.get()
    older = without(snapshot.board, names)
    assert older != snapshot.board
    Snapshot.objects.update(board=older)
    assert '<p class="stage__number">90</p>' in text_of(client, cast.viewer)


def test_shows_the_board_as_the_team_saw_it(client, cast):
    text = text_of(client, cast.viewer)
    for shown in (
        "as the team saw it on Tue, Nov 24, 2026, 10:00 AM",
        "closed by Ana",
        "Patients acquired: the number is missing, waiting for Dana.",
        "Patients acquired: missing, Dana owned it",
        '<p class="stage__number">90</p>',
        "target 100, missed",
        'id="funnel-chart" role="img"',
        "The trend as a table",
    ):
        assert shown in text
    assert '<p class="stage__number">88</p>' not in text


def test_marks_what_was_corrected_since_with_old_and_new(client, cast):
    text = text_of(client, cast.viewer)
    assert "Corrected since the meeting" in text
    assert "<b>Leads</b>: 90 → <b>88</b>" in text
    assert "&lt;b&gt;Twice&lt;/b&gt;" in text


def test_offers_nothing_that_changes_it(client, cast):
    text = text_of(client, cast.manager)
    assert 'href="?weeks=' not in text
    assert "Enter a missing number" not in text


def test_without_a_correction_none_is_said(client, cast):
    make_entry(cast.leads, 90, version=2)
    assert "Corrected since" not in text_of(client, cast.viewer)


def test_a_week_without_one_is_not_found(client, cast):
    client.force_login(cast.viewer.user)
    assert client.get(url(week=WEEK.previous)).status_code == 404


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
def test_four_statements_for_3_and_15_kpis(client, cast, django_assert_num_queries, more):
    week = WEEK.previous
    for number in range(more):
        make_entry(make_kpi(cast.practice, f"Number {number}"), 5, week)
    close_week(cast.manager, week)
    client.force_login(cast.viewer.user)
    with django_assert_num_queries(4):
        assert client.get(url(week=week)).status_code == 200
