from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise, zip_longest
from typing import Any

from funnel.domain import numbers
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice
from funnel.reports.history import past
from funnel.reports.history.past import Row

ONE_DAY = timedelta(days=1)


class ChangeKind(StrEnum):
    OWNER = "owner"
    TARGET = "target"
    BASELINE = "baseline"
    DEFINITION = "definition"


@dataclass(frozen=True, slots=True)
class Change:
    """`by` is "" if unknown."""

    kind: ChangeKind
    day: date
    text: str
    by: str
    reason: str = ""
    old: str = ""
    new: str = ""

    @property
    def week(self) -> Week:
        return Week.of(self.day)


def build_changes(
    rows: Mapping[int, Sequence[Row]], unit: str, practice: Practice
) -> tuple[Change, ...]:
    """Latest first, from the rows of `load_past`."""
    changes = [
        *_of_owners(rows.get(past.OWNER, ())),
        *_of_targets(rows.get(past.TARGET, ()), unit, practice),
        *_of_baselines(rows.get(past.BASELINE, ())),
        *_of_definitions(rows.get(past.DEFINITION, ()), practice),
    ]
    # Latest first within a day too, as far as the order is known.
    return tuple(sorted(changes, key=lambda change: change.day)[::-1])


def _of_owners(rows: Sequence[Row]) -> Iterator[Change]:
    for before, row in zip([None, *rows], rows, strict=False):
        starts_on = date.fromisoformat(row["starts_on"])
        text = f"{row['name']} owns it"
        if before and before["name"] != row["name"]:
            ended = past.day(before["ends_on"])
            if ended == starts_on - ONE_DAY:
                text += f", {before['name']} before"
        yield Change(ChangeKind.OWNER, starts_on, f"{text}.", row["by"] or "")
    for row, after in zip_longest(rows, rows[1:]):
        ended = past.day(row["ends_on"])
        if ended and (after is None or date.fromisoformat(after["starts_on"]) > ended + ONE_DAY):
            yield Change(ChangeKind.OWNER, ended + ONE_DAY, "No owner.", "")


def _of_targets(rows: Sequence[Row], unit: str, practice: Practice) -> Iterator[Change]:
    for before, row in zip([None, *rows], rows, strict=False):
        value, old = (
            numbers.value(past.amount(r["value"]) if r else None, unit, practice.currency)
            for r in (row, before)
        )
        text = f"Target {value}, before {old}." if before else f"Target {value}."
        yield Change(ChangeKind.TARGET, date.fromisoformat(row["from_week"]), text, row["by"] or "")


def _of_baselines(rows: Sequence[Row]) -> Iterator[Change]:
    for row in rows:
        first = date.fromisoformat(row["from_week"])
        yield Change(
            ChangeKind.BASELINE, first, "Baseline set.", row["by"] or "", reason=row["reason"]
        )
        if ended := past.day(row["ended_week"]):
            yield Change(ChangeKind.BASELINE, ended, "Baseline ended.", row["ended_by"] or "")


def _of_definitions(rows: Sequence[Row], practice: Practice) -> Iterator[Change]:
    for old, new in pairwise(rows):
        day = past.moment(new["history_date"], practice).date()
        by = new["by"] or ""
        for text in _rewritten(old, new):
            yield Change(ChangeKind.DEFINITION, day, text, by)
        if old["definition"] != new["definition"]:
            texts = {"old": old["definition"], "new": new["definition"]}
            yield Change(ChangeKind.DEFINITION, day, "Definition changed.", by, **texts)


def _rewritten(old: Row, new: Row) -> Iterator[str]:
    if old["name"] != new["name"]:
        yield f"Renamed {new['name']}, before {old['name']}."
    if old["role_name"] != new["role_name"]:
        yield f"{new['role_name']} is responsible, before {old['role_name']}."
    if old["unit"] != new["unit"]:
        labels = (KPI.Unit(row["unit"]).label for row in (new, old))
        yield "Unit: {}, before {}.".format(*labels)
    if old["direction"] != new["direction"]:
        yield f"From then on {KPI.Direction(new['direction']).label}."
    if any(old[name] != new[name] for name in ("calculation", "source_id", "divisor_id", "window")):
        yield f"Calculation: {_calculation(new)}, before {_calculation(old)}."


def _calculation(row: Mapping[str, Any]) -> str:
    if row["calculation"] == KPI.Calculation.ENTERED:
        return "entered every week"
    if row["window"] is not None:
        return f"{row['source_name']} of {row['window']} weeks, added up"
    return f"{row['source_name']} divided by {row['divisor_name']}"
