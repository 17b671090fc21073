import pytest
import time_machine
from django.urls import reverse

from funnel.actions import meetings
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_entry, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def page(client, user, slug="lumina", **asked):
    client.force_login(user)
    return client.get(reverse("meetings", args=[slug]), asked)


def text_of(client, person, **asked):
    response = page(client, person.user, **asked)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_everyone_is_led_to_each_meeting_and_its_board(client, cast):
    make_entry(cast.patients, 15)
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    close_week(cast.manager, WEEK.previous)
    text = text_of(client, cast.viewer)
    for shown in (
        "Nov 16 – 22, 2026",
        "15 patients acquired.",
        "Appointments missing",
        "closed by Ana, Tue, Nov 24, 2026, 10:00 AM",
        f'href="{reverse("recap", args=["lumina", WEEK])}"',
        f'href="{reverse("seen-board", args=["lumina", WEEK])}"',
    ):
        assert shown in text
    assert text.index("Nov 16 – 22") < text.index("Nov 9 – 15")


def test_one_opened_again_says_why_and_what_was_corrected(client, cast):
    make_entry(cast.leads, 90)
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted <b>twice</b>.")
    make_entry(cast.leads, 88, version=1)
    text = text_of(client, cast.viewer)
    for shown in ("open again", "Counted &lt;b&gt;twice&lt;/b&gt;.", "1 number corrected since"):
        assert shown in text


def test_one_that_was_begun_is_not_closed_yet(client, cast):
    meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)
    text = text_of(client, cast.viewer)
    assert "not closed yet" in text
    assert "As the team saw it" not in text


def test_without_any_it_teaches(client, cast):
    make_entry(cast.leads, 90)
    text = text_of(client, cast.viewer)
    assert "There has been no meeting yet." in text
    assert reverse("meeting", args=["lumina"]) in text


def test_a_superuser_sees_it(client, cast):
    assert page(client, cast.superuser).status_code == 200


def test_a_stranger_gets_404_as_for_no_such_practice(client, cast):
    assert page(client, cast.stranger.user).status_code == 404
    assert page(client, cast.stranger.user, "nowhere").status_code == 404


def test_anonymous_is_asked_to_sign_in(client, cast):
    response = client.get(reverse("meetings", args=["lumina"]))
    assert response.url.startswith(reverse("account_login"))


def test_only_reading(client, cast):
    client.force_login(cast.admin.user)
    assert client.post(reverse("meetings", args=["lumina"])).status_code == 405


@pytest.mark.parametrize("rows", [1, 60])
def test_four_statements_for_1_and_60_meetings(client, cast, django_assert_num_queries, rows):
    for back in range(rows):
        close_week(cast.manager, WEEK.plus(-back))
    client.force_login(cast.viewer.user)
    with django_assert_num_queries(4):
        response = client.get(reverse("meetings", args=["lumina"]))
    assert len(response.context["meetings"]) == min(rows, 26)
    if rows > 26:
        assert "Page 1 of 3" in response.content.decode()
        assert len(page(client, cast.viewer.user, page=3).context["meetings"]) == 8
        assert page(client, cast.viewer.user, page="x").context["page"].number == 1
