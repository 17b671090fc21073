from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions.writing import writes
from funnel.models import KPI, Ownership, Staff

ONE_DAY = timedelta(days=1)


@writes
def assign(*, by: Seat, kpi: KPI, staff: Staff, starts_on: date) -> Ownership:
    """End the former ownership the day before; replace one of the same day."""
    require(May.ASSIGN, by, of=kpi.practice_id)
    locked = KPI.objects.select_for_update().get(pk=kpi.pk)
    _check_owner(locked, Staff.objects.select_for_update().get(pk=staff.pk))
    last = locked.ownerships.order_by("-starts_on").first()
    is_owner = last is not None and last.ends_on is None and last.staff_id == staff.pk
    if last is not None and is_owner and last.starts_on <= starts_on:
        return last
    if last is not None and starts_on < last.starts_on:
        raise ValidationError({"starts_on": _too_early(last)})
    if last is not None and last.starts_on == starts_on:
        last.ends_on = None
        return _save(last, by, staff)
    if last is not None and (last.ends_on is None or last.ends_on >= starts_on):
        last.ends_on = starts_on - ONE_DAY
        _save(last, by, last.staff)
    return _save(Ownership(kpi=kpi, starts_on=starts_on), by, staff)


@writes
def end(*, by: Seat, kpi: KPI, ends_on: date) -> Ownership:
    """Raises ValidationError without one or before its start."""
    require(May.ASSIGN, by, of=kpi.practice_id)
    KPI.objects.select_for_update().get(pk=kpi.pk)
    last = kpi.ownerships.filter(ends_on=None).first()
    if last is None:
        raise ValidationError({"ends_on": f"Nobody owns {kpi.name}."})
    if ends_on < last.starts_on:
        raise ValidationError({"ends_on": _too_early(last)})
    last.ends_on = ends_on
    return _save(last, by, last.staff)


@writes
def withdraw(*, by: Seat, kpi: KPI, today: date) -> None:
    """End yesterday, delete one from today on."""
    require(May.ASSIGN, by, of=kpi.practice_id)
    KPI.objects.select_for_update().get(pk=kpi.pk)
    for held in kpi.ownerships.not_over(today).select_related("staff"):
        if held.starts_on >= today:
            held._history_user = by.user
            held.delete()
        else:
            held.ends_on = today - ONE_DAY
            _save(held, by, held.staff)


@writes
def release(*, by: Seat, kpi: KPI, today: date) -> None:
    """End today, delete a future one."""
    require(May.ASSIGN, by, of=kpi.practice_id)
    KPI.objects.select_for_update().get(pk=kpi.pk)
    for held in kpi.ownerships.not_over(today + ONE_DAY):
        if held.starts_on > today:
            held._history_user = by.user
            held.delete()
        else:
            held.ends_on = today
            _save(held, by, held.staff)


def _check_owner(kpi: KPI, staff: Staff) -> None:
    if staff.practice_id != kpi.practice_id:
        sentence = "Choose someone of this practice."
    elif not staff.is_active or not staff.user.is_active:
        sentence = f"{staff.name} no longer works here."
    elif staff.access == Staff.Access.VIEWER:
        sentence = f"{staff.name} is a viewer. Make them a member first."
    elif not staff.roles.filter(pk=kpi.role_id).exists():
        sentence = f"{staff.name} does not hold the role {kpi.role.name}. Give them the role first."
    elif kpi.is_archived:
        sentence = f"{kpi.name} is archived."
    else:
        return
    raise ValidationError({"staff": sentence})


def _too_early(last: Ownership) -> str:
    return (
        f"{last.staff.name} owns {last.kpi.name} from {last.starts_on:%b %-d, %Y}. "
        "Choose that day or a later one."
    )


def _save(ownership: Ownership, by: Seat, staff: Staff) -> Ownership:
    ownership.staff = staff
    ownership.assigned_at = timezone.now()
    ownership.assigned_by = by.user
    ownership.full_clean()
    ownership._history_user = by.user
    ownership.save()
    return ownership
