"""models/baseline.py and what models/kpi.py tells of it: what a KPI's limits hang on."""

import pytest

from funnel.domain.variation import FULL
from funnel.models import KPI, Baseline
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, WEEK, make_numbers, make_superuser

START = WEEK.plus(-9)
FROZEN = WEEK.plus(-3)


@pytest.fixture
def cast(db):
    return make_cast()


def begin(kpi, week):
    return Baseline.objects.create(
        kpi=kpi,
        from_week=week.monday,
        reason="Two more phone lines.",
        begun_at=f"{TODAY}T15:00Z",
        begun_by=make_superuser(),
    )


def freeze(kpi, week):
    return Baseline.objects.create(kpi=kpi, frozen_week=week.monday, mean=30.5, mean_range=4.0)


def told(kpi):
    """(from week, frozen week, whether it nearly freezes) of the KPI."""
    found = KPI.objects.with_baseline().get(pk=kpi.pk)
    return found.baseline_from, found.frozen_week, found.nearly_freezes


# A row


def test_a_baseline_says_of_what_it_is_and_from_when(cast):
    assert str(begin(cast.leads, WEEK)) == "Leads from 2026-11-16"
    assert str(freeze(cast.leads, WEEK)) == "Leads from its first number"


def test_a_baseline_is_frozen_from_the_week_that_completed_it():
    assert not Baseline(from_week=BEGAN).is_frozen
    assert Baseline(frozen_week=WEEK.monday, mean=0.0, mean_range=0.0).is_frozen


def test_the_first_comes_before_those_that_were_begun(cast):
    later = begin(cast.leads, WEEK)
    earlier = begin(cast.leads, WEEK.previous)
    first = freeze(cast.leads, WEEK.previous)
    assert list(cast.leads.baselines.all()) == [first, earlier, later]


# What a KPI tells of it


@pytest.mark.parametrize(("count", "nearly"), [(0, False), (FULL - 2, False), (FULL - 1, True)])
def test_a_kpi_nearly_freezes_with_all_but_one_of_the_numbers_it_takes(cast, count, nearly):
    make_numbers(cast.leads, [40] * count)
    make_numbers(cast.appointments, [30] * FULL)
    assert told(cast.leads) == (None, None, nearly)


def test_weeks_without_a_number_bring_it_no_nearer(cast):
    make_numbers(cast.leads, [40] * (FULL - 2) + [None, None])
    assert told(cast.leads) == (None, None, False)


def test_a_frozen_first_baseline_tells_until_when(cast):
    freeze(cast.leads, FROZEN)
    assert told(cast.leads) == (None, FROZEN.monday, False)
    assert told(cast.appointments) == (None, None, False)


def test_the_latest_baseline_counts_whichever_was_stored_last(cast):
    make_numbers(cast.leads, [40] * FULL)
    begin(cast.leads, START)
    begin(cast.leads, START.previous)
    freeze(cast.leads, FROZEN)
    assert told(cast.leads) == (START.monday, None, False)


def test_numbers_before_the_latest_baseline_bring_it_no_nearer(cast):
    begin(cast.leads, WEEK.plus(2 - FULL))
    make_numbers(cast.leads, [40] * (FULL + 5))
    assert told(cast.leads)[2]
    begin(cast.leads, WEEK.plus(3 - FULL))
    assert not told(cast.leads)[2]


def test_all_kpis_tell_in_one_query(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(cast.practice.kpis.with_baseline()) == 3


# Which numbers move limits


def kpi_told(baseline_from=None, frozen_week=None, *, nearly=False, **fields):
    kpi = KPI(**fields)
    kpi.baseline_from = baseline_from and baseline_from.monday
    kpi.frozen_week = frozen_week and frozen_week.monday
    kpi.nearly_freezes = nearly
    return kpi


@pytest.mark.parametrize(
    ("kpi", "week", "moves"),
    [
        (kpi_told(), WEEK, False),
        (kpi_told(nearly=True), WEEK, True),
        (kpi_told(frozen_week=FROZEN), FROZEN.previous, True),
        (kpi_told(frozen_week=FROZEN), FROZEN, True),
        (kpi_told(frozen_week=FROZEN), FROZEN.next, False),
        (kpi_told(START), START.previous, True),
        (kpi_told(START), START, False),
        (kpi_told(START, nearly=True), START, True),
        (kpi_told(START, FROZEN), START.previous, True),
        (kpi_told(START, FROZEN), FROZEN, True),
        (kpi_told(START, FROZEN), FROZEN.next, False),
        (kpi_told(START, FROZEN, calculation="total"), START.previous, False),
        (kpi_told(nearly=True, calculation="ratio"), WEEK, False),
    ],
    ids=[
        "too few numbers",
        "the last it takes",
        "before the frozen week",
        "the frozen week",
        "after it is frozen",
        "before a new baseline",
        "the new baseline's first week",
        "the last a new baseline takes",
        "before a new baseline that is frozen",
        "the new baseline's frozen week",
        "after the new baseline is frozen",
        "a moving total",
        "a ratio",
    ],
)
def test_a_number_moves_the_limits_that_hang_on_its_week(kpi, week, moves):
    assert kpi.moves_limits(week) == moves
