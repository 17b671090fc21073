"""reports/exports.py and its parts: what leaves a practice as tables."""

import tracemalloc
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.data import fill
from bench.shapes import Shape
from funnel.actions import baselines, follow_ups, kpis, meetings, ownership, short_weeks
from funnel.domain import sheet_layout
from funnel.domain.sheet_names import Known
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Practice
from funnel.reports.exports.exports import EXPORTS, ExportRequest
from funnel.reports.history.history import build_history
from funnel.reports.scorecard.scorecard import build_scorecard
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_follow_up,
    make_kpi,
    make_numbers,
    make_target,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

EVERYTHING = ExportRequest()
SMALL = Shape("small", 1, stages=3, others=0, weeks=13)
LARGE = Shape("large", 1, stages=5, others=10, weeks=520)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def built(what, practice, asked=EVERYTHING):
    """The rows of that export as dictionaries, by column heading."""
    table = EXPORTS[what].build(root_seat(practice), asked, today=TODAY)
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def ratio(cast, **fields):
    return make_kpi(
        cast.practice,
        "Leads a patient",
        unit=KPI.Unit.DECIMAL,
        group=KPIGroup.objects.create(practice=cast.practice, name="Ratios"),
        calculation=KPI.Calculation.RATIO,
        source=cast.leads,
        divisor=cast.patients,
        **fields,
    )


# Entries


def test_every_number_has_a_row_by_week_and_in_the_order_of_the_funnel(cast):
    make_entry(cast.appointments, 30, note="=1+1")
    make_entry(cast.leads, 100)
    make_entry(cast.leads, 90, WEEK.previous)
    rows = built("entries", cast.practice)
    assert [(row["Week"], row["KPI"], row["Value"]) for row in rows] == [
        ("2026-W46", "Leads", 90),
        ("2026-W47", "Leads", 100),
        ("2026-W47", "Appointments", 30),
    ]
    assert rows[2] == {
        "Week": "2026-W47",
        "KPI": "Appointments",
        "Value": Decimal(30),
        "Note": "=1+1",
        "Monday": date(2026, 11, 16),
        "Unit": "count",
        "Entered by": "root@example.com",
        "Entered for": "Maya",
        "Reason": "set up",
        "Corrected": False,
        "Seen value": None,
    }


def test_a_number_corrected_after_the_meeting_has_what_the_team_saw(cast):
    make_entry(cast.appointments, 30)
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Counted twice.")
    make_entry(cast.appointments, 27, version=1)
    (row,) = built("entries", cast.practice)
    assert (row["Value"], row["Corrected"], row["Seen value"]) == (27, True, 30)


def test_only_the_weeks_asked_for_leave(cast):
    for back in range(4):
        make_entry(cast.leads, 100 - back, WEEK.plus(-back))
    asked = ExportRequest(WEEK.plus(-2), WEEK.previous)
    assert [r["Value"] for r in built("entries", cast.practice, asked)] == [98, 99]
    assert [r["Leads"] for r in built("entries-wide", cast.practice, asked)] == [98, 99]


def test_nothing_of_another_practice_leaves(cast):
    make_entry(cast.leads, 100)
    make_follow_up(cast.owner)
    for what in ("entries", "entries-wide", "history", "follow-ups"):
        assert built(what, cast.practice), what
        assert built(what, cast.stranger.practice) == [], what
    assert "Maya" not in str(built("responsibilities", cast.stranger.practice))
    assert "100" not in str(built("scorecard", cast.stranger.practice))


def test_the_wide_form_has_a_column_a_kpi_and_every_week_between(cast):
    ratio(cast)
    make_entry(cast.leads, 90, WEEK.plus(-2))
    make_entry(cast.appointments, 30)
    table = EXPORTS["entries-wide"].build(root_seat(cast.practice), EVERYTHING, today=TODAY)
    assert [column.name for column in table.columns] == [
        "Week", "Monday", "Leads", "Appointments", "Patients acquired",
    ]  # fmt: skip
    assert [column.key for column in table.columns][2:] == [
        "leads", "appointments", "patients-acquired",
    ]  # fmt: skip
    assert list(table.rows) == [
        ("2026-W45", date(2026, 11, 2), 90, None, None),
        ("2026-W46", date(2026, 11, 9), None, None, None),
        ("2026-W47", date(2026, 11, 16), None, 30, None),
    ]


