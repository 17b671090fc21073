"""actions/not_brought.py: the numbers that a meeting went on without."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import not_brought
from funnel.models import KPI, Meeting, NotBrought
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_entry, make_kpi, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def mark(by, kpi, is_missing=True):
    not_brought.mark(by=seat_for(by), week=WEEK, kpi=kpi, is_missing=is_missing, today=TODAY)


def marked():
    return list(NotBrought.objects.values_list("kpi__slug", flat=True))


def test_notes_what_was_not_brought_and_takes_it_back(cast):
    mark(cast.manager, cast.leads)
    mark(cast.admin, cast.leads)
    assert marked() == ["leads"]
    assert NotBrought.objects.get().marked_by == cast.manager.user
    mark(cast.manager, cast.leads, is_missing=False)
    assert marked() == []
    assert Meeting.objects.get().revision == 2


def test_stays_when_the_number_comes_afterwards(cast):
    mark(cast.manager, cast.leads)
    make_entry(cast.leads, 90)
    assert marked() == ["leads"]
    mark(cast.manager, cast.leads)
    assert marked() == ["leads"]


def test_a_number_that_is_in_was_brought(cast):
    make_entry(cast.leads, 90)
    with pytest.raises(ValidationError, match="Leads is in: it cannot be marked"):
        mark(cast.manager, cast.leads)
    assert marked() == []


def test_nobody_brings_a_calculated_number(cast):
    total = make_kpi(
        cast.practice, "Leads in 4 weeks", calculation="total", source=cast.leads, window=4
    )
    with pytest.raises(ValidationError, match="is calculated: it cannot be marked"):
        mark(cast.manager, total)
    assert marked() == []


def test_only_a_manager_of_an_open_meeting_and_of_its_own_kpis(cast):
    with pytest.raises(PermissionDenied):
        mark(cast.owner, cast.appointments)
    with pytest.raises(PermissionDenied):
        mark(cast.manager, KPI.objects.filter(practice__slug="harbor").first())
    close_week(cast.manager)
    with pytest.raises(ValidationError, match="This meeting is closed"):
        mark(cast.manager, cast.leads)
    assert marked() == []
