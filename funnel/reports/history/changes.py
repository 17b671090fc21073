"""What was changed about a KPI: its owners, targets, baselines, and what it counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, DecimalField, F, FloatField, Value
from django.db.models.functions import Cast

from funnel.domain import numbers
from funnel.domain.variation import Limits
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice
from funnel.reports.names import called
from funnel.reports.series.behaviour import Start

ONE_DAY = timedelta(days=1)
NO_DAY = date.min


class Kind(StrEnum):
    """What was changed; the value is the word on the page."""

    OWNER = "owner"
    TARGET = "target"
    BASELINE = "baseline"
    DEFINITION = "definition"


@dataclass(frozen=True, slots=True)
class Change:
    """One change, in a sentence, from that day on; `old` and `new` are texts too long for one, ""
    where it says all. `by` is "" where it is not known who decided it."""

    kind: Kind
    day: date
    text: str
    by: str
    reason: str = ""
    old: str = ""
    new: str = ""

    @property
    def week(self) -> Week:
        """The week it fell into."""
        return Week.of(self.day)


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that was changed, the latest first; the targets by Monday and the baselines, both
    in order."""

    changes: tuple[Change, ...]
    targets: tuple[tuple[date, Decimal], ...]
    starts: tuple[Start, ...]

    def targets_of(self, weeks: Sequence[Week]) -> list[Decimal | None]:
        """The targets in force in those weeks, which are in order; None where there is none."""
        in_force: list[Decimal | None] = []
        place, value = 0, None
        for week in weeks:
            while place < len(self.targets) and self.targets[place][0] <= week.monday:
                value = self.targets[place][1]
                place += 1
            in_force.append(value)
        return in_force


class _Row(NamedTuple):
    """An ownership, a target or a baseline, as the three are read with one statement; the day of a
    first baseline, which has none, is `NO_DAY`."""

    kind: str
    day: date
    until: date | None
    text: str
    value: Decimal | None
    mean: float | None
    mean_range: float | None
    by: str | None


def load_past(kpi: KPI, practice: Practice) -> Past:
    """What was changed about the practice's KPI. Two statements."""
    rows = sorted(_load_rows(kpi, practice), key=lambda row: row.day)
    owners, targets, baselines = (
        [row for row in rows if row.kind == kind]
        for kind in (Kind.OWNER, Kind.TARGET, Kind.BASELINE)
    )
    changes = [
        *_of_owners(owners),
        *_of_targets(targets, kpi, practice),
        *_of_baselines(baselines),
        *_of_definitions(_load_definitions(kpi, practice), kpi, practice),
    ]
    return Past(
        # Of one day too the latest first, as far as their order is known.
        changes=tuple(sorted(changes, key=lambda change: change.day)[::-1]),
        targets=tuple((row.day, row.value) for row in targets if row.value is not None),
        starts=tuple(map(_start, baselines)),
    )


def _load_rows(kpi: KPI, practice: Practice) -> list[_Row]:
    no_day = Cast(Value(None), DateField())
    no_text = Cast(Value(""), CharField())
    no_number = Cast(Value(None), DecimalField(max_digits=11, decimal_places=2))
    no_float = Cast(Value(None), FloatField())
    columns: tuple[tuple[Any, ...], ...] = (
        (
            kpi.ownerships.order_by(),
            Value(Kind.OWNER.value),
            F("starts_on"),
            F("ends_on"),
            F("staff__name"),
            no_number,
            no_float,
            no_float,
            called(practice, "assigned_by"),
        ),
        (
            kpi.targets.order_by(),
            Value(Kind.TARGET.value),
            F("from_week"),
            no_day,
            no_text,
            F("value"),
            no_float,
            no_float,
            called(practice, "set_by"),
        ),
        (
            kpi.baselines.order_by(),
            Value(Kind.BASELINE.value),
            F("from_week"),
            no_day,
            F("reason"),
            no_number,
            F("mean"),
            F("mean_range"),
            called(practice, "begun_by"),
        ),
    )
    names = [f"c_{name}" for name in _Row._fields]
    owners, targets, baselines = (
        rows.annotate(**dict(zip(names, found, strict=True))).values_list(*names)
        for rows, *found in columns
    )
    found = owners.union(targets, baselines, all=True)
    return [_Row(kind, day or NO_DAY, *rest) for kind, day, *rest in found]


