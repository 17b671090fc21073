"""reports/history/history.py, with past.py, changes.py and findings.py: one KPI's page."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
import time_machine

from funnel.actions import baselines, entries, kpis, meetings, ownership, short_weeks
from funnel.domain.variation import limits
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice
from funnel.reports.history.changes import Kind
from funnel.reports.history.findings import verdict_words
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


def test_the_usual_range_and_the_latest_week_in_sentences(cast):
    make_numbers(cast.leads, WHEELER)
    report = history_of(cast.leads)
    assert report.limits == limits(WHEELER[:-1])
    better = "Better than usual in the week of Nov 16: 5,200, usually 3,381 to 4,748."
    assert report.headline == ("Leads: usually 3,381 to 4,748 a week.", better)
    assert [(f.sentence, f.is_quiet, f.is_current) for f in report.findings] == [
        (better, True, True),
        ("Worse than usual, Oct 12 – Nov 15, 2026: 2 weeks below the usual range.", False, False),
    ]
    assert report.baseline == (
        "The usual range of a week comes from the 26 recorded weeks before it; so far there are 16."
    )
    assert report.offered is None


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


def test_what_is_said_does_not_depend_on_the_weeks_shown(cast):
    make_numbers(cast.leads, (99, *USUAL, *[10] * 8, *[1] * 12))
    whole = history_of(cast.leads, span=None)
    part = history_of(cast.leads, span=6)
    assert part.points == whole.points[-7:]
    assert part.headline == whole.headline
    assert (part.limits, part.baseline, part.more) == (whole.limits, whole.baseline, 35)
    assert part.findings == tuple(f for f in whole.findings if f.last >= part.points[0].week)
    assert part.offered == whole.offered == part.points[0].week.plus(-6)
    assert len(part.entries) == 6


def test_too_few_weeks_have_no_usual_range(cast):
    make_numbers(cast.leads, (10, 12, 11))
    report = history_of(cast.leads)
    assert report.limits is None
    assert report.headline == (
        "Leads: the usual range takes 8 recorded weeks, and so far there are 3.",
        "The week of Nov 16: 11.",
    )
    assert report.baseline == "There is no usual range yet: 3 of the 8 recorded weeks it needs."


def test_weeks_without_neighbours_have_no_usual_range(cast):
    make_numbers(cast.leads, (10, None) * 9)
    assert history_of(cast.leads).headline == (
        "Leads: the usual range needs consecutive weeks, and there are none.",
        "The number of the week of Nov 16 is missing.",
    )


def test_an_archived_one_ends_with_its_last_week(cast):
    make_numbers(cast.leads, USUAL)
    kpis.archive(by=seat_for(cast.admin), kpi=cast.leads, today=TODAY)
    report = history_of(cast.leads)
    assert report.archived_on == TODAY
    assert report.headline == ("Leads: usually 6 to 16 a week.",)
    assert report.changes[0].change.text == "No owner."
    assert len(report.points) == 21


# What is not as usual

# Two years of a season that is known, then a level that is worse.
KNOWN = (*[12, 10] * 60, *[7, 8] * 5)


def test_worse_is_said_with_its_reason_and_since_when(cast):
    Practice.objects.update(began_on=date(2020, 1, 6))
    make_numbers(cast.appointments, KNOWN)
    report = history_of(cast.appointments)
    (finding,) = [f for f in report.findings if f.is_current]
    assert finding.sentence == (
        "Worse than usual since Sep 14: 10 weeks in a row below what is usual at that time of the "
        "year."
    )
    assert (finding.verdict, finding.is_quiet, finding.is_high) == (Verdict.WORSE, False, False)
    assert report.headline[1] == finding.sentence
    assert report.offered == finding.since == report.suggested_week == WEEK.plus(-9)


def test_a_set_baseline_says_who_set_it_and_why(cast):
    Practice.objects.update(began_on=date(2020, 1, 6))
    make_numbers(cast.appointments, KNOWN)
    practice = Practice.objects.get(pk=cast.practice.pk)
    begin(practice.kpis.get(slug="appointments"), WEEK.plus(-60))
    report = history_of(cast.appointments)
    assert "10 weeks in a row below what is usual at that time of the year" in report.headline[1]
    assert report.baseline == (
        "Set from Sep 22, 2025 by root@example.com: New phones; from the 20 weeks."
    )


def test_while_the_season_is_unknown_a_drift_is_said_quietly(cast):
    make_numbers(cast.appointments, (*USUAL, *[7] * 8))
    report = history_of(cast.appointments)
    (finding,) = report.findings
    assert finding.sentence == (
        "Lower than before since Sep 28; with less than two years of numbers this can be the "
        "season."
    )
    assert (finding.verdict, finding.is_quiet, finding.may_be_normal) == (None, True, False)
    assert report.offered is None


def test_once_a_baseline_begins_with_the_run_none_is_offered(cast):
    Practice.objects.update(began_on=date(2020, 1, 6))
    make_numbers(cast.appointments, KNOWN)
    practice = Practice.objects.get(pk=cast.practice.pk)
    begin(practice.kpis.get(slug="appointments"), WEEK.plus(-9), "Maya left.")
    report = history_of(cast.appointments)
    assert report.offered is None
    assert report.suggested_week == WEEK
    assert report.baseline == (
        "Set from Sep 14, 2026 by root@example.com: Maya left; from 10 of the 20 weeks it takes."
    )
    assert report.may_end_baseline


def test_after_the_end_of_a_baseline_the_default_range_is_named(cast):
    make_numbers(cast.leads, USUAL)
    begin(cast.leads, WEEK.plus(-9))
    by = root_seat(cast.practice)
    baselines.end(by=by, kpi=cast.leads, from_week=WEEK.next, today=TODAY)
    report = history_of(cast.leads)
    assert report.baseline_from is None
    assert report.baseline.endswith("recorded weeks before it; so far there are 20.")
    assert [m.change.text for m in report.changes][:2] == ["Baseline ended.", "Baseline set."]


def test_a_run_that_a_later_one_reaches_back_over_is_not_said_twice(cast):
    Practice.objects.update(began_on=date(2020, 1, 6))
    low = (96, 92, 97, 93, 98, 99, 97, 98, 94, 98, 96, 97)
    make_numbers(cast.appointments, (*[98, 102] * 60, 88, 99, 99, *low))
    report = history_of(cast.appointments)
    for finding, earlier in pairwise(report.findings):
        assert earlier.last < finding.since or earlier.is_high != finding.is_high


def test_a_better_run_that_ended_is_quiet_and_news_in_its_week(cast):
    make_numbers(cast.leads, (*USUAL, 40, 11))
    report = history_of(cast.leads)
    (finding,) = report.findings
    assert finding.sentence == "Better than usual, Nov 9 – 15, 2026: 40, usually 6 to 16."
    assert (finding.is_quiet, finding.is_current) == (True, False)
    assert report.headline[1] == "The week of Nov 16 was as usual again: 11."


@pytest.mark.parametrize(
    ("value", "said"), [(3, "Its 3 gets no verdict."), (None, "It has no number.")]
)
def test_a_short_week_is_shown_as_such_and_not_judged(cast, value, said):
    make_numbers(cast.leads, (*USUAL, value))
    by = root_seat(cast.practice)
    short_weeks.mark(by=by, week=WEEK, days_open=1, reason="Thanksgiving", today=TODAY)
    report = history_of(cast.leads)
    assert report.findings == ()
    assert report.headline[1] == (
        f"The week of Nov 16 is a short week: Thanksgiving, 1 day open. {said}"
    )
    assert verdict_words(report.points[-2]) == "short week: Thanksgiving, 1 day open"


def test_the_table_says_a_verdict_in_words(cast):
    make_numbers(cast.leads, (*USUAL, 40, 11, None, 0))
    words = [verdict_words(point) for point in history_of(cast.leads).points]
    assert words[0] == "too few to say"
    assert words[-5:] == [
        "better than usual: beyond the usual range",
        "as usual again",
        "",
        "worse than usual: beyond the usual range",
        "",
    ]


def test_the_target_against_what_is_usual(cast):
    make_numbers(cast.leads, USUAL)
    for target, said in (
        (40, "The target 40 is above the usual range: it will not be met without a change."),
        (12, "The target 12 is within the usual range: it will be met sometimes."),
        (2, "The target 2 is below the usual range: it will be met."),
    ):
        make_target(cast.leads, target)
        assert history_of(cast.leads).targets == (said,)


def test_a_target_is_never_denied_by_the_facts(cast):
    assert history_of(cast.leads).targets == ()
    make_target(cast.leads, 100, WEEK.plus(2))
    assert history_of(cast.leads).targets == ("From the week of Nov 30: 100.",)
    make_target(cast.leads, 80)
    assert history_of(cast.leads).targets == (
        "The target is 80.",
        "From the week of Nov 30: 100.",
    )


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
    assert report.limits.upper == pytest.approx(63.01, abs=0.01)
    assert report.headline[0] == "Booked: usually 12.4% to 63.0% a week."


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
    kpis.save(by=seat_for(cast.admin), kpi=cast.leads, today=TODAY)
    changes = [(m.number, m.change.kind, m.change.text) for m in history_of(cast.leads).changes]
    assert changes == [
        (2, Kind.DEFINITION, "Definition changed."),
        (2, Kind.DEFINITION, "Renamed Calls, before Leads."),
        (1, Kind.OWNER, "No owner."),
        (1, Kind.BASELINE, "Baseline set."),
        (1, Kind.TARGET, "Target 50, before 40."),
        (None, Kind.TARGET, "Target 40."),
        (None, Kind.OWNER, "Tom owns it."),
    ]


def test_an_owner_after_another_names_both(cast):
    make_entry(cast.appointments, 27)
    by = root_seat(cast.practice)
    ownership.assign(by=by, kpi=cast.appointments, staff=cast.stand_in, starts_on=WEEK.monday)
    texts = [marked.change.text for marked in history_of(cast.appointments).changes]
    assert texts == ["Sam owns it, Maya before.", "Maya owns it."]


def test_another_calculation_is_a_change_on_the_time_axis(cast):
    kpi = make_kpi(cast.practice, "Booked", unit=KPI.Unit.PERCENT)
    by = seat_for(cast.admin)
    kpi.calculation, kpi.source = KPI.Calculation.TOTAL, cast.leads
    for kpi.window in (4, 8):
        kpis.save(by=by, kpi=kpi, today=TODAY)
    kpi.calculation, kpi.divisor, kpi.window = KPI.Calculation.RATIO, cast.appointments, None
    kpis.save(by=by, kpi=kpi, today=TODAY)
    kpi.unit, kpi.direction = KPI.Unit.DECIMAL, KPI.Direction.LOWER
    kpis.save(by=by, kpi=kpi, today=TODAY)
    report = history_of(kpi)
    assert [(m.number, m.change.text) for m in report.changes] == [
        (None, "From then on lower is better."),
        (None, "Unit: a number with decimals, before percent."),
        (None, "Calculation: Leads divided by Appointments, before Leads of 8 weeks, added up."),
        (None, "Calculation: Leads of 8 weeks, added up, before Leads of 4 weeks, added up."),
        (None, "Calculation: Leads of 4 weeks, added up, before entered every week."),
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


def test_the_rows_of_another_practice_are_not_read(cast):
    make_numbers(cast.leads, USUAL)
    other = cast.stranger.practice.kpis.get(slug="leads")
    make_numbers(other, [90] * 20)
    make_target(other, 500)
    begin(other, WEEK, "Elsewhere")
    report = history_of(cast.leads)
    assert {entry.value for entry in report.entries} == {"10", "12"}
    assert [m.change.text for m in report.changes] == ["Tom owns it."]


def test_a_number_is_in_the_practices_own_currency_and_time(cast):
    spend = make_kpi(cast.practice, "Spend", unit=KPI.Unit.MONEY, direction="lower")
    make_entry(spend, Decimal("1250.50"))
    report = history_of(spend)
    assert report.entries[0].value == report.words.value(Decimal("1250.50"))
    assert "1,250.50" in report.entries[0].value
    assert report.owner is None
    assert report.changes == ()
