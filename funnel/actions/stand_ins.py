from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions.writing import writes
from funnel.models import KPI, Staff, StandIn


@writes
def name(*, by: Seat, kpi: KPI, staff: Staff, starts_on: date, ends_on: date) -> StandIn:
    """Both days inclusive."""
    require(May.NAME_STAND_IN, by, of=kpi.practice_id)
    if staff.practice_id != kpi.practice_id:
        raise ValidationError({"staff": "Choose someone of this practice."})
    if not staff.is_active or not staff.user.is_active:
        raise ValidationError({"staff": f"{staff.name} no longer works here."})
    if staff.access == Staff.Access.VIEWER:
        raise ValidationError({"staff": f"{staff.name} is a viewer. Make them a member first."})
    stand_in = StandIn(kpi=kpi, staff=staff, starts_on=starts_on)
    return _save(stand_in, by, ends_on)


@writes
def end(*, by: Seat, stand_in: StandIn, ends_on: date) -> StandIn:
    """Raises ValidationError before the first day."""
    require(May.NAME_STAND_IN, by, of=stand_in.kpi.practice_id)
    return _save(stand_in, by, ends_on)


def _save(stand_in: StandIn, by: Seat, ends_on: date) -> StandIn:
    stand_in.ends_on = ends_on
    stand_in.named_at = timezone.now()
    stand_in.named_by = by.user
    stand_in.full_clean()
    stand_in._history_user = by.user
    stand_in.save()
    return stand_in
