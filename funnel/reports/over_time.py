"""One KPI's number and how it behaves, without who entered it and what was changed: for programs.

The same numbers as on the KPI's own page (reports/history.py), for fewer statements.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funnel.domain.variation import Limits
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, WeeklyEntry
from funnel.reports.behaviour import behave, load_starts
from funnel.reports.figures import in_force
from funnel.reports.history import Point, numbers_of, points_of, weeks_of
from funnel.reports.readable import Readable

DEFAULT_SPAN = 26
MOST_WEEKS = 520


@dataclass(frozen=True, slots=True)
class Stretch(Readable):
    """The weeks of one baseline, both included, and its limits, None with too few numbers."""

    first: Week
    last: Week
    limits: Limits | None


@dataclass(frozen=True, slots=True)
class OverTime(Readable):
    """A KPI in some weeks, oldest first. `limits` are those in force now, whatever weeks are
    shown; `stretches` the baselines that have one of these weeks over."""

    slug: str
    name: str
    definition: str
    unit: str
    direction: str
    role: str
    owner: str | None
    limits: Limits | None
    points: tuple[Point, ...]
    stretches: tuple[Stretch, ...]


def build_over_time(
    practice: Practice, slug: str, *, today: date, first: Week | None, last: Week | None
) -> OverTime | None:
    """The practice's KPI of that slug, archived or not, from the first week to the last, as far as
    there are any between its first number and the running week; without a first one the last 26
    that are over before the last. None for no such KPI. Four statements."""
    kpis = KPI.objects.filter(practice=practice, slug=slug).with_owner(today)
    kpi = kpis.select_related("source", "divisor").first()
    if kpi is None:
        return None
    told_by = [part for part in (kpi.source_id, kpi.divisor_id) if part] or [kpi.pk]
    entries = WeeklyEntry.objects.filter(practice=practice, kpi__in=told_by).order_by("week")
    told = numbers_of(kpi, entries.values("kpi_id", "week", "value"))
    archived_on = kpi.archived_at.astimezone(practice.zone).date() if kpi.archived_at else None
    weeks = weeks_of(told, archived_on or today)
    values = [told.get(week.monday) for week in weeks]
    over = sum(week.sunday < today for week in weeks)
    behaviour = behave(weeks[:over], values[:over], load_starts([kpi.pk]).get(kpi.pk, ()))
    points = points_of(weeks, values, _targets(kpi, weeks), behaviour)
    from_, to = _shown(weeks, over, first, last)
    segments = behaviour.segments
    return OverTime(
        slug=kpi.slug,
        name=kpi.name,
        definition=kpi.definition,
        unit=kpi.unit,
        direction=kpi.direction,
        role=kpi.role.name,
        owner=kpi.holding.staff.name if kpi.holding else None,
        limits=segments[-1].limits if segments else None,
        points=points[from_:to],
        stretches=tuple(
            Stretch(weeks[segment.first], weeks[segment.end - 1], segment.limits)
            for segment in segments
            if segment.end > from_ and segment.first < to
        ),
    )


def _targets(kpi: KPI, weeks: tuple[Week, ...]) -> tuple[Decimal | None, ...]:
    rows = kpi.targets.order_by("from_week").values_list("from_week", "value")
    return in_force([(day.isoformat(), value) for day, value in rows], weeks)


def _shown(
    weeks: tuple[Week, ...], over: int, first: Week | None, last: Week | None
) -> tuple[int, int]:
    """As indexes: the first week shown, and past the last."""
    to = len(weeks) if last is None else sum(week <= last for week in weeks)
    if first is None:
        return max(0, min(over, to) - DEFAULT_SPAN), to
    return min(to, sum(week < first for week in weeks)), to
