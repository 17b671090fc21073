from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import groups, lineups, ownership
from funnel.actions.writing import writes
from funnel.domain import lineup
from funnel.domain.lineup import LineupItem
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Place

# Database rule: unit, direction and calculation are fixed once recorded (migration 0013).
FIXED_RULE = "funnel_kpi_fixed_once_recorded"


@writes
def add(
    *,
    by: Seat,
    kpi: KPI,
    today: date,
    from_week: Week | None = None,
    is_stage: bool = False,
    after: KPI | None = None,
    group: KPIGroup | None = None,
) -> KPI:
    """Save a KPI from that week on (default: running).

    `after` None: a stage comes first, others last of their group. Raises ValidationError as
    `lineups.apply`.
    """
    _lock(by, kpi.practice_id)
    behind = _behind(by, today, from_week, after, is_stage=is_stage)
    kpi = _save_checked(kpi, by)
    item = LineupItem(kpi.pk, is_stage, group.pk if group else None, kpi.role_id)
    _apply(by, today, from_week, lambda items: _put(items, item, behind))
    return kpi


@writes
def save(*, by: Seat, kpi: KPI, today: date) -> KPI:
    """A new role applies from the running week on. Inputs are locked: no concurrent cycle."""
    _lock(by, kpi.practice_id)
    was = KPI.objects.values_list("role_id", flat=True).get(pk=kpi.pk)
    kpi = _save_checked(kpi, by)
    if kpi.role_id != was:
        _apply(by, today, None, lambda items: _with_role(items, kpi))
    return kpi


@writes
def place(
    *,
    by: Seat,
    kpi: KPI,
    today: date,
    from_week: Week | None = None,
    is_stage: bool = False,
    after: KPI | None = None,
    group: KPIGroup | None = None,
) -> bool:
    """Move a KPI, as `add`; return whether it changed."""
    _lock(by, kpi.practice_id)
    locked = KPI.objects.select_for_update().get(pk=kpi.pk)
    if locked.is_archived:
        raise ValidationError(f"{locked.name} is archived. Restore it first.")
    behind = _behind(by, today, from_week, after, is_stage=is_stage)
    item = LineupItem(locked.pk, is_stage, group.pk if group else None, locked.role_id)
    return _apply(by, today, from_week, lambda items: _moved(items, item, behind))


@writes
def reorder(*, by: Seat, kpis: Sequence[KPI], today: date, from_week: Week | None = None) -> bool:
    """Reorder all stages or all others; return whether it changed."""
    _lock(by, by.practice.pk)
    week = from_week or by.practice.current_week(today)
    named = sorted(kpi.pk for kpi in kpis)
    now = lineups.of_week(by.practice, week)
    kinds = [[item.kpi for item in now if item.is_stage == kind] for kind in (True, False)]
    if not any(named == sorted(ids) for ids in kinds if ids):
        raise ValidationError("Name every stage of the funnel once.")
    order = [kpi.pk for kpi in kpis]
    return _apply(by, today, week, lambda items: lineup.reorder(items, order))


@writes
def archive(*, by: Seat, kpi: KPI, today: date, from_week: Week | None = None) -> KPI:
    """Remove from that week on and end the ownership today.

    Raises ValidationError if used by another KPI and for a future week.
    """
    _lock(by, kpi.practice_id)
    locked = KPI.objects.select_for_update().get(pk=kpi.pk)
    if locked.is_archived:
        return locked
    if user := KPI.objects.active().calculated_from(locked).first():
        raise ValidationError(
            f"{user} is calculated from {locked}. Archive {user} first, or let it be calculated "
            "from something else."
        )
    if from_week is not None and from_week.is_future(today):
        raise ValidationError({"from_week": "This week has not started yet."})
    ownership.release(by=by, kpi=locked, today=today)
    _apply(by, today, from_week, lambda items: lineup.remove(items, locked.pk))
    locked.archived_at = timezone.now()
    locked.archived_by = by.user
    return _save(locked, by)


