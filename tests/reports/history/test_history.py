"""reports/history.py, with changes.py and findings.py: one KPI over time."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from funnel.actions import baselines, entries, kpis, meetings, ownership
from funnel.domain.variation import Rule
from funnel.domain.weeks import Week
from funnel.models import KPI
from funnel.reports.board.board import build_board
from funnel.reports.history.changes import Kind
from funnel.reports.history.history import build_history
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_kpi,
    make_numbers,
    make_target,
    root_seat,
    seat_for,
    stand_for,
)

pytestmark = pytest.mark.django_db

USUAL = (*[12, 10] * 10,)
# Wheeler, Making Sense of Data, p. 382.
WHEELER = (5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685)
WHEELER = (*WHEELER, 3463, 5200)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def history_of(kpi, **how):
    report = build_history(kpi.practice, kpi.slug, today=TODAY, **how)
    assert report is not None
    return report


def begin(kpi, week, reason="New phones"):
    by = root_seat(kpi.practice)
    return baselines.begin(by=by, kpi=kpi, from_week=week, reason=reason, today=TODAY)


def make_ratio(cast, **fields):
    given = {"unit": KPI.Unit.PERCENT, "source": cast.appointments, "divisor": cast.leads}
    return make_kpi(cast.practice, "Booked", calculation=KPI.Calculation.RATIO, **given | fields)


def make_total(cast, window=4):
    kind = KPI.Calculation.TOTAL
    return make_kpi(cast.practice, "Sum", calculation=kind, source=cast.leads, window=window)


# The points


def test_no_such_kpi_is_none_and_neither_is_another_practices(cast):
    make_kpi(cast.stranger.practice, "Lasers")
    assert build_history(cast.practice, "lasers", today=TODAY) is None
    assert build_history(cast.practice, "", today=TODAY) is None


def test_the_published_example(cast):
    make_numbers(cast.leads, WHEELER)
    report = history_of(cast.leads)
    assert report.limits.mean == pytest.approx(4135.5)
    assert (report.limits.lower, report.limits.upper, report.limits.range_limit) == pytest.approx(
        (3188.72, 5082.28, 1163.19), abs=0.01
    )
    assert [(f.rule, f.first, f.last) for f in report.findings] == [(Rule.OUTSIDE, 15, 15)]
    assert report.headline == (
        "Leads: usually between 3,189 and 5,082 a week.",
        "The week of Nov 16 was outside: 5,200, above the upper limit.",
    )
    assert report.findings[0].text == "5,200, above the upper limit of 5,082.3."
    assert report.baseline == "Provisional: told from 16 weeks, from the week of Aug 3, 2026 on."


def test_a_missing_week_is_a_point_without_a_number_and_moves_nothing(cast):
    make_numbers(cast.leads, (10, None, 14, 15))
    points = history_of(cast.leads).points
    assert [p.value for p in points] == [10, None, 14, 15, None]
    assert [p.moved for p in points] == [None, None, None, 1, None]
    assert [p.week for p in points] == [*WEEK.next.back(4), WEEK.next]


def test_the_running_week_is_shown_and_judged_by_nothing(cast):
    make_numbers(cast.leads, (*USUAL, 999), Week.running(TODAY))
    report = history_of(cast.leads)
    last = report.points[-1]
    assert (last.value, last.is_running, last.limits, last.rules, last.fired) == (
        999,
        True,
        None,
        (),
        (),
    )
    assert report.findings == ()
    assert report.headline[1] == "The week of Nov 16 was as usual: 10."


def test_weeks_that_are_not_shown_are_judged_all_the_same(cast):
    make_numbers(cast.leads, (99, *USUAL, *[10] * 10))
    whole = history_of(cast.leads, span=None)
    part = history_of(cast.leads, span=26)
    assert part.points == whole.points[-27:]
    assert (part.limits, part.baseline, part.more) == (whole.limits, whole.baseline, 5)
    assert [(s.first, s.end) for s in part.spans] == [(0, 26)]
    assert whole.findings[-1].first == 0
    assert all(finding.last >= 0 for finding in part.findings)
    assert len(part.entries) == 26


def test_limits_without_enough_numbers_are_not_told(cast):
    make_numbers(cast.leads, (10, 12, 11))
    report = history_of(cast.leads)
    assert report.limits is None
    assert report.spans == ()
    assert report.headline == (
        "Leads: what is usual takes 6 numbers, and so far there are 3.",
        "The week of Nov 16: 11.",
    )
    assert report.baseline == "None yet: 3 of the 6 numbers it takes."


def test_neighbours_that_are_all_missing_tell_no_limits(cast):
    make_numbers(cast.leads, (10, None) * 6)
    assert history_of(cast.leads).headline == (
        "Leads: what is usual takes numbers of neighbouring weeks, and there are none.",
        "The number of the week of Nov 16 is missing.",
    )


def test_an_archived_one_ends_with_its_last_week(cast):
    make_numbers(cast.leads, USUAL)
    kpis.archive(by=seat_for(cast.admin), kpi=cast.leads, today=TODAY)
    report = history_of(cast.leads)
    assert report.archived_on == TODAY
    assert report.headline == ("Leads: usually between 6 and 16 a week.",)
    assert report.changes[0].change.text == "No one owns it."
    assert len(report.points) == 21


# The signals: the same as on the board


def shift(cast):
    make_numbers(cast.leads, (*USUAL, *[12] * 8))
    return history_of(cast.leads)


def test_a_shift_is_said_with_the_week_a_new_baseline_would_begin(cast):
    report = shift(cast)
    found = report.findings[0]
    assert (found.rule, found.first, found.last, found.is_high) == (Rule.SHIFTED, 20, 27, True)
    assert found.weeks == "Sep 28 – Nov 22, 2026"
    assert found.text == "8 weeks in a row above the mean of 11.0."
    assert found.begins == report.suggested_week == report.points[20].week
    assert report.points[27].fired == (Rule.SHIFTED,)
    assert report.points[26].fired == ()
    assert report.points[26].rules == (Rule.SHIFTED,)
    assert report.headline[1] == "It has shifted: 8 weeks in a row above the mean of 11.0."


def test_where_a_baseline_followed_no_other_is_offered(cast):
    week = shift(cast).suggested_week
    begin(cast.leads, week)
    report = history_of(cast.leads)
    assert [finding.begins for finding in report.findings] == []
    assert [(s.first, s.end) for s in report.spans] == [(0, 20), (20, 28)]
    assert report.suggested_week == WEEK


def test_the_board_of_every_week_says_what_the_history_says(cast):
    """With a second baseline, a ratio, a moving total, a gap and each of the three signals."""
    leads = [20, 22, 21, 19, 20, 23, 21, None, 20, 18, 21, 22, 20, 19, 21, 20, 22, 21, 20, 19, 21]
    leads += [26, 26, 26, 27, 20, 44, *[24] * 9, 30, 31, 30, 29, 31, 30, 60, 29, 30, 31, 30, 31]
    booked = [5 + n % 3 for n in range(len(leads) - 20)] + [9] * 20
    make_numbers(cast.leads, leads)
    make_numbers(cast.appointments, booked)
    ratio, total = make_ratio(cast), make_total(cast)
    for kpi in (cast.leads, total):
        begin(kpi, WEEK.plus(-11))
    weeks = WEEK.next.back(len(leads))
    said = {
        (line.slug, week): (line.value, line.signals)
        for week in weeks
        for line in build_board(cast.practice, week, today=TODAY).lines
    }
    told = {}
    for kpi in (cast.leads, cast.appointments, ratio, total):
        points = {p.week: p for p in history_of(kpi, span=None).points}
        for week in weeks:
            point = points.get(week)
            told[kpi.slug, week] = (point.value, point.fired) if point else (None, ())
    assert told == {key: value for key, value in said.items() if key[0] != "patients-acquired"}
    fired = {(kpi, rule) for (kpi, _), (_, rules) in told.items() for rule in rules}
    assert {rule for _, rule in fired} == set(Rule)
    assert {"leads", "booked", "sum"} <= {kpi for kpi, _ in fired}


def test_the_target_against_what_is_usual(cast):
    make_numbers(cast.leads, USUAL)
    for target, said in (
        (40, "The target 40 lies above what is usual: it will not be met without a change."),
        (12, "The target 12 lies inside what is usual: it will be met sometimes."),
        (2, "The target 2 lies below what is usual: it will be met."),
    ):
        make_target(cast.leads, target)
        report = history_of(cast.leads)
        assert (report.target, report.target_sentence) == (target, said)


# Calculated KPIs


def test_a_ratio_is_missing_where_one_of_both_is_missing_or_nothing_is_divided_by(cast):
    make_numbers(cast.leads, (10, 20, None, 0, 40))
    make_numbers(cast.appointments, (5, None, 6, 7, 8))
    report = history_of(make_ratio(cast))
    assert [p.value for p in report.points] == [50, None, None, None, 20, None]
    assert (report.source.name, report.divisor.name) == ("Appointments", "Leads")
    assert report.entries == ()


def test_what_is_usual_of_a_percent_goes_by_tenths(cast):
    make_numbers(cast.leads, [90, 70] * 6)
    make_numbers(cast.appointments, [30] * 12)
    report = history_of(make_ratio(cast))
    assert report.limits.upper == pytest.approx(63.44, abs=0.01)
    assert report.headline[0] == "Booked: usually between 12.8% and 63.4% a week."


def test_a_moving_total_is_missing_while_one_of_its_weeks_is(cast):
    make_numbers(cast.leads, (1, 2, 3, None, 5, 6, 7))
    report = history_of(make_total(cast, window=3))
    assert [p.value for p in report.points] == [6, None, None, None, 18, None]
    assert report.window == 3


# What was changed


def test_every_change_stands_in_order_with_its_number(cast):
    make_numbers(cast.leads, USUAL)
    make_target(cast.leads, 40)
    make_target(cast.leads, 50, WEEK)
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=WEEK.monday)
    begin(cast.leads, WEEK)
    cast.leads.definition = "Every first call."
    cast.leads.name = "Calls"
    kpis.save(by=seat_for(cast.admin), kpi=cast.leads)
    changes = [(m.number, m.change.kind, m.change.text) for m in history_of(cast.leads).changes]
    assert changes == [
        (2, Kind.DEFINITION, "Something else counts."),
        (2, Kind.DEFINITION, "Named Calls, before it Leads."),
        (1, Kind.OWNER, "No one owns it."),
        (1, Kind.BASELINE, "A new baseline begins."),
        (1, Kind.TARGET, "Target 50, before it 40."),
        (None, Kind.TARGET, "Target 40."),
        (None, Kind.OWNER, "Tom owns it."),
    ]


def test_an_owner_after_another_says_who_did_before(cast):
    make_entry(cast.appointments, 27)
    by = root_seat(cast.practice)
    ownership.assign(by=by, kpi=cast.appointments, staff=cast.stand_in, starts_on=WEEK.monday)
    texts = [marked.change.text for marked in history_of(cast.appointments).changes]
    assert texts == ["Sam owns it, Maya did before.", "Maya owns it."]


def test_how_it_comes_about_is_a_change_on_the_time_axis(cast):
    make_numbers(cast.leads, USUAL)
    make_numbers(cast.appointments, USUAL)
    kpi = make_kpi(cast.practice, "Booked", unit=KPI.Unit.PERCENT)
    by = seat_for(cast.admin)
    kpi.calculation, kpi.source = KPI.Calculation.TOTAL, cast.leads
    for kpi.window in (4, 8):
        kpis.save(by=by, kpi=kpi)
    kpi.calculation, kpi.divisor, kpi.window = KPI.Calculation.RATIO, cast.appointments, None
    kpis.save(by=by, kpi=kpi)
    kpi.unit, kpi.direction = KPI.Unit.DECIMAL, KPI.Direction.LOWER
    kpis.save(by=by, kpi=kpi)
    report = history_of(kpi)
    assert [(m.number, m.change.text) for m in report.changes] == [
        (1, "From here on lower is better."),
        (1, "Counted as a number with decimals, before as percent."),
        (1, "Comes about as Leads divided by Appointments, before as Leads of 8 weeks, added up."),
        (1, "Comes about as Leads of 8 weeks, added up, before as Leads of 4 weeks, added up."),
        (1, "Comes about as Leads of 4 weeks, added up, before as a number someone enters."),
    ]
    assert report.changes[0].change.by == "Ada"


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


def test_what_the_meeting_saw_stands_beside_what_was_corrected_since(cast):
    first = make_entry(cast.appointments, 27)
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="late")
    owner = stand_for(cast.owner, "appointments")
    entries.record(by=owner, week=WEEK, value=Decimal(29), version=first.version)
    entries.record(by=stand_for(cast.marketer, "leads"), week=WEEK, value=Decimal(90))
    assert history_of(cast.appointments).entries[0].seen == "27"
    assert history_of(cast.leads).entries[0].seen == "–"


@pytest.mark.parametrize("weeks", [2, 300])
def test_four_statements_however_many_weeks_and_a_fifth_for_corrections(
    cast, django_assert_num_queries, weeks
):
    cast.practice.began_on = date(2010, 1, 4)
    make_numbers(cast.leads, [20 + n % 3 for n in range(weeks)])
    with django_assert_num_queries(4):
        history_of(cast.leads, span=None)
    entry = make_entry(cast.appointments, 27)
    by = stand_for(cast.owner, "appointments")
    entries.record(by=by, week=WEEK, value=Decimal(28), version=entry.version, confirmed=True)
    with django_assert_num_queries(5):
        history_of(cast.appointments, span=None)


def test_a_number_of_a_practice_is_told_in_its_own_currency_and_time(cast):
    spend = make_kpi(cast.practice, "Spend", unit=KPI.Unit.MONEY, direction="lower")
    make_entry(spend, Decimal("1250.50"))
    report = history_of(spend)
    assert report.entries[0].value == report.say.value(Decimal("1250.50"))
    assert "1,250.50" in report.entries[0].value
    assert report.owner is None
    assert report.changes == ()
