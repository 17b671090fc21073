from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from funnel.models import User
from tests.cast import make_cast
from tests.factories import (
    WEEK,
    close_week,
    make_entry,
    make_follow_up,
    make_kpi,
    make_ownership,
    make_target,
)

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 7


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def page(client, person, *week, slug="lumina"):
    client.force_login(person if isinstance(person, User) else person.user)
    return client.get(reverse("enter", args=[slug, *week]))


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_opens_on_what_i_owe_for_the_reporting_week(client, cast):
    make_entry(cast.appointments, 33, WEEK.previous)
    make_target(cast.appointments, 40)
    response = page(client, cast.owner)
    assert response.context["sheet"].week == WEEK
    text = text_of(response)
    for shown in (
        "Nov 16 – 22, 2026",
        "Appointments",
        cast.appointments.definition,
        "last week <b>33</b>",
        "13-week average <b>33.0</b>",
        "target <b>40</b>",
        "Note (no patient names)",
    ):
        assert shown in text
    assert "Patients acquired" not in text


def test_the_field_has_the_numeric_keypad_and_the_cursor(client, cast):
    text = text_of(page(client, cast.owner))
    assert text.count("autofocus") == 1
    field = text[text.index('<input type="text" name="value"') :].split(">")[0]
    assert 'inputmode="numeric"' in field
    assert 'autocomplete="off"' in field
    assert "autofocus" in field
    assert 'type="submit" data-noun="appointments">Save</button>' in text


def test_the_cursor_is_in_the_first_number_that_is_missing(client, cast):
    make_ownership(make_kpi(cast.practice, "Reviews", "Front desk"), cast.owner)
    make_entry(cast.appointments, 27)
    text = text_of(page(client, cast.owner))
    assert text.count("autofocus") == 1
    assert text.index('id="reviews"') < text.index("autofocus")


def test_a_week_by_its_address_is_that_week(client, cast):
    make_entry(cast.appointments, 33, WEEK.previous)
    text = text_of(page(client, cast.owner, WEEK.previous))
    assert "Nov 9 – 15, 2026" in text
    assert 'value="33"' in text
    assert reverse("enter", args=["lumina", WEEK]) in text


def test_the_running_week_is_marked_in_progress(client, cast):
    assert "in progress" in text_of(page(client, cast.owner, WEEK.next))
    assert "in progress" not in text_of(page(client, cast.owner, WEEK))


def test_a_future_week_has_no_page(client, cast):
    assert page(client, cast.owner, WEEK.plus(2)).status_code == 404


def test_a_week_before_the_practice_began_says_so_and_has_no_field(client, cast):
    cast.practice.began_on = WEEK.monday
    cast.practice.save()
    text = text_of(page(client, cast.owner, WEEK.previous))
    assert "Lumina Aesthetics had not started yet in this week." in text
    assert 'name="value"' not in text
    assert 'rel="prev"' not in text_of(page(client, cast.owner, WEEK))


def test_the_calendars_first_week_is_a_page_too(client, cast):
    response = page(client, cast.owner, type(WEEK).parse("0001-W01"))
    assert "had not started yet" in text_of(response)


def test_a_closed_week_is_read_only_and_says_so(client, cast):
    make_entry(cast.appointments, 27, note="short week")
    close_week(cast.manager)
    text = text_of(page(client, cast.owner))
    assert "This week is closed. A manager can reopen it, with a reason." in text
    assert 'name="value"' not in text
    assert '<p class="entry-card__number">27</p>' in text
    assert "short week" in text


def test_a_stand_in_is_told_for_whom(client, cast):
    assert "You stand in for Maya." in text_of(page(client, cast.stand_in))


def test_a_member_without_a_number_is_taught(client, cast):
    text = text_of(page(client, cast.member))
    assert "No number is yours yet." in text
    assert reverse("responsibilities", args=["lumina"]) in text


def test_a_manager_sees_every_number_and_is_asked_for_a_reason(client, cast):
    text = text_of(page(client, cast.manager))
    for name in ("Leads", "Appointments", "Patients acquired"):
        assert f">{name}</h2>" in text
    assert "Maya’s number." in text
    assert text.count('name="reason"') == 3