@writes
def restore(*, by: Seat, kpi: KPI, today: date) -> KPI:
    """Restore from the running week on at its former place, without owner.

    Raises ValidationError without its name or an input.
    """
    _lock(by, kpi.practice_id)
    locked = KPI.objects.select_for_update().get(pk=kpi.pk)
    if not locked.is_archived:
        return locked
    locked.archived_at = None
    locked.archived_by = None
    locked.full_clean()
    restored = _save(locked, by)
    ownership.withdraw(by=by, kpi=restored, today=today)
    last = _last_place(restored)
    item = LineupItem(
        restored.pk,
        is_stage=last is not None and last.is_stage,
        group=last.group_id if last else None,
        role=restored.role_id,
    )
    before = last.position if last else None
    _apply(by, today, None, lambda items: _put_back(items, item, before))
    return restored


def _apply(by: Seat, today: date, from_week: Week | None, change: lineups.Operation) -> bool:
    rank = groups.ranks(by.practice)
    return lineups.apply(
        by=by,
        from_week=from_week or by.practice.current_week(today),
        operation=lambda items: lineup.sort_groups(change(items), rank),
    )


def _put(items: lineup.Lineup, item: LineupItem, behind: Sequence[int]) -> lineup.Lineup:
    if behind or item.is_stage:
        return lineup.put(items, item, after=behind)
    return lineup.append(items, item)


def _moved(items: lineup.Lineup, item: LineupItem, behind: Sequence[int]) -> lineup.Lineup:
    old = lineup.find(items, item.kpi)
    is_there = old is not None and (old.is_stage, old.group) == (item.is_stage, item.group)
    if is_there and not item.is_stage and not behind:
        return lineup.change(items, item)
    return _put(items, item, behind)


def _with_role(items: lineup.Lineup, kpi: KPI) -> lineup.Lineup:
    item = lineup.find(items, kpi.pk)
    return items if item is None else lineup.change(items, replace(item, role=kpi.role_id))


def _put_back(items: lineup.Lineup, item: LineupItem, position: int | None) -> lineup.Lineup:
    if position is None:
        return lineup.append(items, item)
    before = [
        other.kpi
        for place, other in enumerate(lineup.remove(items, item.kpi), start=1)
        if place < position and other.is_stage == item.is_stage
    ]
    return lineup.put(items, item, after=before[::-1])


def _last_place(kpi: KPI) -> Place | None:
    """At most three queries."""
    last = kpi.places.select_related("lineup").order_by("-lineup__from_week").first()
    deleted = Place.history.filter(kpi=kpi.pk, history_type="-").order_by("-history_id").first()
    if deleted is None:
        return last
    if last is not None and last.lineup.from_week >= deleted.lineup.from_week:
        return last
    gone: Place = deleted.instance
    return gone


def _lock(by: Seat, practice_id: int) -> None:
    require(May.CHANGE_KPIS, by, of=practice_id)
    lineups.lock(by.practice)


def _behind(
    by: Seat, today: date, from_week: Week | None, after: KPI | None, *, is_stage: bool
) -> list[int]:
    """KPIs to follow, nearest first: later weeks may lack some. Raises ValidationError."""
    if after is None:
        return []
    week = from_week or by.practice.current_week(today)
    there = [it.kpi for it in lineups.of_week(by.practice, week) if it.is_stage or not is_stage]
    if after.pk in there:
        return there[: there.index(after.pk) + 1][::-1]
    if is_stage:
        sentence = f"{after.name} was not a stage of the funnel in this week yet."
        raise ValidationError({"from_week": sentence})
    return [after.pk]


def _save_checked(kpi: KPI, by: Seat) -> KPI:
    ids = [pk for pk in (kpi.pk, *kpi.part_ids.values()) if pk]
    locked = KPI.objects.select_for_update().filter(pk__in=ids).order_by("pk").in_bulk()
    for name, pk in kpi.part_ids.items():
        setattr(kpi, name, locked[pk])
    kpi.full_clean()
    if kpi.pk and not lineups.can_be_stage(kpi) and kpi.places.filter(is_stage=True).exists():
        raise ValidationError(lineups.NO_STAGE)
    try:
        with transaction.atomic():
            return _save(kpi, by)
    except IntegrityError as error:
        # A first number was entered in between: recording locks the week, not the KPI.
        if FIXED_RULE in str(error):
            raise ValidationError({"calculation": kpi.fixed_sentence}) from error
        raise


def _save(kpi: KPI, by: Seat) -> KPI:
    kpi._history_user = by.user
    kpi.save()
    return kpi
