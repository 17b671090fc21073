from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from funnel.actions import meetings
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_follow_up,
    make_practice,
    make_staff,
    make_target,
    seat_for,
)
from tests.views.meeting_room import NO_WEEKS, address, page_of, send, stored

pytestmark = pytest.mark.django_db

PAGE = address("meeting")
FORMS = ("attendance", "agenda", "close", "follow-up")


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def look(client, person, path=PAGE):
    client.force_login(getattr(person, "user", person))
    return client.get(path)


def text_of(client, person):
    return page_of(look(client, person))


def slide(text, slug):
    return text.split(f'<article class="slide slide--kpi" id="{slug}"')[1].split("</article>")[0]


def test_without_a_week_it_is_that_of_the_reporting_week(client, cast):
    response = look(client, cast.viewer, reverse("meeting", args=["lumina"]))
    assert (response.status_code, response.url) == (302, PAGE)


def test_each_number_has_a_slide_with_its_owners_name(client, cast):
    make_target(cast.leads, 100)
    make_entry(cast.leads, 90, note="Phones were down.")
    make_entry(cast.leads, 100, WEEK.previous)
    make_follow_up(cast.marketer, "Order flyers", kpi=cast.leads)
    text = text_of(client, cast.manager)
    leads = slide(text, "leads")
    for shown in (
        "Tom",
        "your number: Leads",
        "1 of 3",
        ">90<",
        "target 100, missed",
        "10 fewer than last week",
        "Phones were down.",
        "Order flyers",
        'role="img" aria-label="Leads: 90 in the week of',
        '<td class="n">100</td>',
    ):
        assert shown in leads
    assert "Leads is missing" not in leads
    assert "Appointments is missing. Enter it now" in slide(text, "appointments")
    assert text.index('id="leads"') < text.index('id="appointments"')


def test_says_what_is_in_and_who_is_waited_for(client, cast):
    make_entry(cast.leads, 90)
    text = text_of(client, cast.manager)
    for shown in ("Leads in", "Appointments: waiting for Maya", "Before it starts", "not started"):
        assert shown in text
    assert "Start the meeting" in text


def test_the_week_ahead_says_who_stands_in_and_what_is_due(client, cast):
    make_follow_up(cast.owner, "Call back", TODAY + timedelta(days=1))
    make_follow_up(cast.owner, "Later", TODAY + timedelta(days=60))
    ahead = text_of(client, cast.manager).split('id="ahead"')[1].split("</section>")[0]
    assert "Sam enters Appointments, Nov 17 – Dec 1" in ahead
    assert "Call back" in ahead
    assert "Later" not in ahead


@pytest.mark.parametrize("who", ["viewer", "member", "owner", "stand_in"])
def test_whoever_does_not_run_it_sees_it_without_any_form(client, cast, who):
    send(client, cast.manager, address("meeting-note", "issues"), text="Decided.", version="0")
    send(client, cast.manager, address("meeting-attendance"), present=cast.owner.pk)
    text = text_of(client, getattr(cast, who))
    main = text.split("<main")[1].split("</main>")[0]
    assert 'method="post"' not in main
    assert "<textarea" not in main
    assert "New follow-up" not in main
    for shown in ("Decided.", "Maya", "your number: Leads", "A manager starts the meeting."):
        assert shown in main


@pytest.mark.parametrize("who", ["manager", "admin", "superuser"])
def test_whoever_runs_it_has_its_forms(client, cast, who):
    text = text_of(client, getattr(cast, who))
    for name in FORMS:
        assert f'action="{address(f"meeting-{name}")}"' in text


def test_a_closed_meeting_has_none_and_says_who_closed_it(client, cast):
    close_week(cast.manager)
    text = text_of(client, cast.manager)
    assert 'method="post"' not in text.split("<main")[1].split("</main>")[0]
    assert "Closed by Ana." in text
    assert "or reopen it" in text
    assert "or reopen it" not in text_of(client, cast.viewer)


def test_a_reopened_meeting_has_them_again(client, cast):
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")
    assert address("meeting-close") in text_of(client, cast.manager)


def test_what_was_written_is_text_and_never_markup(client, cast):
    evil = "<script>x</script>"
    make_follow_up(cast.owner, evil)
    make_entry(cast.leads, 90, note=evil)
    for about in (["issues"], ["numbers", "leads"]):
        send(client, cast.manager, address("meeting-note", *about), text=evil, version="0")
    for person in (cast.manager, cast.viewer):
        text = text_of(client, person)
        assert evil not in text
        assert text.count("&lt;script&gt;x") >= 4


def test_a_practice_without_owners_and_numbers_has_its_page(client, cast):
    manager = make_staff(make_practice("empty"), "Eve", access="manager")
    response = look(client, manager, address("meeting", slug="empty"))
    text = page_of(response)
    assert "Leads: missing, no owner" in text
    assert "No owner" in slide(text, "leads")


@pytest.mark.parametrize("week", NO_WEEKS)
def test_a_week_that_is_not_over_or_before_the_practice_has_none(client, cast, week):
    assert look(client, cast.manager, address("meeting", week=week)).status_code == 404


def test_a_stranger_gets_404_as_for_no_such_practice(client, cast):
    for path in (PAGE, reverse("meeting", args=["lumina"]), address("meeting", slug="nowhere")):
        assert look(client, cast.stranger, path).status_code == 404


def test_nothing_of_next_door(client, cast):
    make_follow_up(cast.stranger, "Secret")
    send(client, cast.stranger, address("meeting-note", "issues", slug="harbor"), text="Secret")
    text = text_of(client, cast.manager)
    assert "Secret" not in text
    assert "Hal" not in text


def test_anonymous_is_asked_to_sign_in(client, cast):
    assert client.get(PAGE).url.startswith(reverse("account_login"))


def test_looking_changes_nothing_and_sending_is_not_taken(client, cast):
    before = stored()
    assert look(client, cast.manager).status_code == 200
    assert client.head(PAGE).status_code == 200
    assert client.post(PAGE).status_code == 405
    assert stored() == before
