from datetime import date
from decimal import Decimal

import pytest

from funnel.actions import baselines, entries, kpis, meetings
from funnel.domain.weeks import Week
from funnel.models import KPI
from funnel.reports.history.history import build_history
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_numbers,
    root_seat,
    seat_for,
    stand_for,
)
from tests.reports.history.pages import USUAL, begin, history_of, make_ratio

pytestmark = pytest.mark.django_db


def make_total(cast, window=4):
    kind = KPI.Calculation.TOTAL
    return make_kpi(cast.practice, "Sum", calculation=kind, source=cast.leads, window=window)


# The points


def test_no_such_kpi_is_none_and_neither_is_another_practices(cast):
    make_kpi(cast.stranger.practice, "Lasers")
    assert build_history(cast.practice, "lasers", today=TODAY) is None
    assert build_history(cast.practice, "", today=TODAY) is None


def test_a_missing_week_is_a_point_without_a_number_and_moves_nothing(cast):
    make_numbers(cast.leads, (10, None, 14, 15))
    points = history_of(cast.leads).points
    assert [p.value for p in points] == [10, None, 14, 15, None]
    assert [p.moved for p in points] == [None, None, None, 1, None]
    assert [p.week for p in points] == [*WEEK.next.back(4), WEEK.next]


def test_the_running_week_is_shown_and_not_judged(cast):
    make_numbers(cast.leads, (*USUAL, 999), Week.running(TODAY))
    report = history_of(cast.leads)
    last = report.points[-1]
    assert (last.value, last.is_running, last.limits, last.rules, last.verdict) == (
        999,
        True,
        None,
        (),
        None,
    )
    assert report.findings == ()
    assert report.headline[1] == "The week of Nov 16 was as usual: 10."


def test_an_archived_one_ends_with_its_last_week(cast):
    make_numbers(cast.leads, USUAL)
    kpis.archive(by=seat_for(cast.admin), kpi=cast.leads, today=TODAY)
    report = history_of(cast.leads)
    assert report.archived_on == TODAY
    assert report.headline == ("Leads: usually 6 to 16 a week.",)
    assert report.changes[0].change.text == "No owner."
    assert len(report.points) == 21


def test_after_the_end_of_a_baseline_the_default_range_is_named(cast):
    make_numbers(cast.leads, USUAL)
    begin(cast.leads, WEEK.plus(-9))
    by = root_seat(cast.practice)
    baselines.end(by=by, kpi=cast.leads, from_week=WEEK.next, today=TODAY)
    report = history_of(cast.leads)
    assert report.baseline_from is None
    assert report.baseline.endswith("recorded weeks before it; so far there are 20.")
    assert [m.change.text for m in report.changes][:2] == ["Baseline ended.", "Baseline set."]


# Calculated KPIs


def test_a_ratio_is_missing_where_one_of_both_is_missing_or_nothing_is_divided_by(cast):
    make_numbers(cast.leads, (10, 20, None, 0, 40))
    make_numbers(cast.appointments, (5, None, 6, 7, 8))
    report = history_of(make_ratio(cast))
    assert [p.value for p in report.points] == [50, None, None, None, 20, None]
    assert (report.source.name, report.divisor.name) == ("Appointments", "Leads")
    assert report.entries == ()


def test_a_moving_total_is_missing_while_one_of_its_weeks_is(cast):
    make_numbers(cast.leads, (1, 2, 3, None, 5, 6, 7))
    report = history_of(make_total(cast, window=3))
    assert [p.value for p in report.points] == [6, None, None, None, 18, None]
    assert report.window == 3


# The entries


def test_an_entry_says_who_when_for_whom_and_what_it_was(cast):
    first = make_entry(cast.appointments, 27, note="phones down")
    by = stand_for(cast.manager, "appointments")
    entries.record(
        by=by, week=WEEK, value=Decimal(29), version=first.version, reason="Two more", note="ok"
    )
    (entry,) = history_of(cast.appointments).entries
    assert (entry.value, entry.note, entry.by, entry.owner) == ("29", "ok", "Ana", "Maya")
    assert (entry.reason, entry.seen) == ("Two more", None)
    assert (entry.at.hour, entry.at.date()) == (10, TODAY)
    (version,) = entry.versions
    assert (version.old, version.new, version.old_note, version.new_note) == (
        "27",
        "29",
        "phones down",
        "ok",
    )


def test_what_the_meeting_saw_is_beside_what_was_corrected_since(cast):
    first = make_entry(cast.appointments, 27)
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="late")
    owner = stand_for(cast.owner, "appointments")
    entries.record(by=owner, week=WEEK, value=Decimal(29), version=first.version)
    entries.record(by=stand_for(cast.marketer, "leads"), week=WEEK, value=Decimal(90))
    assert history_of(cast.appointments).entries[0].seen == "27"
    assert history_of(cast.leads).entries[0].seen == "–"


@pytest.mark.parametrize("weeks", [2, 300])
def test_three_statements_however_many_weeks_and_corrections(
    cast, django_assert_num_queries, weeks
):
    cast.practice.began_on = date(2010, 1, 4)
    make_numbers(cast.leads, [20 + n % 3 for n in range(weeks)])
    with django_assert_num_queries(3):
        history_of(cast.leads, span=None)
    entry = make_entry(cast.appointments, 27)
    by = stand_for(cast.owner, "appointments")
    entries.record(by=by, week=WEEK, value=Decimal(28), version=entry.version, confirmed=True)
    with django_assert_num_queries(3):
        history_of(cast.appointments, span=None)


def test_entries_come_26_at_a_time(cast):
    make_numbers(cast.leads, [None if n == 30 else n for n in range(60)])
    pages, until = [], None
    while True:
        report = history_of(cast.leads, entries_until=until)
        pages.append([entry.week for entry in report.entries])
        until = report.entries_until
        if until is None:
            break
    assert [len(page) for page in pages] == [26, 26, 7]
    recorded = [point.week for point in reversed(report.points) if point.value is not None]
    assert [week for page in pages for week in page] == recorded


def test_a_number_is_in_the_practices_own_currency_and_time(cast):
    spend = make_kpi(cast.practice, "Spend", unit=KPI.Unit.MONEY, direction="lower")
    make_entry(spend, Decimal("1250.50"))
    report = history_of(spend)
    assert report.entries[0].value == report.words.value(Decimal("1250.50"))
    assert "1,250.50" in report.entries[0].value
    assert report.owner is None
    assert report.changes == ()