def test_an_archived_kpi_is_there_with_its_numbers_under_a_name_of_its_own(cast):
    old = make_kpi(cast.practice, "Calls")
    make_entry(old, 7, WEEK.previous)
    kpis.archive(by=root_seat(cast.practice), kpi=old, today=TODAY)
    KPI.objects.filter(pk=old.pk).update(slug="calls-2025")
    make_entry(make_kpi(cast.practice, "calls"), 8)
    rows = built("entries", cast.practice)
    assert [(row["KPI"], row["Value"]) for row in rows] == [("calls-2025", 7), ("calls", 8)]
    (before, now) = built("entries-wide", cast.practice)
    assert (before["calls-2025"], now["calls"]) == (7, 8)
    (later,) = built("entries-wide", cast.practice, ExportRequest(first=WEEK))
    # It was reviewed in that week.
    assert later["calls-2025"] is None


# History


def test_the_history_has_what_the_kpis_own_page_has(cast):
    weeks = 40
    make_numbers(cast.leads, [100 + (n * 37) % 23 for n in range(weeks - 1)] + [300])
    make_numbers(cast.patients, [20 + (n * 7) % 5 for n in range(weeks)])
    ratio(cast)
    make_target(cast.leads, 110, WEEK.plus(-10))
    seat = seat_for(cast.manager)
    baselines.begin(
        by=seat, kpi=cast.leads, from_week=WEEK.plus(-25), reason="New site.", today=TODAY
    )
    for kpi in (cast.leads, cast.patients, KPI.objects.get(slug="leads-a-patient")):
        page = build_history(cast.practice, kpi.slug, today=TODAY, span=None)
        rows = built("history", cast.practice, ExportRequest(kpi=kpi.slug))
        assert [
            (
                str(p.week),
                p.value,
                p.is_running,
                p.moved,
                p.limits and p.limits.mean,
                p.limits and p.limits.lower,
                p.limits and p.limits.upper,
                ", ".join(p.fired),
                p.target,
                p.verdict.value if p.verdict else "",
            )
            for p in page.points
        ] == [
            (
                row["Week"],
                row["Value"],
                row["In progress"],
                row["Moving range"],
                row["Mean"],
                row["Lower limit"],
                row["Upper limit"],
                row["Signals"],
                row["Target"],
                row["Verdict"],
            )
            for row in rows
        ]
    every = built("history", cast.practice)
    assert [row["KPI"] for row in every if row["Week"] == str(WEEK)] == [
        "Leads", "Patients acquired", "Leads a patient",
    ]  # fmt: skip
    assert "outside" in every[weeks - 1]["Signals"]
    assert {row["Limits"] for row in every if row["KPI"] == "Leads"} == {
        "frozen", "provisional", "none yet",
    }  # fmt: skip


def test_the_history_names_short_weeks_and_an_import_leaves_verdicts_out(cast):
    make_numbers(cast.leads, [5, 6, 7])
    by = seat_for(cast.manager)
    short_weeks.mark(by=by, week=WEEK, days_open=3, reason="Thanksgiving", today=TODAY)
    rows = built("history", cast.practice, ExportRequest(kpi="leads"))
    assert [row["Short week"] for row in rows] == [
        "", "", "short week: Thanksgiving, 3 days open", "",
    ]  # fmt: skip
    grid = [list(rows[0]), *([*map(str, row.values())] for row in rows)]
    layout = sheet_layout.lay_out(grid, [Known("leads", "Leads")])
    assert (layout.form, layout.names) == (sheet_layout.Form.LONG, ("Leads",))


def test_the_history_of_an_archived_kpi_ends_with_it(cast):
    old = make_kpi(cast.practice, "Calls")
    make_numbers(old, [5, 6, 7], WEEK.plus(-10))
    kpis.archive(by=root_seat(cast.practice), kpi=old, today=TODAY)
    archived = timezone.now() - timezone.timedelta(weeks=9)
    KPI.objects.filter(pk=old.pk).update(archived_at=archived)
    rows = built("history", cast.practice, ExportRequest(kpi="calls"))
    page = build_history(cast.practice, "calls", today=TODAY, span=None)
    assert [row["Week"] for row in rows] == [str(point.week) for point in page.points]


def test_there_is_no_history_of_a_kpi_that_is_not_there(cast):
    seat = root_seat(cast.practice)
    assert EXPORTS["history"].build(seat, ExportRequest(kpi="nothing\0"), today=TODAY) is None
    assert built("history", cast.practice, ExportRequest(kpi="leads")) == []


# Scorecard