def test_an_owner_is_asked_for_no_reason(client, cast):
    assert 'name="reason"' not in text_of(page(client, cast.owner))


def test_when_mine_are_in_it_says_done_and_leads_to_the_dashboard(client, cast):
    assert "Done:" not in text_of(page(client, cast.owner))
    make_entry(cast.appointments, 27)
    text = text_of(page(client, cast.owner))
    assert "Done: every number of yours is in." in text
    assert reverse("dashboard", args=["lumina", WEEK]) in text
    assert "autofocus" not in text


def test_a_number_that_is_in_can_be_corrected_in_the_same_form(client, cast):
    make_entry(cast.appointments, 27, note="short week")
    text = text_of(page(client, cast.owner))
    assert 'name="value" value="27"' in text
    assert 'name="version" value="1"' in text
    assert "short week</textarea>" in text
    assert "Save the correction" in text


def test_corrections_are_told_with_the_practices_own_time(client, cast):
    make_entry(cast.appointments, 27)
    make_entry(cast.appointments, 30, version=1, reason="two came by phone")
    text = text_of(page(client, cast.owner))
    assert "<b>27</b> → <b>30</b>, root@example.com, Tue, Nov 24, 10:00 AM" in text
    assert "two came by phone" in text
    assert "30 entered by root@example.com for Maya, Tue, Nov 24, 10:00 AM." in text


def test_notes_and_reasons_are_text_and_never_markup(client, cast):
    make_entry(cast.appointments, 27)
    make_entry(cast.appointments, 28, version=1, note="<b>x</b>", reason="<script>y</script>")
    text = text_of(page(client, cast.owner))
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert "<script>y" not in text
    close_week(cast.manager)
    assert "<b>x</b>" not in text_of(page(client, cast.owner))


def test_anonymous_is_sent_to_sign_in(client, cast):
    response = client.get(reverse("enter", args=["lumina"]))
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_a_stranger_gets_404_and_a_viewer_403(client, cast):
    assert page(client, cast.stranger).status_code == 404
    assert page(client, cast.viewer).status_code == 403


def test_a_superuser_may_enter(client, cast):
    assert page(client, cast.superuser).status_code == 200


def test_only_reading_is_answered(client, cast):
    client.force_login(cast.owner.user)
    assert client.post(reverse("enter", args=["lumina"])).status_code == 405


def test_my_open_follow_ups_wait_here_and_one_tap_marks_them_as_done(client, cast):
    mine = make_follow_up(cast.owner, "Call back", date(2026, 11, 22), cast.appointments)
    make_follow_up(cast.marketer, "Order flyers")
    text = text_of(page(client, cast.owner))
    assert "Call back" in text
    assert "2 days overdue" in text
    assert "Order flyers" not in text
    back = reverse("enter", args=["lumina", WEEK])
    response = client.post(
        reverse("follow-up", args=["lumina", mine.pk]), {"do": "finish", "next": back}
    )
    assert response.url == back
    text = text_of(client.get(back))
    assert "Done: Call back" in text
    assert "What I promised" not in text


@pytest.mark.parametrize("kpi_count", [3, 15])
@pytest.mark.parametrize("weeks", [13, 40])
def test_takes_no_more_statements_for_more_kpis_or_weeks(client, cast, kpi_count, weeks):
    for number in range(kpi_count - 3):
        make_kpi(cast.practice, f"Number {number}")
    for back in range(weeks):
        make_entry(cast.leads, 90, WEEK.plus(-back))
    make_entry(cast.leads, 91, version=1)
    for number in range(weeks):
        make_follow_up(cast.manager, f"Promise {number}")
    page(client, cast.manager)
    with CaptureQueriesContext(
        connection,
    ) as statements:
        response = client.get(reverse("enter", args=["lumina"]))
    assert len(response.context["sheet"].cards) == kpi_count
    assert response.context["sheet"].cards[0].corrections
    assert len(statements) == MOST_STATEMENTS
