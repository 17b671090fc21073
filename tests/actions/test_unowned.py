"""actions/unowned.py; the text of the mail is tested in tests/senders/test_unowned.py."""

from datetime import UTC, datetime

import pytest

from funnel.actions import unowned
from funnel.domain.weeks import Week
from funnel.models import Message, Staff
from tests.factories import TODAY, make_kpi, make_ownership, make_practice, make_staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
# In New York, where the practice is.
NEXT_MONDAY_AT_SIX = datetime(2026, 11, 30, 11, tzinfo=UTC)


@pytest.fixture
def practice():
    harbor = make_practice("harbor")
    make_staff(harbor, "Hal", access=Staff.Access.ADMIN)
    return harbor


def queue(practice, today=TODAY):
    unowned.queue(practice=practice, today=today, now=NOW)
    return Message.objects.count()


def test_each_admin_has_one_a_week(practice):
    make_staff(practice, "Otto", access=Staff.Access.ADMIN)
    assert queue(practice) == queue(practice) == 2
    assert queue(practice, Week.running(TODAY).next.monday) == 4


def test_it_is_due_on_monday_at_six_or_at_once_where_that_is_past(practice):
    queue(practice)
    queue(practice, Week.running(TODAY).next.monday)
    due = Message.objects.order_by("pk").values_list("due_at", flat=True)
    assert list(due) == [NOW, NEXT_MONDAY_AT_SIX]


def test_a_kpi_whose_first_week_has_not_begun_is_not_mailed(practice):
    for kpi in practice.kpis.all():
        make_ownership(kpi, make_staff(practice, f"Owner{kpi.pk}", kpi.role.name))
    make_kpi(practice, "Reviews", from_week=Week.running(TODAY).next)
    assert queue(practice) == 0
    assert queue(practice, Week.running(TODAY).next.monday) == 1


def test_asks_as_often_however_many_are_unowned(practice, django_assert_num_queries):
    with django_assert_num_queries(3 + 2):
        unowned.queue(practice=practice, today=TODAY, now=NOW)