def test_the_scorecard_says_what_its_page_says(cast):
    make_numbers(cast.leads, [100 + n for n in range(20)])
    make_numbers(cast.appointments, [40, None] * 10)
    make_numbers(cast.patients, [10 + n for n in range(20)])
    ratio(cast)
    make_target(cast.leads, 110)
    rows = {row["KPI"]: row for row in built("scorecard", cast.practice)}
    card = build_scorecard(root_seat(cast.practice), today=TODAY, with_running=False)
    weeks = [str(week) for week in card.weeks]
    assert list(rows["Leads"])[8:] == weeks
    for section in card.sections:
        for row in section.rows:
            if hasattr(row, "head"):
                told = rows[row.head.name]
                assert [told[week] for week in weeks] == [cell.value for cell in row.cells]
                assert (told["Owner"], told["Target"]) == (row.head.owner, row.head.target)
                assert (told["Average"], told["Total"]) == (row.average_13, row.total)
                assert told["Group"] == section.name
            else:
                told = rows[f"{row.before} to {row.name.lower()}"]
                assert [told[week] for week in weeks] == [
                    None if rate is None else rate * 100 for rate in row.rates
                ]
                assert told["Average"] == row.average_13 * 100
    assert list(rows) == [
        "Leads", "Leads to appointments", "Appointments", "Appointments to patients acquired",
        "Patients acquired", "Leads a patient",
    ]  # fmt: skip


def test_the_scorecard_has_the_weeks_asked_for_that_are_over_and_not_before_the_practice(cast):
    (first, *_) = built("scorecard", cast.practice, ExportRequest(WEEK.previous, WEEK.plus(9)))
    assert list(first)[8:] == ["2026-W46", "2026-W47"]
    (first, *_) = built("scorecard", cast.practice, ExportRequest(Week.parse("1999-W01"), None))
    assert list(first)[8] == "2024-W01"
    assert built("scorecard", cast.practice, ExportRequest(first=WEEK.next)) == []


# Follow-ups and responsibilities


def test_follow_ups_say_what_became_of_them(cast):
    seat = seat_for(cast.manager)
    done = make_follow_up(cast.owner, "Call back", kpi=cast.appointments)
    dropped = make_follow_up(cast.marketer, "New leaflet", week=WEEK.previous)
    make_follow_up(cast.owner, "Train Sam", due_on=date(2026, 11, 20))
    make_follow_up(cast.owner, "Ask about a line", due_on=date(2026, 12, 20))
    follow_ups.finish(by=seat, follow_up=done)
    follow_ups.drop(by=seat, follow_up=dropped, reason="Too dear.")
    rows = built("follow-ups", cast.practice)
    assert [(row["Follow-up"], row["State"], row["Ended by"]) for row in rows] == [
        ("Call back", "done", "Ana"),
        ("New leaflet", "dropped", "Ana"),
        ("Train Sam", "overdue", None),
        ("Ask about a line", "open", None),
    ]
    assert (rows[0]["KPI"], rows[0]["Owner"], rows[0]["Ended"]) == ("Appointments", "Maya", TODAY)
    assert (rows[1]["Week"], rows[1]["Dropped because"]) == ("2026-W46", "Too dear.")
    asked = ExportRequest(first=WEEK)
    assert len(built("follow-ups", cast.practice, asked)) == 3


def test_responsibilities_are_all_that_were_and_those_of_nobody_first(cast):
    seat = root_seat(cast.practice)
    ownership.end(by=seat, kpi=cast.leads, ends_on=date(2026, 11, 23))
    rows = built("responsibilities", cast.practice)
    assert [(r["KPI"], r["Duty"], r["Person"], r["Today"]) for r in rows] == [
        ("Leads", "owner", None, True),
        ("Leads", "owner", "Tom", False),
        ("Appointments", "owner", "Maya", True),
        ("Appointments", "stand-in", "Sam", True),
        ("Patients acquired", "owner", "Dana", True),
    ]
    assert rows[0]["Problem"] == "Leads has no owner."
    assert (rows[1]["From"], rows[1]["To"], rows[1]["Problem"]) == (
        date(2024, 1, 1),
        date(2026, 11, 23),
        "",
    )


# Cost


def test_ten_years_of_fifteen_kpis_take_as_many_statements_as_a_quarter_of_three():
    fill((SMALL, LARGE), Week.running(TODAY))
    sent = {}
    for slug in ("small", "large"):
        practice = Practice.objects.get(slug=slug)
        seat = root_seat(practice)
        for what, offer in EXPORTS.items():
            with CaptureQueriesContext(connection) as captured:
                rows = sum(1 for _ in offer.build(seat, EVERYTHING, today=TODAY).rows)
            sent.setdefault(what, []).append(len(captured))
        assert rows > 0
    assert sent == {
        "entries": [2, 2],
        "entries-wide": [3, 3],
        "scorecard": [2, 2],
        "history": [4, 4],
        "follow-ups": [1, 1],
        "responsibilities": [5, 5],
    }
    assert held_while_reading("entries", seat) < 1_500_000 < 7_800 * 500


def held_while_reading(what, seat):
    """The most bytes that are held at once while every row is read and let go."""
    rows = EXPORTS[what].build(seat, EVERYTHING, today=TODAY).rows
    next(rows)
    tracemalloc.start()
    try:
        for _ in rows:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
