"""reports/over_time.py: the same numbers as on the KPI's own page, for programs."""

from datetime import timedelta

import pytest
import time_machine

from funnel.actions import baselines, kpis
from funnel.domain.weeks import Week
from funnel.models import KPI
from funnel.reports.history.history import build_history
from funnel.reports.history.over_time import build_over_time
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_kpi, make_numbers, make_target, root_seat

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


def over_time(kpi, first=None, last=None):
    return build_over_time(kpi.practice, kpi.slug, today=TODAY, first=first, last=last)


def begin(kpi, week):
    by = root_seat(kpi.practice)
    return baselines.begin(by=by, kpi=kpi, from_week=week, reason="New phones", today=TODAY)


def assert_same(kpi, first=None, last=None):
    """As the page's report tells them, week by week, and at least one of them."""
    told = over_time(kpi, first, last)
    page = build_history(kpi.practice, kpi.slug, today=TODAY, span=None)
    shown = {point.week for point in told.points}
    assert told.points
    assert [tuple(point) for point in told.points] == [
        (str(p.week), p.value, p.moved, p.target, p.rules, p.fired, p.is_running)
        for p in page.points
        if str(p.week) in shown
    ]
    assert told.limits == page.limits
    limits = {str(p.week): p.limits for p in page.points}
    for stretch in told.stretches:
        assert stretch.limits == limits[stretch.first] == limits[stretch.last]
    return told


def test_the_published_example(cast):
    make_numbers(cast.leads, WHEELER)
    told = assert_same(cast.leads)
    assert [point.value for point in told.points[:-1]] == list(WHEELER)
    assert told.limits.mean == pytest.approx(4135.5)
    assert told.limits.lower == pytest.approx(3188.72, abs=0.01)
    assert told.limits.upper == pytest.approx(5082.28, abs=0.01)
    assert told.limits.range_limit == pytest.approx(1163.19, abs=0.01)
    assert [point.week for point in told.points if point.rules] == ["2026-W47"]
    assert told.points[-1].is_running


def test_the_last_26_that_are_over_and_the_running_week(cast):
    make_numbers(cast.leads, RESTLESS)
    told = assert_same(cast.leads)
    assert len(told.points) == 27
    assert (told.points[0].week, told.points[-1].week) == (str(WEEK.plus(-25)), str(WEEK.next))


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
@pytest.mark.parametrize("is_frozen", [True, False])
def test_any_stretch_of_weeks_is_told_as_on_the_page(cast, first, last, is_frozen):
    """With the limits that are kept of a baseline, and told anew from its numbers."""
    make_numbers(cast.leads, RESTLESS)
    if is_frozen:
        begin(cast.leads, WEEK.plus(-70))
        begin(cast.leads, WEEK.plus(-40))
        begin(cast.leads, WEEK.plus(-4))
        make_entry(cast.leads, 12, WEEK.plus(-109), version=1)
    assert_same(cast.leads, first, last)


def test_a_week_without_a_number_is_there_and_none_before_the_first(cast):
    make_numbers(cast.leads, [5, None, None, 7, None])
    told = assert_same(cast.leads)
    assert [point.value for point in told.points] == [5, None, None, 7, None, None]
    later = assert_same(cast.leads, first=WEEK.plus(-2))
    assert [point.value for point in later.points] == [None, 7, None, None]


def test_the_targets_are_those_in_force_each_week(cast):
    make_numbers(cast.leads, [5, 6, 7])
    make_target(cast.leads, 10, WEEK.previous)
    make_target(cast.leads, 12, WEEK.next)
    assert [point.target for point in assert_same(cast.leads).points] == [None, 10, 10, 12]


def test_calculated_numbers_are_told_as_on_the_page(cast):
    make_numbers(cast.leads, RESTLESS)
    make_numbers(cast.appointments, [n // 2 for n in RESTLESS])
    ratio = make_kpi(
        cast.practice,
        "Booked",
        unit=KPI.Unit.PERCENT,
        calculation=KPI.Calculation.RATIO,
        source=cast.appointments,
        divisor=cast.leads,
    )
    total = make_kpi(
        cast.practice, "Sum", calculation=KPI.Calculation.TOTAL, source=cast.leads, window=4
    )
    for kpi in (ratio, total):
        assert_same(kpi)
        assert_same(kpi, first=WEEK.plus(-50), last=WEEK.plus(-20))


def test_two_decimals_are_as_they_were_entered(cast):
    rating = make_kpi(cast.practice, "Rating", unit=KPI.Unit.DECIMAL)
    make_entry(rating, "4.65", WEEK.previous)
    make_entry(rating, "123456789.07")
    assert [point.value for point in over_time(rating).points] == [4.65, 123456789.07, None]


def test_ends_with_the_week_it_was_archived_in(cast):
    make_numbers(cast.leads, RESTLESS[:40])
    with time_machine.travel("2026-11-14T15:00Z", tick=False):
        kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY - timedelta(days=10))
    assert_same(cast.leads)
    assert over_time(cast.leads).points[-1].week == "2026-W46"


def test_a_kpi_without_a_number_has_no_weeks(cast):
    told = over_time(cast.leads)
    assert (told.points, told.stretches, told.limits) == ((), (), None)
    assert (told.name, told.owner, told.role) == ("Leads", "Tom", "Marketing")


def test_no_such_kpi_is_none_and_neither_is_another_practices(cast):
    make_kpi(cast.stranger.practice, "Lasers")
    for slug in ("lasers", "nothing"):
        assert build_over_time(cast.practice, slug, today=TODAY, first=None, last=None) is None


@pytest.mark.parametrize("many", [2, 200])
def test_two_statements_for_few_and_many(cast, django_assert_num_queries, many):
    make_numbers(cast.leads, [n % 9 for n in range(many)])
    with django_assert_num_queries(2):
        over_time(cast.leads, first=WEEK.plus(-300))
