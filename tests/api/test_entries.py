"""api/entries.py: the weekly numbers, one by one."""

import pytest
import time_machine
from django.utils import timezone

from funnel.actions import kpis, meetings
from funnel.models import Meeting, WeeklyEntry
from tests.api.asking import errors, problem, program_of
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_numbers,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

ENTRY = f"entries/appointments/{WEEK}/"
NO_CURSOR = "This is not a valid cursor: use “next” of the page before."
CLOSED = "This week is closed. A manager can reopen it, with a reason."


def put(person, body, path=ENTRY):
    return program_of(person).ask("PUT", path, body)


def stored():
    return list(
        WeeklyEntry.objects.values_list("kpi__slug", "week", "value", "note", "reason", "version")
    )


# Putting


def test_the_owners_first_number_is_201_and_a_change_200(cast):
    first = put(cast.owner, {"value": 30, "note": " Two days closed "})
    assert first.status_code == 201
    assert first.json() == {
        "kpi": "appointments",
        "week": "2026-W47",
        "value": 30,
        "note": "Two days closed",
        "version": 1,
        "entered_at": "2026-11-24T15:00:00+00:00",
        "entered_by": "Maya",
        "entered_for": None,
        "reason": "",
        "is_corrected": False,
        "seen_value": None,
    }
    second = put(cast.owner, {"value": "31", "version": 1})
    assert (second.status_code, second.json()["version"]) == (200, 2)
    assert stored() == [("appointments", WEEK.monday, 31, "", "", 2)]
    assert WeeklyEntry.history.count() == 2


def test_the_same_again_is_200_and_changes_nothing(cast):
    assert put(cast.owner, {"value": 30}).status_code == 201
    for body in ({"value": 30}, {"value": 30.0}, {"value": "30", "version": 1}):
        again = put(cast.owner, body)
        assert (again.status_code, again.json()["version"]) == (200, 1)
    assert WeeklyEntry.history.count() == 1


@pytest.mark.parametrize("version", [None, 2, 999_999_999])
def test_another_version_is_409_with_what_stands_there(cast, version):
    make_entry(cast.appointments, 30, note="Counted by hand")
    response = put(cast.owner, {"value": 31, "version": version})
    assert problem(response)[:2] == (409, "conflict")
    current = response.json()["current"]
    assert (current["value"], current["version"], current["entered_by"]) == (
        30,
        1,
        "root@example.com",
    )
    assert put(cast.owner, {"value": 31, "version": current["version"]}).status_code == 200


def test_a_manager_says_why_and_it_is_kept(cast):
    assert errors(put(cast.manager, {"value": 30})) == {
        "reason": "Enter the reason why you enter it for the owner."
    }
    response = put(cast.manager, {"value": 30, "reason": "She is ill."})
    assert response.status_code == 201
    told = response.json()
    assert (told["entered_by"], told["entered_for"], told["reason"]) == (
        "Ana",
        "Maya",
        "She is ill.",
    )


def test_a_stand_in_enters_in_their_dates(cast):
    assert put(cast.stand_in, {"value": 30}).status_code == 201
    with time_machine.travel("2026-12-03T15:00Z", tick=False):
        assert put(cast.stand_in, {"value": 31, "version": 1}).status_code == 403


@pytest.mark.parametrize("who", ["member", "marketer"])
def test_nobody_else_enters_it(cast, who):
    sentence = "Only its owner, a stand-in or a manager can enter this number."
    assert problem(put(getattr(cast, who), {"value": 30})) == (403, "forbidden", sentence)
    assert stored() == []


def test_whoever_became_a_viewer_since_enters_none(cast):
    program = program_of(cast.member)
    cast.member.access = "viewer"
    cast.member.save()
    sentence = "You can see this practice's numbers but not enter any."
    for method, path, body in (
        ("PUT", ENTRY, {"value": 30}),
        (
            "POST",
            "entries/batch/",
            {"entries": [{"kpi": "leads", "week": "2026-W47", "value": 1}]},
        ),
    ):
        assert problem(program.ask(method, path, body)) == (403, "forbidden", sentence)


