from collections.abc import Callable, Iterable, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from funnel.access import May, Seat, refuse, require
from funnel.actions import meetings
from funnel.actions.writing import writes
from funnel.domain import lineup as items
from funnel.domain.lineup import LineupItem
from funnel.domain.weeks import Week
from funnel.models import KPI, KPIGroup, Lineup, Place, Practice, User

# Returns the changed lineup.
Operation = Callable[[items.Lineup], items.Lineup]
# By first Monday, in order.
Dated = Mapping[date, items.Lineup]

NO_STAGE = "A stage of the funnel is an entered count, and more of it is better."


def can_be_stage(kpi: KPI) -> bool:
    """Whether it is an entered count with higher values better."""
    return not kpi.is_calculated and kpi.is_whole and kpi.higher_is_better


def of_week(practice: Practice, week: Week) -> items.Lineup:
    """Empty before the first. One query."""
    places = Place.objects.in_force(week.monday).filter(lineup__practice=practice)
    return tuple(_item(place) for place in places)


def all_dated(practice: Practice) -> Dated:
    """Lineups by first Monday. One query."""
    found: dict[date, items.Lineup] = {}
    places = Place.objects.filter(lineup__practice=practice).select_related("lineup")
    for place in places.order_by("lineup__from_week", "position"):
        monday = place.lineup.from_week
        found[monday] = (*found.get(monday, ()), _item(place))
    return found


def in_force(dated: Dated, week: Week) -> items.Lineup:
    """Empty before the first."""
    begun = [monday for monday in dated if monday <= week.monday]
    return dated[max(begun)] if begun else ()


def lock(practice: Practice) -> Practice:
    """Lock the practice before KPIs and weeks, which prevents deadlocks. One query."""
    return Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)


@writes
def begin(*, by: User, practice: Practice, lineup: Iterable[LineupItem]) -> Lineup:
    """Create the first lineup."""
    first = Lineup(
        practice=practice,
        from_week=practice.first_week.monday,
        set_at=timezone.now(),
        set_by=by,
    )
    first.full_clean()
    first.save()
    _create(first, tuple(lineup), by)
    return first


@writes
def apply(*, by: Seat, from_week: Week, operation: Operation) -> bool:
    """Change that week and later ones; return whether any changed.

    Raises ValidationError at or before a closed week, before the first, and unless `can_be_stage`.
    """
    require(May.CHANGE_KPIS, by)
    practice = lock(by.practice)
    if from_week < practice.first_week:
        raise ValidationError({"from_week": f"{practice.name} had not started yet in this week."})
    meetings.check_open(practice, from_week)
    lineups = list(practice.lineups.order_by("from_week"))
    if not lineups:
        lineups = [begin(by=by.user, practice=practice, lineup=())]
    earlier = [lineup for lineup in lineups if lineup.from_week <= from_week.monday]
    changes = []
    for lineup in lineups[len(earlier) - 1 :]:
        stored = {place.kpi_id: place for place in lineup.places.order_by("position")}
        before = tuple(_item(place) for place in stored.values())
        after = operation(before)
        if after != before:
            _check(by, before, after)
            changes.append((lineup, stored, after))
    for lineup, stored, after in changes:
        if lineup.from_week < from_week.monday:
            copy = Lineup(practice=practice, from_week=from_week.monday)
            _stamp(copy, by.user)
            _create(copy, after, by.user)
        else:
            _stamp(lineup, by.user)
            _update(lineup, stored, after, by.user)
    return bool(changes)


@writes
def begin_earlier(*, practice: Practice) -> None:
    """Move the first lineup to a new first week."""
    first = practice.lineups.order_by("from_week").first()
    if first is not None and first.from_week > (monday := practice.first_week.monday):
        first.from_week = monday
        first.full_clean(exclude=["practice", "set_by"])
        first.save()


def _item(place: Place) -> LineupItem:
    return LineupItem(place.kpi_id, place.is_stage, place.group_id, place.role_id)


def _check(by: Seat, before: items.Lineup, after: items.Lineup) -> None:
    practice = by.practice
    changed = [item for item in after if item not in before]
    kpis = KPI.objects.filter(practice=practice).in_bulk([item.kpi for item in changed])
    groups = {item.group for item in changed if item.group is not None}
    roles = {item.role for item in changed}
    if (
        len(kpis) < len(changed)
        or KPIGroup.objects.filter(practice=practice, pk__in=groups).count() < len(groups)
        or practice.roles.filter(pk__in=roles).count() < len(roles)
    ):
        refuse(May.PLACE_ANOTHERS)
    if any(item.is_stage and not can_be_stage(kpis[item.kpi]) for item in changed):
        raise ValidationError({"is_stage": NO_STAGE})


def _stamp(lineup: Lineup, by: User) -> None:
    lineup.set_at = timezone.now()
    lineup.set_by = by
    lineup.full_clean(exclude=["practice", "set_by"])
    lineup.save()


def _create(lineup: Lineup, after: items.Lineup, by: User) -> None:
    places = [_place(lineup, position, item) for position, item in enumerate(after, start=1)]
    bulk_create_with_history(places, Place, default_user=by)


def _update(lineup: Lineup, stored: Mapping[int, Place], after: items.Lineup, by: User) -> None:
    """Only changed places, for a readable history."""
    gone = [place for kpi, place in stored.items() if items.find(after, kpi) is None]
    for place in gone:
        place._history_user = by
        place.delete()
    changed: list[tuple[Place | None, Place]] = []
    for position, item in enumerate(after, start=1):
        was = stored.get(item.kpi)
        if was is None or (was.position, _item(was)) != (position, item):
            changed.append((was, _place(lineup, position, item)))
    moved = [was.pk for was, _ in changed if was is not None]
    # Through unused positions, because each is always unique.
    beyond = len(stored) + len(after)
    lineup.places.filter(pk__in=moved).update(position=F("position") + beyond)
    for was, new in changed:
        new.pk = was.pk if was else None
        new._history_user = by
        new.save(force_update=was is not None)


def _place(lineup: Lineup, position: int, item: LineupItem) -> Place:
    place = Place(
        lineup=lineup,
        kpi_id=item.kpi,
        position=position,
        is_stage=item.is_stage,
        group_id=item.group,
        role_id=item.role,
    )
    # References were checked, and the lock ensures uniqueness.
    place.clean_fields(exclude=["lineup", "kpi", "group", "role"])
    return place