def _load_definitions(kpi: KPI, practice: Practice) -> list[dict[str, Any]]:
    """What the KPI was, one after the other, the first first."""
    return list(
        KPI.history.filter(id=kpi.pk)
        .order_by("history_id")
        .values(
            "history_date",
            "name",
            "definition",
            "unit",
            "direction",
            "calculation",
            "window",
            "source_id",
            "divisor_id",
            source_name=F("source__name"),
            divisor_name=F("divisor__name"),
            role_name=F("role__name"),
            by=called(practice, "history_user"),
        )
    )


def _start(row: _Row) -> Start:
    frozen = None
    if row.mean is not None and row.mean_range is not None:
        frozen = Limits.frozen(row.mean, row.mean_range)
    return Start(None if row.day == NO_DAY else Week(row.day), frozen)


def _of_owners(rows: Sequence[_Row]) -> Iterator[Change]:
    for before, row in zip([None, *rows], rows, strict=False):
        text = f"{row.text} owns it"
        if before and before.until == row.day - ONE_DAY and before.text != row.text:
            text += f", {before.text} did before"
        yield Change(Kind.OWNER, row.day, f"{text}.", row.by or "")
    for row, after in zip_longest(rows, rows[1:]):
        if row.until and (after is None or after.day > row.until + ONE_DAY):
            yield Change(Kind.OWNER, row.until + ONE_DAY, "No one owns it.", "")


def _of_targets(rows: Sequence[_Row], kpi: KPI, practice: Practice) -> Iterator[Change]:
    for before, row in zip([None, *rows], rows, strict=False):
        text = f"Target {numbers.value(row.value, kpi.unit, practice.currency)}"
        if before:
            text += f", before it {numbers.value(before.value, kpi.unit, practice.currency)}"
        yield Change(Kind.TARGET, row.day, f"{text}.", row.by or "")


def _of_baselines(rows: Sequence[_Row]) -> Iterator[Change]:
    for row in rows:
        if row.day != NO_DAY:
            text = "A new baseline begins."
            yield Change(Kind.BASELINE, row.day, text, row.by or "", reason=row.text)


def _of_definitions(
    rows: Sequence[dict[str, Any]], kpi: KPI, practice: Practice
) -> Iterator[Change]:
    for old, new in pairwise(rows):
        day = new["history_date"].astimezone(practice.zone).date()
        by = new["by"] or ""
        for text in _rewritten(old, new):
            yield Change(Kind.DEFINITION, day, text, by)
        if old["definition"] != new["definition"]:
            yield Change(
                Kind.DEFINITION,
                day,
                "Something else counts.",
                by,
                old=old["definition"],
                new=new["definition"],
            )


def _rewritten(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    if old["name"] != new["name"]:
        yield f"Named {new['name']}, before it {old['name']}."
    if old["role_name"] != new["role_name"]:
        yield f"{new['role_name']} answers for it, {old['role_name']} did before."
    if old["unit"] != new["unit"]:
        yield f"Counted as {KPI.Unit(new['unit']).label}, before as {KPI.Unit(old['unit']).label}."
    if old["direction"] != new["direction"]:
        yield f"From here on {KPI.Direction(new['direction']).label}."
    if any(old[name] != new[name] for name in ("calculation", "source_id", "divisor_id", "window")):
        yield f"Comes about as {_comes_about(new)}, before as {_comes_about(old)}."


def _comes_about(row: dict[str, Any]) -> str:
    """Of what it was calculated, by the names those have today."""
    if row["calculation"] == KPI.Calculation.ENTERED:
        return "a number someone enters"
    if row["window"] is not None:
        return f"{row['source_name']} of {row['window']} weeks, added up"
    return f"{row['source_name']} divided by {row['divisor_name']}"