def test_no_such_kpi_is_404_and_so_is_another_practices(cast):
    make_kpi(cast.stranger.practice, "Lasers")
    for slug in ("lasers", "nothing"):
        response = put(cast.manager, {"value": 1}, f"entries/{slug}/{WEEK}/")
        assert problem(response) == (404, "not-found", "There is no such KPI here.")


def test_a_closed_week_is_423_for_everyone(cast):
    make_entry(cast.appointments, 30)
    close_week(cast.manager)
    for person, reason in ((cast.owner, ""), (cast.manager, "Counted twice")):
        response = put(person, {"value": 31, "version": 1, "reason": reason})
        assert problem(response) == (423, "closed", CLOSED)
        assert errors(response) == {"value": CLOSED}
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice")
    corrected = put(cast.owner, {"value": 31, "version": 1}).json()
    assert (corrected["is_corrected"], corrected["seen_value"]) == (True, 30)


def test_an_improbable_number_is_asked_back_about_and_saved_when_confirmed(cast):
    make_entry(cast.leads, 40)
    response = put(cast.owner, {"value": 300})
    status, kind, sentence = problem(response)
    assert (status, kind) == (422, "doubtful")
    assert sentence == (
        "Appointments would be more than Leads (40). Is 300 right? "
        "Send “confirmed”: true with it if it is right."
    )
    assert not WeeklyEntry.objects.filter(kpi=cast.appointments).exists()
    assert put(cast.owner, {"value": 300, "confirmed": True}).status_code == 201


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "Enter a number. If it was none, enter 0."),
        (None, "Enter a number. If it was none, enter 0."),
        (-1, "Enter 0 or more. This number cannot be negative."),
        (2.5, "Enter a whole number, without decimals."),
        (1_000_000_000, "Enter 999,999,999 or less."),
        (2**63, "Enter 999,999,999 or less."),
        (True, "Enter the number in digits only, as in 1234 or 1,234."),
        ("1_000", "Enter the number in digits only, as in 1234 or 1,234."),
        ("٣", "Enter the number in digits only, as in 1234 or 1,234."),
        ("1\0", "Enter the number in digits only, as in 1234 or 1,234."),
        ("=1+1", "Enter the number in digits only, as in 1234 or 1,234."),
        ("1,2", "Commas go between groups of three digits, as in 1,234; decimals take a point."),
        ("9" * 33, "That is too long for a number. Enter it in digits, as in 1,234."),
    ],
)
def test_a_value_that_is_none_says_the_pages_sentence(cast, value, sentence):
    assert errors(put(cast.owner, {"value": value})) == {"value": sentence}
    assert stored() == []


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("note", "x" * 501, "Use at most 500 characters."),
        ("reason", "x" * 201, "Use at most 200 characters."),
        ("version", 0, "This has to be 1 or more."),
        ("version", 2**63, "This has to be 999999999 or less."),
    ],
)
def test_every_field_has_its_bounds(cast, field, text, sentence):
    assert errors(put(cast.owner, {"value": 1, field: text})) == {field: sentence}


def test_a_week_that_takes_no_number_says_the_pages_sentence(cast):
    future = put(cast.owner, {"value": 1}, f"entries/appointments/{WEEK.plus(2)}/")
    assert errors(future) == {"value": "This week has not started yet."}
    before = put(cast.owner, {"value": 1}, "entries/appointments/2020-W01/")
    assert errors(before) == {"value": "Lumina Aesthetics had not started yet in this week."}
    assert not Meeting.objects.exists()


def test_an_archived_kpi_takes_no_number(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.appointments, today=TODAY, from_week=WEEK)
    response = put(cast.manager, {"value": 1, "reason": "Late"})
    assert errors(response) == {"value": "Appointments is archived: no numbers can be entered."}
    assert timezone.now()


def test_money_of_two_decimals_is_kept_exactly(cast):
    make_kpi(cast.practice, "Spend", unit="money")
    program = program_of(cast.manager)
    body = '{"value": 123456789.07, "reason": "Set up"}'
    response = program.ask("PUT", f"entries/spend/{WEEK}/", body)
    assert response.status_code == 201
    assert '"value":123456789.07,' in response.content.decode()


