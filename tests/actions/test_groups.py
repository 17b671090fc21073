"""actions/groups.py: the headings of the scorecard."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import groups
from funnel.models import KPIGroup, Place
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_kpi, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def save(cast, name, order, *, by=None, group=None):
    group = group or KPIGroup(practice=cast.practice)
    group.name, group.order = name, order
    return groups.save(by=seat_for(by or cast.admin), group=group, today=TODAY)


def others(practice, week):
    places = Place.objects.in_force(week.monday).filter(lineup__practice=practice, is_stage=False)
    return list(places.values_list("kpi__slug", flat=True))


def test_another_order_moves_its_kpis_from_the_running_week_on(cast):
    money, fame = save(cast, "Money", 1), save(cast, "Fame", 2)
    for name, group in (("Spend", money), ("Fees", money), ("Rating", fame), ("Calls", None)):
        make_kpi(cast.practice, name, group=group)
    save(cast, "Money", 3, group=money)
    assert others(cast.practice, WEEK) == ["spend", "fees", "rating", "calls"]
    assert others(cast.practice, WEEK.next) == ["rating", "spend", "fees", "calls"]


def test_a_new_group_and_another_name_make_no_new_lineup(cast):
    group = save(cast, "Money", 1)
    make_kpi(cast.practice, "Spend", group=group)
    save(cast, "Costs", 1, group=group)
    assert KPIGroup.objects.get().name == "Costs"
    assert cast.practice.lineups.count() == 1


def test_refuses_a_name_the_practice_has(cast):
    save(cast, "Money", 1)
    with pytest.raises(ValidationError, match="already has a group of this name"):
        save(cast, "money", 2)


@pytest.mark.parametrize("who", ["viewer", "owner", "manager", "stranger"])
def test_only_an_admin_of_the_practice_saves_one(cast, who):
    with pytest.raises(PermissionDenied):
        save(cast, "Money", 1, by=getattr(cast, who))
    assert not KPIGroup.objects.exists()
