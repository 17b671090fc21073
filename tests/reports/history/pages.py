from funnel.actions import baselines
from funnel.models import KPI
from funnel.reports.history.history import build_history
from tests.factories import TODAY, make_kpi, root_seat

USUAL = (*[12, 10] * 10,)


def history_of(kpi, **how):
    report = build_history(kpi.practice, kpi.slug, today=TODAY, **how)
    assert report is not None
    return report


def begin(kpi, week, reason="New phones"):
    by = root_seat(kpi.practice)
    return baselines.begin(by=by, kpi=kpi, from_week=week, reason=reason, today=TODAY)


def make_ratio(cast, **fields):
    given = {"unit": KPI.Unit.PERCENT, "source": cast.appointments, "divisor": cast.leads}
    return make_kpi(cast.practice, "Booked", calculation=KPI.Calculation.RATIO, **given | fields)
