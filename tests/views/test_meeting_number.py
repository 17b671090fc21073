import pytest
import time_machine

from funnel.actions import entries, kpis, stand_ins
from funnel.actions.refusals import Busy
from funnel.domain import numbers
from funnel.models import NotBrought, WeeklyEntry
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_entry, make_kpi, root_seat, seat_for
from tests.views.meeting_room import (
    CLOSED,
    address,
    answer_once_closed,
    only_a_manager_sends,
    page_of,
    reading_leads_to_the_meeting,
    send,
    stored,
    told,
)

pytestmark = pytest.mark.django_db

SLIDE = f"{address('meeting')}#leads"


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def enter(client, cast, value, kpi="leads", reason="Tom is ill.", **typed):
    url = address("meeting-number", kpi)
    return send(client, cast.manager, url, value=value, reason=reason, **typed)


def mark(client, cast, what, kpi="leads"):
    return send(client, cast.manager, address("meeting-number", kpi), do=what)


def refusals(text, kpi="leads"):
    """Errors beside the number's field."""
    return text.split(f'id="{kpi}-refusals">')[1].split("</div>")[0]


def test_asks_a_manager_who_stands_in_for_no_reason(client, cast):
    client.force_login(cast.manager.user)
    assert 'id="leads-reason"' in page_of(client.get(address("meeting")))
    cast.manager.roles.add(cast.leads.role)
    days = {"starts_on": TODAY, "ends_on": TODAY}
    stand_ins.name(by=seat_for(cast.admin), kpi=cast.leads, staff=cast.manager, **days)
    text = page_of(client.get(address("meeting")))
    assert 'id="leads-value"' in text
    assert 'id="leads-reason"' not in text
    assert 'id="appointments-reason"' in text


def test_enters_a_missing_number_and_leads_back_to_its_slide(client, cast):
    response = enter(client, cast, "90")
    assert (told(response), response.url) == (["Saved: 90 leads."], SLIDE)
    entry = WeeklyEntry.objects.get()
    assert (entry.value, entry.kpi, entry.week) == (90, cast.leads, WEEK.monday)
    assert (entry.entered_for, entry.reason) == (cast.marketer, "Tom is ill.")
    text = page_of(client.get(address("meeting")))
    assert "Leads in" in text
    assert "Leads is missing. Enter it now" not in text


def test_goes_on_without_a_number_and_takes_that_back(client, cast):
    response = mark(client, cast, "not-brought")
    assert response.url == SLIDE
    assert NotBrought.objects.get().kpi == cast.leads
    text = page_of(client.get(address("meeting")))
    assert "Leads: not brought" in text
    assert text.count("not brought to the meeting") == 1
    mark(client, cast, "brought")
    assert not NotBrought.objects.exists()
    assert "Leads: waiting for Tom" in page_of(client.get(address("meeting")))


def test_a_number_that_was_not_brought_can_still_be_entered(client, cast):
    mark(client, cast, "not-brought")
    enter(client, cast, "90")
    assert WeeklyEntry.objects.get().value == 90
    assert "not brought to the meeting" in page_of(client.get(address("meeting")))


def test_a_number_that_is_in_was_brought(client, cast):
    make_entry(cast.leads, 90)
    before = stored()
    assert told(mark(client, cast, "not-brought")) == [
        "Leads is in: it cannot be marked as not brought."
    ]
    assert stored() == before


def test_only_a_manager_enters_here(client, cast):
    for typed in ({"value": "90", "reason": "Ill."}, {"do": "not-brought"}, {"do": "brought"}):
        only_a_manager_sends(client, cast, "meeting-number", "leads", **typed)
    reading_leads_to_the_meeting(client, cast, "meeting-number", "leads")


def test_next_doors_number_and_none_at_all_are_404(client, cast):
    make_kpi(cast.stranger.practice, "Reviews")
    before = stored()
    for slug in ("reviews", "nothing"):
        assert enter(client, cast, "90", slug).status_code == 404
        assert mark(client, cast, "not-brought", slug).status_code == 404
    assert stored() == before


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", numbers.EMPTY),
        ("-3", numbers.NEGATIVE),
        ("2.5", numbers.NOT_WHOLE),
        ("1000000000", numbers.TOO_LARGE),
        ("9" * 5000, numbers.TOO_LONG),
        ("2\x007", numbers.NOT_A_NUMBER),
    ],
)
def test_refuses_what_is_no_number_beside_its_field_and_keeps_the_rest(
    client, cast, typed, sentence
):
    before = stored()
    text = page_of(enter(client, cast, typed))
    assert sentence.replace("'", "&#x27;") in refusals(text)
    assert f'name="value" value="{typed}"' in text or "\0" in typed
    assert 'name="reason" value="Tom is ill."' in text
    assert "▲" not in refusals(text, "appointments")
    assert stored() == before


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("", "Enter the reason why you enter it for the owner."),
        ("x" * 201, "A reason has at most 200 characters."),
        ("Ill\0", "Write it again without special characters."),
    ],
)
def test_refuses_a_reason_that_cannot_stand(client, cast, reason, sentence):
    before = stored()
    text = page_of(enter(client, cast, "90", reason=reason))
    assert sentence in refusals(text)
    assert 'name="value" value="90"' in text
    assert stored() == before


def test_an_improbable_number_is_asked_about_and_then_saved(client, cast):
    for week in WEEK.back(8)[:-1]:
        make_entry(cast.leads, 90, week)
    before = stored()
    text = page_of(enter(client, cast, "9000"))
    assert "▲" in refusals(text)
    assert "Yes, 9000 is right" in text
    assert stored() == before
    enter(client, cast, "9000", confirm="yes")
    assert WeeklyEntry.objects.get(week=WEEK.monday).value == 9000


def test_a_number_that_came_in_between_and_ones_own_are_both_told(client, cast):
    make_entry(cast.leads, 88)
    before = stored()
    response = enter(client, cast, "90", version="")
    assert told(response) == ["88 leads was saved in the meantime. Not saved: 90 leads."]
    assert response.url == SLIDE
    assert stored() == before


def test_a_closed_meeting_takes_none_and_keeps_what_was_typed(client, cast):
    text = page_of(
        answer_once_closed(
            client, cast, "meeting-number", "leads", value="90", reason="Tom is ill."
        )
    )
    assert "This week is closed. A manager can reopen it, with a reason." in refusals(text)
    assert 'name="value" value="90"' in text
    assert 'name="reason" value="Tom is ill."' in text
    assert 'id="appointments-refusals"' not in text


@pytest.mark.parametrize("what", ["not-brought", "brought"])
def test_a_closed_meeting_marks_nothing(client, cast, what):
    mark(client, cast, "not-brought")
    close_week(cast.manager)
    before = stored()
    assert told(mark(client, cast, what)) == [CLOSED]
    assert stored() == before


@pytest.mark.parametrize("typed", [{"value": "90", "reason": "Ill."}, {"do": "not-brought"}])
def test_a_number_that_was_archived_meanwhile_is_refused_and_said_so(client, cast, typed):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY, from_week=WEEK)
    before = stored()
    response = send(client, cast.manager, address("meeting-number", "leads"), **typed)
    assert told(response) == ["Leads is archived: no numbers can be entered."]
    assert stored() == before


def test_a_busy_week_keeps_what_was_typed(client, cast, monkeypatch):
    def busy(**_):
        raise Busy("Someone else is saving here right now.")

    monkeypatch.setattr(entries, "record", busy)
    text = page_of(enter(client, cast, "90"), 503)
    assert '<input type="hidden" name="value" value="90">' in text
