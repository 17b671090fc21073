from dataclasses import dataclass
from datetime import date

from funnel.domain import numbers
from funnel.models import KPI, Place


@dataclass(frozen=True, slots=True)
class HistoryTable:
    """A None date is open."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str | date | None, ...]]


def past(kpi: KPI) -> list[HistoryTable]:
    """Latest first. Four queries."""
    owners = kpi.ownerships.select_related("staff", "assigned_by").order_by("-starts_on")
    stand_ins = kpi.stand_ins.select_related("staff", "named_by").order_by("-starts_on")
    targets = kpi.targets.select_related("set_by").order_by("-from_week")
    places = kpi.places.select_related("group", "lineup__set_by").order_by("-lineup__from_week")
    currency = kpi.practice.currency
    return [
        HistoryTable(
            "Owners so far",
            ("Owner", "From", "To", "Set by"),
            [(o.staff.name, o.starts_on, o.ends_on, o.assigned_by.email) for o in owners],
        ),
        HistoryTable(
            "Stand-ins",
            ("Stand-in", "From", "To", "Set by"),
            [(s.staff.name, s.starts_on, s.ends_on, s.named_by.email) for s in stand_ins],
        ),
        HistoryTable(
            "Targets",
            ("Target", "From the week of", "Set by"),
            [
                (numbers.value(t.value, kpi.unit, currency), t.from_week, t.set_by.email)
                for t in targets
            ],
        ),
        HistoryTable(
            "Places",
            ("Place", "From the week of", "Set by"),
            [
                (_place(p), p.lineup.from_week, p.lineup.set_by.email if p.lineup.set_by else None)
                for p in places
            ],
        ),
    ]


def _place(place: Place) -> str:
    if place.is_stage:
        return f"Stage {place.position} of the funnel"
    return place.group.name if place.group else "Outside the funnel"
