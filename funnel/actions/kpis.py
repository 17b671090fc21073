"""Putting KPIs in order, out of use and back."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from funnel.access import Seat
from funnel.actions import ownership
from funnel.actions.writing import writes
from funnel.models import KPI


@writes
def reorder(*, by: Seat, stages: Sequence[KPI]) -> None:
    """Puts the practice's stages in that order, the widest first, numbered from 1.

    Raises PermissionDenied unless `by` is admin; ValidationError unless the stages are all of the
    practice's, each once.
    """
    _check_admin(by, by.practice.pk)
    stored = by.practice.kpis.active().filter(stage__isnull=False).order_by("pk")
    current = {kpi.pk: kpi for kpi in stored.select_for_update()}
    if sorted(kpi.pk for kpi in stages) != sorted(current):
        raise ValidationError("Name every stage of the funnel once.")
    in_order = enumerate((current[kpi.pk] for kpi in stages), start=1)
    moved = [(place, kpi) for place, kpi in in_order if kpi.stage != place]
    # Through numbers nobody uses, because the place in the funnel is unique at every moment.
    beyond = max((kpi.stage or 0 for kpi in current.values()), default=0) + len(stages)
    for place, kpi in moved:
        KPI.objects.filter(pk=kpi.pk).update(stage=beyond + place)
    for place, kpi in moved:
        kpi.stage = place
        _save(kpi, by)


@writes
def save(*, by: Seat, kpi: KPI) -> KPI:
    """Saves the KPI, new or changed, and returns it.

    It is checked again while it and what it is calculated from are locked: of two admins at once
    the second would otherwise make a circle, or take a number that was just archived. Raises
    PermissionDenied unless `by` is admin; ValidationError by the KPI's fields.
    """
    _check_admin(by, kpi.practice_id)
    ids = [pk for pk in (kpi.pk, kpi.source_id, kpi.divisor_id) if pk]
    locked = KPI.objects.select_for_update().filter(pk__in=ids).order_by("pk").in_bulk()
    if kpi.source_id:
        kpi.source = locked[kpi.source_id]
    if kpi.divisor_id:
        kpi.divisor = locked[kpi.divisor_id]
    kpi.full_clean()
    return _save(kpi, by)


@writes
def archive(*, by: Seat, kpi: KPI, today: date) -> KPI:
    """Takes the KPI off every board from now on, ends its ownership today, and returns it as
    stored. Its numbers stay.

    Raises PermissionDenied unless `by` is admin; ValidationError while another KPI is calculated
    from it, which would never have a number again.
    """
    _check_admin(by, kpi.practice_id)
    locked = KPI.objects.select_for_update().get(pk=kpi.pk)
    if locked.is_archived:
        return locked
    if told := KPI.objects.active().told_by(locked).first():
        raise ValidationError(
            f"{told} is calculated from {locked}. Archive {told} first, or let it be calculated "
            "from something else."
        )
    ownership.release(by=by, kpi=locked, today=today)
    locked.archived_at = timezone.now()
    locked.archived_by = by.user
    return _save(locked, by)


@writes
def restore(*, by: Seat, kpi: KPI) -> KPI:
    """Brings an archived KPI back, without an owner, and returns it as stored.

    Raises PermissionDenied unless `by` is admin; ValidationError when its name or its place in
    the funnel is taken, or what it is calculated from is archived or no longer entered.
    """
    _check_admin(by, kpi.practice_id)
    locked = KPI.objects.select_for_update().get(pk=kpi.pk)
    locked.archived_at = None
    locked.archived_by = None
    locked.full_clean()
    return _save(locked, by)


def _check_admin(by: Seat, practice_id: int) -> None:
    if practice_id != by.practice.pk or not by.is_admin:
        raise PermissionDenied("Only an admin of the practice changes its KPIs.")


def _save(kpi: KPI, by: Seat) -> KPI:
    kpi._history_user = by.user
    kpi.save()
    return kpi
