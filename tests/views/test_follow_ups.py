from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import follow_ups
from tests.cast import make_cast
from tests.factories import TODAY, make_follow_up, seat_for

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
    return client.get(reverse("follow-ups", args=[slug]), asked)


def text_of(client, person, **asked):
    response = page(client, person.user, **asked)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_shows_what_is_open_the_overdue_on_top_and_loud_in_words(client, cast):
    make_follow_up(cast.marketer, "Order flyers", TODAY + timedelta(days=7))
    make_follow_up(cast.owner, "Call back", TODAY - timedelta(days=1), cast.appointments)
    text = text_of(client, cast.viewer)
    assert text.index("Call back") < text.index("Order flyers")
    for shown in (
        "1 day overdue",
        "due Dec 1",
        "about",
        "Appointments",
        "Nov 16 – 22, 2026",
        "Promised",
        "root@example.com, Tue, Nov 24, 2026, 10:00 AM",
    ):
        assert shown in text


@pytest.mark.parametrize(
    ("who", "buttons"), [("owner", 1), ("viewer", 0), ("manager", 2), ("admin", 2)]
)
def test_one_tap_is_offered_to_whom_it_belongs(client, cast, who, buttons):
    make_follow_up(cast.owner, "Call back")
    make_follow_up(cast.marketer, "Order flyers")
    assert text_of(client, getattr(cast, who)).count('value="finish"') == buttons


def test_what_is_over_is_said_so_with_the_reason(client, cast):
    seat = seat_for(cast.manager)
    follow_ups.finish(by=seat, follow_up=make_follow_up(cast.owner, "Call back"))
    dropped = make_follow_up(cast.owner, "Order flyers")
    follow_ups.drop(by=seat, follow_up=dropped, reason="No budget.")
    assert "Call back" not in text_of(client, cast.owner)
    assert "Call back" in text_of(client, cast.owner, show="done")
    text = text_of(client, cast.owner, show="dropped")
    assert "dropped: No budget." in text
    assert 'value="finish"' not in text


def test_searches_and_keeps_what_was_asked_for(client, cast):
    make_follow_up(cast.owner, "Call back", kpi=cast.leads)
    make_follow_up(cast.owner, "Order flyers")
    text = text_of(client, cast.owner, q="CALL", kpi="leads", show="mine")
    assert "Order flyers" not in text
    for kept in ('value="CALL"', '<option value="leads" selected>', 'name="show" value="mine"'):
        assert kept in text
    assert 'href="?q=CALL&amp;kpi=leads&amp;show=done"' in text
    assert "Nothing here holds what you search for." in text_of(client, cast.owner, q="nobody")


@pytest.mark.parametrize(
    "asked",
    [{"show": "x"}, {"page": "x"}, {"page": "-1"}, {"page": "9" * 9}, {"q": "\0"}, {"kpi": "\0"}],
)
def test_what_cannot_be_asked_for_is_not_asked_for(client, cast, asked):
    make_follow_up(cast.owner, "Call back")
    assert "Call back" in text_of(client, cast.owner, **asked)


def test_without_any_it_teaches(client, cast):
    assert "A follow-up is made in the meeting" in text_of(client, cast.owner)


def test_what_was_written_is_text_and_never_markup(client, cast):
    make_follow_up(cast.owner, "<b>Call</b>")
    text = text_of(client, cast.owner, q="<b>")
    assert "&lt;b&gt;Call&lt;/b&gt;" in text
    assert "<b>Call" not in text


def test_a_superuser_sees_it(client, cast):
    assert page(client, cast.superuser).status_code == 200


def test_a_stranger_gets_404_as_for_no_such_practice(client, cast):
    assert page(client, cast.stranger.user).status_code == 404
    assert page(client, cast.stranger.user, "nowhere").status_code == 404


def test_nothing_of_next_door(client, cast):
    make_follow_up(cast.owner, "Call back")
    make_follow_up(cast.stranger, "Secret")
    assert "Secret" not in text_of(client, cast.owner, show="all")


def test_anonymous_is_asked_to_sign_in(client, cast):
    response = client.get(reverse("follow-ups", args=["lumina"]))
    assert response.url.startswith(reverse("account_login"))


def test_only_reading(client, cast):
    client.force_login(cast.admin.user)
    assert client.post(reverse("follow-ups", args=["lumina"])).status_code == 405


@pytest.mark.parametrize("rows", [1, 60])
def test_six_statements_for_1_and_60_follow_ups(client, cast, django_assert_num_queries, rows):
    for number in range(rows):
        make_follow_up(cast.owner, f"Promise {number}", kpi=cast.leads)
    client.force_login(cast.owner.user)
    with django_assert_num_queries(6):
        response = client.get(reverse("follow-ups", args=["lumina"]))
    assert len(response.context["report"].items) == min(rows, 50)
    if rows > 50:
        assert "Page 1 of 2" in response.content.decode()
        assert len(page(client, cast.owner.user, page=2).context["report"].items) == 10
