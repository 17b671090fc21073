from datetime import date

from funnel.access import May, Seat, require
from funnel.actions import lineups
from funnel.actions.writing import writes
from funnel.domain import lineup
from funnel.models import KPIGroup, Practice


@writes
def save(*, by: Seat, group: KPIGroup, today: date) -> KPIGroup:
    """KPIs follow the order from the running week on."""
    require(May.CHANGE_GROUPS, by, of=group.practice_id)
    lineups.lock(by.practice)
    group.full_clean()
    group.save()
    rank = ranks(by.practice)
    lineups.apply(
        by=by,
        from_week=by.practice.current_week(today),
        operation=lambda items: lineup.sort_groups(items, rank),
    )
    return group


def ranks(practice: Practice) -> dict[int, int]:
    """Positions by id. One query."""
    ids = practice.kpi_groups.values_list("pk", flat=True)
    return {pk: place for place, pk in enumerate(ids)}
