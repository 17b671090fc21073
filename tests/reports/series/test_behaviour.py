"""reports/behaviour.py: limits and signals of a KPI by its baselines."""

import pytest

from funnel.domain.variation import Limits, Rule
from funnel.domain.weeks import Week
from funnel.models import Baseline
from funnel.reports.series.behaviour import Start, behave, load_starts
from tests.factories import TODAY, WEEK, make_practice, make_superuser

# Wheeler, Making Sense of Data, p. 382: only the last value is a signal.
WHEELER = (5045, 4350, 4350, 3975, 4290, 4430, 4485, 4285, 3980, 3925, 3645, 3760, 3300, 3685)
WHEELER = (*WHEELER, 3463, 5200)


def weeks(count):
    return WEEK.next.back(count)


def test_the_published_example_has_its_one_signal():
    told = behave(weeks(16), WHEELER)
    assert told.limits[0].lower == pytest.approx(3188.72, abs=0.01)
    assert told.limits[15].upper == pytest.approx(5082.28, abs=0.01)
    assert told.fired == ((),) * 15 + ((Rule.OUTSIDE,),)
    assert told.marks[15] == {Rule.OUTSIDE}


def test_nothing_is_told_of_no_weeks_and_of_few():
    assert behave((), ()).segments == ()
    told = behave(weeks(5), (1, 2, 3, 4, 50))
    assert told.limits == (None,) * 5
    assert told.fired == ((),) * 5


def test_a_frozen_baseline_judges_weeks_it_does_not_hold():
    told = behave(weeks(3), (10, 21, 9), (Start(None, Limits.frozen(10, 4)),))
    assert told.fired == ((), (Rule.OUTSIDE,), ())


def test_a_new_baseline_has_limits_of_its_own_and_ends_the_run():
    values = (10, 12, 11, 9, 10, 12, 11, 9, 40, 42, 41, 39, 40, 42, 41, 39)
    shown = weeks(16)
    without = behave(shown, values)
    told = behave(shown, values, (Start(shown[8], None),))
    assert [(s.first, s.end) for s in told.segments] == [(0, 8), (8, 16)]
    assert told.limits[0].mean == pytest.approx(10.5)
    assert told.limits[8].mean == pytest.approx(40.5)
    assert told.fired == ((),) * 16
    assert without.fired != told.fired


def test_a_baseline_from_before_the_weeks_takes_them_all_and_a_later_one_none():
    shown = weeks(6)
    early, late = Start(shown[0].plus(-9), Limits.frozen(3, 1)), Start(shown[-1].next, None)
    told = behave(shown, (1, 2, 3, 4, 5, 6), (Start(None, Limits.frozen(99, 1)), early, late))
    assert [(s.start, s.first, s.end) for s in told.segments] == [(early, 0, 6)]


@pytest.mark.django_db
def test_loads_the_baselines_in_order_with_one_query(django_assert_num_queries):
    leads, other, _ = make_practice("lumina").kpis.order_by("stage")
    begun = {"reason": "New phone line.", "begun_at": f"{TODAY}T15:00Z"}
    by = make_superuser()
    later, last = Week.parse("2026-W20"), Week.parse("2026-W40")
    for week in (last, later):
        Baseline.objects.create(kpi=leads, from_week=week.monday, begun_by=by, **begun)
    Baseline.objects.create(kpi=leads, frozen_week=later.monday, mean=30.5, mean_range=4)
    with django_assert_num_queries(1):
        starts = load_starts([leads.pk, other.pk])
    assert starts == {
        leads.pk: (Start(None, Limits.frozen(30.5, 4)), Start(later, None), Start(last, None))
    }
    first, second, _ = starts[leads.pk]
    assert first.reaches(last)
    assert second.reaches(later)
    assert not second.reaches(last)
