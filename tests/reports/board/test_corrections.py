"""reports/corrections.py: what is other than the team saw."""

from decimal import Decimal

import pytest

from funnel.actions import meetings
from funnel.models import KPI
from funnel.reports.board.corrections import load_corrections
from tests.cast import make_cast
from tests.factories import WEEK, close_week, make_entry, make_kpi, seat_for

pytestmark = pytest.mark.django_db


def test_tells_old_and_new_by_whom_and_why_in_the_order_of_the_board(django_assert_num_queries):
    cast = make_cast()
    revenue = make_kpi(cast.practice, "Revenue", unit=KPI.Unit.MONEY)
    make_entry(revenue, 9600)
    make_entry(cast.leads, 90)
    make_entry(cast.appointments, 27)
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="Two were counted twice.")
    assert load_corrections(cast.practice, WEEK) == ()
    make_entry(revenue, Decimal("9800.50"), version=1, reason="A refund.")
    make_entry(cast.leads, 88, version=1)
    make_entry(cast.patients, 11)
    make_entry(cast.leads, 90, WEEK.previous)
    with django_assert_num_queries(1):
        corrections = load_corrections(cast.practice, WEEK)
    assert [(one.name, one.old, one.new, one.by, one.reason) for one in corrections] == [
        ("Leads", "90", "88", "root@example.com", "set up"),
        ("Patients acquired", "missing", "11", "root@example.com", "set up"),
        ("Revenue", "$9,600", "$9,800.50", "root@example.com", "A refund."),
    ]
    assert load_corrections(cast.stranger.practice, WEEK) == ()
