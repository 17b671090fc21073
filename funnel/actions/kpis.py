"""Putting KPIs in order, out of use and back."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from funnel.access import Seat
from funnel.actions import ownership
from funnel.models import KPI


@transaction.atomic
def reorder(*, by: Seat, stages: Sequence[KPI]) -> None:
    """Puts the practice's stages in that order, the widest first, numbered from 1.

    Raises PermissionDenied unless `by` is admin; ValidationError unless the stages are all of the
    practice's, each once.
    """
    _check_admin(by, by.practice.pk)
    current = {k.pk: k for k in by.practice.kpis.active().filter(stage__isnull=False)}
    if sorted(k.pk for k in stages) != sorted(current):
        raise ValidationError("Name every stage of the funnel once.")
    # Through numbers nobody uses, because the place in the funnel is unique at every moment.
    beyond = max((k.stage or 0 for k in current.values()), default=0) + len(stages)
    moved = [(place, kpi) for place, kpi in enumerate(stages, start=1) if kpi.stage != place]
    for place, kpi in moved:
        KPI.objects.filter(pk=kpi.pk).update(stage=beyond + place)
    for place, kpi in moved:
        kept = current[kpi.pk]
        kept.stage = place
        kept._history_user = by.user
        kept.save()


@transaction.atomic
def archive(*, by: Seat, kpi: KPI, today: date) -> KPI:
    """Takes the KPI off every board from now on, ends its ownership today, and returns it. Its
    numbers stay. Raises PermissionDenied unless `by` is admin."""
    _check_admin(by, kpi.practice_id)
    if kpi.is_archived:
        return kpi
    for owned in kpi.ownerships.filter(ends_on=None):
        ownership.end(by=by, kpi=kpi, ends_on=max(today, owned.starts_on))
    kpi.archived_at = timezone.now()
    kpi.archived_by = by.user
    return _save(kpi, by)


@transaction.atomic
def restore(*, by: Seat, kpi: KPI) -> KPI:
    """Brings an archived KPI back, without an owner, and returns it.

    Raises PermissionDenied unless `by` is admin; ValidationError when its name or its place in
    the funnel is taken.
    """
    _check_admin(by, kpi.practice_id)
    kpi.archived_at = None
    kpi.archived_by = None
    kpi.full_clean()
    return _save(kpi, by)


def _check_admin(by: Seat, practice_id: int) -> None:
    if practice_id != by.practice.pk or not by.is_admin:
        raise PermissionDenied("Only an admin of the practice changes its KPIs.")


def _save(kpi: KPI, by: Seat) -> KPI:
    kpi._history_user = by.user
    kpi.save()
    return kpi
