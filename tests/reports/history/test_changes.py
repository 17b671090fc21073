import pytest

from funnel.actions import kpis, ownership
from funnel.models import KPI
from funnel.reports.history.changes import ChangeKind
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
from tests.reports.history.pages import USUAL, begin, history_of

pytestmark = pytest.mark.django_db


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
        (2, ChangeKind.DEFINITION, "Definition changed."),
        (2, ChangeKind.DEFINITION, "Renamed Calls, before Leads."),
        (1, ChangeKind.OWNER, "No owner."),
        (1, ChangeKind.BASELINE, "Baseline set."),
        (1, ChangeKind.TARGET, "Target 50, before 40."),
        (None, ChangeKind.TARGET, "Target 40."),
        (None, ChangeKind.OWNER, "Tom owns it."),
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
