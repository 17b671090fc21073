"""reports/series/over_time.py: the same weeks on the page, in the API, on board and scorecard."""

import random
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from funnel.actions import baselines, kpis, short_weeks
from funnel.domain.variation import ChartRule, limits
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, ShortWeek
from funnel.reports.board.board import build_board
from funnel.reports.history.history import build_history
from funnel.reports.scorecard.scorecard import ScorecardRow, build_scorecard
from funnel.reports.series.over_time import build_over_time
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_target,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

# Wheeler, Making Sense of Data, p. 382.
WHEELER = (5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685)
WHEELER = (*WHEELER, 3463, 5200)
RESTLESS = [10 + (n * 7) % 13 + (20 if 60 < n < 75 else 0) for n in range(110)]


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def over_time(kpi, first=None, last=None, **how):
    return build_over_time(kpi.practice, kpi.slug, today=TODAY, first=first, last=last, **how)


def begin(kpi, week):
    by = root_seat(kpi.practice)
    return baselines.begin(by=by, kpi=kpi, from_week=week, reason="New phones", today=TODAY)


def mark_short(practice, week):
    by = root_seat(practice)
    short_weeks.mark(by=by, week=week, days_open=3, reason="Thanksgiving", today=TODAY)


def make_ratio(cast):
    kind = KPI.Calculation.RATIO
    parts = {"source": cast.appointments, "divisor": cast.leads}
    return make_kpi(cast.practice, "Booked", unit=KPI.Unit.PERCENT, calculation=kind, **parts)


def make_total(cast):
    kind = KPI.Calculation.TOTAL
    return make_kpi(cast.practice, "Sum", calculation=kind, source=cast.leads, window=4)


def assert_same(kpi, first=None, last=None):
    """As on the page of all weeks, week by week, and at least one of them."""
    over = over_time(kpi, first, last)
    page = build_history(kpi.practice, kpi.slug, today=TODAY, span=None)
    shown = {point.week for point in over.points}
    assert over.points
    assert list(over.points) == [point for point in page.points if point.week in shown]
    assert over.limits == page.limits
    limits = {p.week: p.limits for p in page.points}
    for stretch in over.stretches:
        assert stretch.limits == limits[stretch.last]
    return over


def test_the_usual_range_of_a_week_comes_from_the_weeks_before_it(cast):
    make_numbers(cast.leads, WHEELER)
    over = assert_same(cast.leads)
    assert [point.value for point in over.points[:-1]] == list(WHEELER)
    assert over.limits == limits(WHEELER[:-1])
    assert [point.limits for point in over.points[:8]] == [None] * 8
    assert over.points[8].limits == limits(WHEELER[:8])
    last = over.points[-2]
    assert (last.verdict, last.fired) == (Verdict.BETTER, (ChartRule.OUTSIDE,))
    assert over.points[-1].is_running


def test_the_last_26_completed_weeks_and_the_running_one(cast):
    make_numbers(cast.leads, RESTLESS)
    over = assert_same(cast.leads)
    assert (over.points[0].week, over.points[-1].week) == (WEEK.plus(-25), WEEK.next)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (WEEK.plus(-60), None),
        (WEEK.plus(-45), WEEK.plus(-30)),
        (None, WEEK.plus(-30)),
        (WEEK, WEEK),
        (Week.parse("2000-W01"), Week.parse("2099-W01")),
        (WEEK.plus(-200), WEEK.plus(-100)),
    ],
)
@pytest.mark.parametrize("has_baselines", [True, False])
def test_any_weeks_are_as_on_the_page(cast, first, last, has_baselines):
    make_numbers(cast.leads, RESTLESS)
    mark_short(cast.practice, WEEK)
    if has_baselines:
        begin(cast.leads, WEEK.plus(-70))
        begin(cast.leads, WEEK.plus(-40))
        by = root_seat(cast.practice)
        baselines.end(by=by, kpi=cast.leads, from_week=WEEK.plus(-12), today=TODAY)
        begin(cast.leads, WEEK.plus(-9))
    assert_same(cast.leads, first, last)