def test_the_statements_of_a_number(cast, django_assert_num_queries):
    program = program_of(cast.owner)
    program.get("")
    # Token, standing, the save's own (actions.entries: 4 + 2, and 2 for a week's first), webhooks.
    with django_assert_num_queries(12):
        program.ask("PUT", ENTRY, {"value": 30})
    with django_assert_num_queries(10):
        program.ask("PUT", ENTRY, {"value": 31, "version": 1})


# Reading


def listed(response):
    return [(one["kpi"], one["week"], one["value"]) for one in response.json()["entries"]]


def test_reads_what_was_entered_in_order(cast):
    make_numbers(cast.appointments, [30, 31])
    make_numbers(cast.leads, [80])
    response = program_of(cast.viewer, may_write=False).get("entries/")
    assert listed(response) == [
        ("appointments", "2026-W46", 30),
        ("leads", "2026-W47", 80),
        ("appointments", "2026-W47", 31),
    ]
    assert response.json()["next"] is None


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("?from=2026-W46", [2, 3, 5]),
        ("?to=2026-W46", [1, 2]),
        ("?from=2026-W46&to=2026-W46", [2]),
        ("?kpi=leads", [1, 2, 3]),
        ("?kpi=leads&from=2026-W47", [3]),
        ("?from=2027-W01", []),
    ],
)
def test_of_some_weeks_and_of_one_kpi(cast, query, values):
    make_numbers(cast.leads, [1, 2, 3])
    make_numbers(cast.appointments, [5])
    assert [value for *_, value in listed(program_of(cast.owner).get(f"entries/{query}"))] == values


def test_the_pages_are_the_whole_once(cast):
    make_numbers(cast.leads, [1, 2, 3, 4])
    make_numbers(cast.appointments, [5, 6, 7, 8])
    program = program_of(cast.owner)
    whole, found, cursor = listed(program.get("entries/")), [], ""
    while cursor is not None:
        response = program.get(f"entries/?limit=3&cursor={cursor}")
        found += listed(response)
        cursor = response.json()["next"]
    assert found == whole
    assert len(whole) == 8


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("?cursor=x", "cursor", NO_CURSOR),
        ("?cursor=%FF", "cursor", NO_CURSOR),
        ("?cursor=" + "A" * 5000, "cursor", NO_CURSOR),
        # 2026-11-17:1, a Tuesday's; 2026-11-16:99999999999999999999.
        ("?cursor=MjAyNi0xMS0xNzox", "cursor", NO_CURSOR),
        (
            "?cursor=MjAyNi0xMS0xNjo5OTk5OTk5OTk5OTk5OTk5OTk5OQ",
            "cursor",
            NO_CURSOR,
        ),
        ("?cursor=%00", "cursor", "Write it again without special characters."),
        ("?kpi=%00", "kpi", "Write it again without special characters."),
        ("?limit=0", "limit", "This has to be 1 or more."),
        ("?limit=1001", "limit", "This has to be 1000 or less."),
        ("?limit=x", "limit", "This has to be a whole number."),
        ("?from=x", "from", "A week is written like 2026-W47."),
        ("?from=2026-W47&to=2026-W46", "from", "The first week is after the last."),
    ],
)
def test_a_wrong_question_says_what_is_wrong(cast, query, field, sentence):
    assert errors(program_of(cast.owner).get(f"entries/{query}")) == {field: sentence}


def test_entries_of_no_such_kpi_are_404(cast):
    make_kpi(cast.stranger.practice, "Lasers")
    for slug in ("lasers", "nothing"):
        assert program_of(cast.owner).get(f"entries/?kpi={slug}").status_code == 404


@pytest.mark.parametrize("many", [1, 900])
def test_two_statements_for_few_and_many(cast, django_assert_num_queries, many):
    make_numbers(cast.leads, [3] * many)
    program = program_of(cast.owner)
    program.get("")
    with django_assert_num_queries(2):
        assert len(listed(program.get("entries/?limit=1000"))) == many
    with django_assert_num_queries(3):
        program.get("entries/?kpi=leads")
