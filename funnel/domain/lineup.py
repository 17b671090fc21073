"""The KPIs of a week in order, and the changes that can be made to them.

A lineup is a sequence of items: the stages of the funnel, the widest first, then the KPIs outside
it. Each function returns a new lineup and leaves the given one alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Item:
    """A KPI in a lineup, by id: stage or not, its group and responsible role by id; no group for a
    stage and for a KPI outside every group."""

    kpi: int
    is_stage: bool
    group: int | None
    role: int


Lineup = tuple[Item, ...]


def find(lineup: Sequence[Item], kpi: int) -> Item | None:
    """The KPI's item; None when it is not in the lineup."""
    return next((item for item in lineup if item.kpi == kpi), None)


def stages(lineup: Sequence[Item]) -> Lineup:
    """The stages of the funnel, the widest first."""
    return tuple(item for item in lineup if item.is_stage)


def put(lineup: Sequence[Item], item: Item, *, after: Sequence[int] = ()) -> Lineup:
    """The lineup with the item, new or moved, behind the first of those KPIs, by id, that is there
    and of its kind; where none is, first of its kind. A stage loses its group."""
    if item.is_stage and item.group is not None:
        item = replace(item, group=None)
    others = remove(lineup, item.kpi)
    same = [other for other in others if other.is_stage == item.is_stage]
    rest = [other for other in others if other.is_stage != item.is_stage]
    places = {other.kpi: place for place, other in enumerate(same, start=1)}
    same.insert(next((places[kpi] for kpi in after if kpi in places), 0), item)
    return (*same, *rest) if item.is_stage else (*rest, *same)


def append(lineup: Sequence[Item], item: Item) -> Lineup:
    """The lineup with the item as the last of its kind, for a KPI of a group the last of it."""
    others = remove(lineup, item.kpi)
    same = [
        other
        for other in others
        if other.is_stage == item.is_stage and (item.is_stage or other.group == item.group)
    ] or [other for other in others if other.is_stage == item.is_stage]
    return put(lineup, item, after=[other.kpi for other in same[-1:]])


def remove(lineup: Sequence[Item], kpi: int) -> Lineup:
    """The lineup without that KPI."""
    return tuple(item for item in lineup if item.kpi != kpi)


def change(lineup: Sequence[Item], item: Item) -> Lineup:
    """The lineup with the KPI's item replaced where it is; the same lineup when it is not there."""
    return tuple(item if other.kpi == item.kpi else other for other in lineup)


def reorder(lineup: Sequence[Item], kpis: Sequence[int]) -> Lineup:
    """The lineup with those KPIs in that order, in the positions that they hold together; the
    stages still come first. A KPI that is not there is passed over."""
    rank = {kpi: place for place, kpi in enumerate(kpis)}
    named = (item for item in lineup if item.kpi in rank)
    in_order = iter(sorted(named, key=lambda item: rank[item.kpi]))
    mixed = [next(in_order) if item.kpi in rank else item for item in lineup]
    return (*stages(mixed), *(item for item in mixed if not item.is_stage))


def sort_groups(lineup: Sequence[Item], rank: Mapping[int, int]) -> Lineup:
    """The lineup with the KPIs outside the funnel by the rank of their group, those of no group
    (or of none that has a rank) last; within a group as they were."""
    others = [item for item in lineup if not item.is_stage]
    last = len(rank)

    def place(item: Item) -> int:
        return last if item.group is None else rank.get(item.group, last)

    return (*stages(lineup), *sorted(others, key=place))


def stage_before(lineup: Sequence[Item], kpi: int) -> int | None:
    """The id of the stage before the KPI; None for the first stage and outside the funnel."""
    ids = [item.kpi for item in stages(lineup)]
    place = ids.index(kpi) if kpi in ids else 0
    return ids[place - 1] if place else None
