from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import meetings
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import KPI, Target


@writes
def set_from(*, by: Seat, kpi: KPI, from_week: Week, value: Decimal) -> Target:
    """Raises ValidationError at or before a closed week."""
    require(May.SET_TARGET, by, of=kpi.practice_id)
    if kpi.is_whole and value != value.to_integral_value():
        raise ValidationError({"value": f"{kpi.name} is a count: enter a whole number."})
    meetings.check_open(by.practice, from_week)
    target = Target.objects.filter(kpi=kpi, from_week=from_week.monday).first()
    if target is not None and target.value == value:
        return target
    target = target or Target(kpi=kpi, from_week=from_week.monday)
    target.value = value
    target.set_at = timezone.now()
    target.set_by = by.user
    target.full_clean()
    target._history_user = by.user
    target.save()
    return target


@writes
def drop(*, by: Seat, target: Target) -> None:
    """The former target applies again. Raises ValidationError if a closed week used it."""
    require(May.SET_TARGET, by, of=target.kpi.practice_id)
    meetings.check_open(by.practice, Week(target.from_week))
    target._history_user = by.user
    target.delete()
