"""actions/lineups.py: one operation, from a week on."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.actions import lineups
from funnel.domain import lineup
from funnel.domain.weeks import Week
from funnel.models import Lineup, Place
from tests.cast import make_cast
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    close_week,
    make_kpi,
    make_practice,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

RUNNING = Week.running(TODAY)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def turned(items):
    """The stages in the opposite order."""
    return lineup.reorder(items, [item.kpi for item in items][::-1])


def apply(cast, operation=turned, week=RUNNING, *, by=None):
    return lineups.apply(by=seat_for(by or cast.admin), from_week=week, operation=operation)


def stored():
    rows = (Lineup.objects, Place.objects, Place.history)
    return [list(manager.order_by("pk").values()) for manager in rows]


def names(practice, week):
    kpis = dict(practice.kpis.values_list("pk", "slug"))
    return [kpis[item.kpi] for item in lineups.of_week(practice, week)]


def test_the_first_change_of_a_week_makes_a_lineup_and_the_next_changes_it(cast):
    assert apply(cast)
    assert names(cast.practice, RUNNING) == ["patients-acquired", "appointments", "leads"]
    assert names(cast.practice, WEEK) == ["leads", "appointments", "patients-acquired"]
    assert apply(cast)
    assert names(cast.practice, RUNNING) == names(cast.practice, WEEK)
    first, second = cast.practice.lineups.all()
    assert (first.from_week, second.from_week) == (BEGAN, RUNNING.monday)
    assert (second.set_by, second.set_at) == (cast.admin.user, timezone.now())


def test_only_what_moved_is_in_the_history(cast):
    apply(cast)
    before = Place.history.count()
    apply(cast)
    changed = Place.history.order_by("history_id")[before:]
    assert {(row.kpi, row.history_type) for row in changed} == {
        (cast.leads, "~"),
        (cast.patients, "~"),
    }
    assert {row.history_user for row in changed} == {cast.admin.user}


def test_what_changes_nothing_writes_nothing(cast):
    before = stored()
    assert not apply(cast, lambda items: items)
    assert stored() == before


def test_a_change_that_concerns_a_later_lineup_alone_makes_none_of_its_own(cast):
    calls = make_kpi(cast.practice, "Calls", from_week=RUNNING.plus(3))
    assert apply(cast, lambda items: lineup.remove(items, calls.pk))
    weeks = list(cast.practice.lineups.values_list("from_week", flat=True))
    assert weeks == [BEGAN, RUNNING.plus(3).monday]
    assert "calls" not in names(cast.practice, RUNNING.plus(3))


def test_positions_have_no_gaps(cast):
    apply(cast, lambda items: lineup.remove(items, cast.leads.pk))
    places = Place.objects.in_force(RUNNING.monday).filter(lineup__practice=cast.practice)
    assert list(places.values_list("position", flat=True)) == [1, 2]
    apply(cast, lambda items: items[:1])
    assert Place.history.filter(history_type="-").get().history_user == cast.admin.user


@pytest.mark.parametrize("week", [WEEK, WEEK.plus(-5)])
def test_a_closed_week_and_one_before_it_keep_theirs(cast, week):
    close_week(cast.manager)
    before = stored()
    with pytest.raises(ValidationError) as refused:
        apply(cast, week=week)
    assert refused.value.message_dict == {
        "from_week": ["The week Nov 16 – 22, 2026 is closed. Choose a week after it."]
    }
    assert stored() == before


def test_a_week_before_the_first_is_refused(cast):
    with pytest.raises(ValidationError, match="had not started yet in this week"):
        apply(cast, week=Week(BEGAN).previous)


def test_a_closed_week_next_door_does_not_matter(cast):
    close_week(cast.stranger)
    assert apply(cast, week=WEEK)
    assert cast.stranger.practice.lineups.count() == 1


def test_a_kpi_of_another_practice_has_no_place_here(cast):
    theirs = cast.stranger.practice.kpis.first()
    item = lineup.LineupItem(theirs.pk, is_stage=False, group=None, role=theirs.role_id)
    before = stored()
    with pytest.raises(PermissionDenied):
        apply(cast, lambda items: lineup.append(items, item))
    assert stored() == before


@pytest.mark.parametrize("who", ["viewer", "owner", "manager"])
def test_only_an_admin_changes_a_lineup(cast, who):
    with pytest.raises(PermissionDenied):
        apply(cast, by=getattr(cast, who))


def test_a_practice_without_any_gets_its_first(cast):
    practice = make_practice("nova")
    Place.objects.filter(lineup__practice=practice).delete()
    practice.lineups.all().delete()
    kpi = practice.kpis.first()
    item = lineup.LineupItem(kpi.pk, is_stage=True, group=None, role=kpi.role_id)
    lineups.apply(
        by=root_seat(practice),
        from_week=RUNNING,
        operation=lambda items: lineup.append(items, item),
    )
    assert names(practice, RUNNING) == [kpi.slug]
    assert names(practice, WEEK) == []


def test_the_week_of_a_change_is_the_running_one_or_the_first(cast):
    assert cast.practice.current_week(TODAY) == RUNNING
    cast.practice.began_on = TODAY + timedelta(days=30)
    assert cast.practice.current_week(TODAY) == Week.of(cast.practice.began_on)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans(), st.integers(0, 3))))
def test_any_changes_leave_earlier_weeks_as_they_were(cast, moves):
    """Each of the drawn moves, at the running week or up to three weeks later."""
    kpis = list(cast.practice.kpis.in_order())
    for kpi, after, is_stage, later in moves:
        moved = kpis[kpi % len(kpis)]
        behind = kpis[after % len(kpis)].pk
        item = lineup.LineupItem(moved.pk, is_stage=is_stage, group=None, role=moved.role_id)
        week = RUNNING.plus(later)
        earlier = names(cast.practice, week.previous)
        apply(cast, lambda items, i=item, b=behind: lineup.put(items, i, after=[b]), week)
        assert names(cast.practice, week.previous) == earlier
    assert names(cast.practice, WEEK) == ["leads", "appointments", "patients-acquired"]
    for held in cast.practice.lineups.all():
        positions = list(held.places.values_list("position", "is_stage"))
        assert [position for position, _ in positions] == list(range(1, len(positions) + 1))
        kinds = [is_stage for _, is_stage in positions]
        assert kinds == sorted(kinds, reverse=True)