@pytest.mark.parametrize("has_baseline", [True, False])
def test_a_week_does_not_depend_on_how_much_is_shown(cast, has_baseline):
    """With ten years, holes of months, short weeks and a run that never ends."""
    Practice.objects.update(began_on=date(2015, 1, 5))
    rng = random.Random(3)  # noqa: S311
    values = [
        None if 300 < n < 340 or rng.random() < 0.1 else 40 + n // 4 + rng.randrange(12)
        for n in range(520)
    ]
    make_numbers(cast.leads, values)
    make_numbers(cast.appointments, [n // 2 for n in range(520)])
    by = root_seat(Practice.objects.get(pk=cast.practice.pk))
    for n in (5, 60, 110, 280, 330, 440):
        ShortWeek.objects.create(
            practice=cast.practice,
            week=WEEK.plus(-n).monday,
            days_open=2,
            reason="Holiday",
            marked_at=timezone.now(),
            marked_by=by.user,
        )
    if has_baseline:
        for n in (400, 300):
            baselines.begin(
                by=by, kpi=cast.leads, from_week=WEEK.plus(-n), reason="Moved", today=TODAY
            )
    for kpi in (cast.leads, make_ratio(cast)):
        whole = {point.week: point for point in over_time(kpi, span=None).points}
        assert len(whole) == 521
        for span in (26, 104, 300):
            for point in over_time(kpi, span=span).points:
                # Signals that later weeks complete mark earlier ones: all are loaded alike.
                assert point == whole[point.week]
        for point in over_time(kpi, WEEK.plus(-350), WEEK.plus(-320)).points:
            assert point == whole[point.week]


def test_board_scorecard_and_history_agree_on_every_week(cast):
    """With a baseline, a ratio, a moving total, a gap, a short week and each of the signals."""
    leads = [20, 22, 21, 19, 20, 23, 21, None, 20, 18, 21, 22, 20, 19, 21, 20, 22, 21, 20, 19, 21]
    leads += [26, 26, 26, 27, 20, 44, *[24] * 9, 30, 31, 30, 29, 31, 30, 60, 29, 30, 31, 30, 31]
    make_numbers(cast.leads, leads)
    make_numbers(cast.appointments, [5 + n % 3 for n in range(len(leads) - 20)] + [9] * 20)
    make_numbers(cast.patients, [2 + n % 2 for n in range(len(leads))])
    kpis_of = (cast.leads, cast.appointments, cast.patients, make_ratio(cast), make_total(cast))
    begin(cast.leads, WEEK.plus(-15))
    mark_short(cast.practice, WEEK)
    weeks = WEEK.next.back(len(leads))
    points = {
        (kpi.slug, point.week): point
        for kpi in kpis_of
        for point in over_time(kpi, span=None).points
    }
    seen = set()
    for week in weeks:
        for line in build_board(cast.practice, week, today=TODAY).lines:
            if point := points.get((line.slug, week)):
                low, high = (
                    (point.limits.lower, point.limits.upper) if point.limits else (None,) * 2
                )
                assert (line.value, line.target, line.signals) == (
                    point.value, point.target, point.fired,
                )  # fmt: skip
                assert (line.verdict, line.low, line.high) == (point.verdict, low, high)
                assert (line.since, line.is_news, line.has_ended) == (
                    point.since, point.is_news, point.has_ended,
                )  # fmt: skip
                seen.add((line.verdict, point.drifts_since is not None))
            else:
                assert line.value is None
        card = build_scorecard(seat_for(cast.viewer), today=TODAY, until=week)
        for row in (
            row for part in card.sections for row in part.rows if isinstance(row, ScorecardRow)
        ):
            for of_week, cell in zip(card.weeks, row.cells, strict=True):
                if point := points.get((row.head.slug, of_week)):
                    assert (cell.value, cell.target, cell.is_news, cell.verdict) == (
                        point.value, point.target, point.is_news, point.verdict,
                    )  # fmt: skip
    assert {verdict for verdict, _ in seen} >= {Verdict.BETTER, Verdict.USUAL, Verdict.UNKNOWN}
    assert {drifts for _, drifts in seen} == {True, False}


def test_a_short_week_is_not_judged_and_moves_nothing(cast):
    make_numbers(cast.leads, [*[10, 12] * 6, 2, 11], WEEK)
    mark_short(cast.practice, WEEK)
    practice = cast.practice
    short_weeks.unmark(by=root_seat(practice), week=WEEK, today=TODAY)
    mark_short(practice, WEEK.next)
    make_entry(cast.leads, 1, WEEK.next)
    points = over_time(cast.leads).points
    assert points[-1].short.reason == "Thanksgiving"
    assert points[-3].moved == 10
    ShortWeek.objects.update(week=WEEK.previous.monday)
    points = over_time(cast.leads).points
    assert (points[-3].verdict, points[-3].moved, points[-3].fired) == (Verdict.UNKNOWN, None, ())
    assert (points[-2].verdict, points[-2].moved) == (Verdict.USUAL, 1)


def test_a_week_without_a_number_is_there_and_none_before_the_first(cast):
    make_numbers(cast.leads, [5, None, None, 7, None])
    over = assert_same(cast.leads)
    assert [point.value for point in over.points] == [5, None, None, 7, None, None]
    later = assert_same(cast.leads, first=WEEK.plus(-2))
    assert [point.value for point in later.points] == [None, 7, None, None]


def test_the_targets_are_those_in_force_each_week(cast):
    make_numbers(cast.leads, [5, 6, 7])
    make_target(cast.leads, 10, WEEK.previous)
    make_target(cast.leads, 12, WEEK.next)
    assert [point.target for point in assert_same(cast.leads).points] == [None, 10, 10, 12]


def test_calculated_numbers_are_as_on_the_page(cast):
    make_numbers(cast.leads, RESTLESS)
    make_numbers(cast.appointments, [n // 2 for n in RESTLESS])
    for kpi in (make_ratio(cast), make_total(cast)):
        assert_same(kpi)
        assert_same(kpi, first=WEEK.plus(-50), last=WEEK.plus(-20))


def test_two_decimals_are_as_they_were_entered(cast):
    rating = make_kpi(cast.practice, "Rating", unit=KPI.Unit.DECIMAL)
    make_entry(rating, "4.65", WEEK.previous)
    make_entry(rating, "123456789.07")
    assert [point.value for point in over_time(rating).points] == [
        Decimal("4.65"),
        Decimal("123456789.07"),
        None,
    ]


@pytest.mark.parametrize("weeks_ago", [1, 60])
def test_ends_with_the_week_it_was_archived_in(cast, weeks_ago):
    last = WEEK.plus(1 - weeks_ago)
    make_numbers(cast.leads, RESTLESS[:80], last)
    day = last.sunday
    with time_machine.travel(f"{day}T15:00Z", tick=False):
        kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=day)
    over = assert_same(cast.leads)
    assert over.archived_on == day
    assert over.points[-1].week == over.last == last
    assert len(over.points) == 26


def test_a_kpi_without_a_number_has_no_weeks(cast):
    over = over_time(cast.leads)
    assert (over.points, over.stretches, over.limits, over.last) == ((), (), None, None)
    assert (over.kpi.name, over.owner.name, over.kpi.role) == ("Leads", "Tom", "Marketing")


def test_numbers_of_long_ago_leave_the_weeks_shown_without(cast):
    Practice.objects.update(began_on=date(2015, 1, 5))
    make_numbers(cast.leads, [7, 8, 9], WEEK.plus(-400))
    over = assert_same(cast.leads)
    assert [point.value for point in over.points] == [None] * 27
    assert {point.verdict for point in over.points} == {Verdict.UNKNOWN, None}


def test_no_such_kpi_is_none_and_neither_is_another_practices(cast):
    make_kpi(cast.stranger.practice, "Lasers")
    for slug in ("lasers", "nothing"):
        assert build_over_time(cast.practice, slug, today=TODAY, first=None, last=None) is None


@pytest.mark.parametrize("many", [2, 200])
def test_two_statements_for_few_and_many(cast, django_assert_num_queries, many):
    make_numbers(cast.leads, [n % 9 for n in range(many)])
    with django_assert_num_queries(2):
        over_time(cast.leads, first=WEEK.plus(-300))
