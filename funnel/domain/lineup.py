"""KPIs of a week in order, stages first. Functions return a new lineup."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class LineupItem:
    """By id; `group` is None for stages and outside groups."""

    kpi: int
    is_stage: bool
    group: int | None
    role: int


Lineup = tuple[LineupItem, ...]


def find(lineup: Sequence[LineupItem], kpi: int) -> LineupItem | None:
    """The KPI's item or None."""
    return next((item for item in lineup if item.kpi == kpi), None)


def stages(lineup: Sequence[LineupItem]) -> Lineup:
    """Stages, widest first."""
    return tuple(item for item in lineup if item.is_stage)


def put(lineup: Sequence[LineupItem], item: LineupItem, *, after: Sequence[int] = ()) -> Lineup:
    """Insert or move behind the first of `after` present in its kind, else first."""
    if item.is_stage and item.group is not None:
        item = replace(item, group=None)
    others = remove(lineup, item.kpi)
    same = [other for other in others if other.is_stage == item.is_stage]
    rest = [other for other in others if other.is_stage != item.is_stage]
    places = {other.kpi: place for place, other in enumerate(same, start=1)}
    same.insert(next((places[kpi] for kpi in after if kpi in places), 0), item)
    return (*same, *rest) if item.is_stage else (*rest, *same)


def append(lineup: Sequence[LineupItem], item: LineupItem) -> Lineup:
    """Append to its kind or group."""
    others = remove(lineup, item.kpi)
    same = [
        other
        for other in others
        if other.is_stage == item.is_stage and (item.is_stage or other.group == item.group)
    ] or [other for other in others if other.is_stage == item.is_stage]
    return put(lineup, item, after=[other.kpi for other in same[-1:]])


def remove(lineup: Sequence[LineupItem], kpi: int) -> Lineup:
    """Without that KPI."""
    return tuple(item for item in lineup if item.kpi != kpi)


def change(lineup: Sequence[LineupItem], item: LineupItem) -> Lineup:
    """Replace in place, if present."""
    return tuple(item if other.kpi == item.kpi else other for other in lineup)


def reorder(lineup: Sequence[LineupItem], kpis: Sequence[int]) -> Lineup:
    """Reorder within their positions; stages stay first."""
    rank = {kpi: place for place, kpi in enumerate(kpis)}
    named = (item for item in lineup if item.kpi in rank)
    in_order = iter(sorted(named, key=lambda item: rank[item.kpi]))
    mixed = [next(in_order) if item.kpi in rank else item for item in lineup]
    return (*stages(mixed), *(item for item in mixed if not item.is_stage))


def sort_groups(lineup: Sequence[LineupItem], rank: Mapping[int, int]) -> Lineup:
    """Sort non-stages by group, unranked last; stable."""
    others = [item for item in lineup if not item.is_stage]
    last = len(rank)

    def place(item: LineupItem) -> int:
        return last if item.group is None else rank.get(item.group, last)

    return (*stages(lineup), *sorted(others, key=place))


def stage_before(lineup: Sequence[LineupItem], kpi: int) -> int | None:
    """The previous stage or None."""
    ids = [item.kpi for item in stages(lineup)]
    place = ids.index(kpi) if kpi in ids else 0
    return ids[place - 1] if place else None
