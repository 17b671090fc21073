from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from funnel.domain import plausible
from funnel.domain.conversion import WEEKS_BEFORE
from funnel.domain.periods import average
from funnel.domain.sheet_names import Known
from funnel.domain.sheet_questions import Found
from funnel.domain.weeks import Week

Key = tuple[str, date]

CLOSED = "This week is closed. It stays unchanged unless you enter a reason."
SAID_TWICE = "Row {line} has the same number."
CONTRADICTED = "Row {line} has {said} for the same week."
LONG_NOTE = "Use at most {most} letters for the note."
MOST_NOTE = 500
_WEEK = timedelta(weeks=1)


class ImportOutcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICTING = "conflicting"
    REFUSED = "refused"


WRITTEN = frozenset({ImportOutcome.NEW, ImportOutcome.CHANGED})
STOPPED = frozenset({ImportOutcome.CONFLICTING, ImportOutcome.REFUSED})


@dataclass(frozen=True, slots=True)
class Stored:
    value: Decimal
    note: str
    version: int
    entered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedNumber:
    """A number to store, or as written unless `is_read`.

    `was`, `was_note` and `version` are of the stored one.
    """

    line: int
    name: str
    slug: str
    week: str
    value: str
    kind: ImportOutcome
    why: str = ""
    note: str = ""
    was: str = ""
    was_note: str = ""
    version: int = 0
    is_closed: bool = False
    is_read: bool = True

    def as_json(self) -> list[Any]:
        return [getattr(self, name) for name in FIELDS]

    @classmethod
    def of_json(cls, kept: Sequence[Any]) -> "PlannedNumber":
        values = list(kept)
        values[KIND] = ImportOutcome(values[KIND])
        return cls(*values)

    @property
    def is_written(self) -> bool:
        return self.kind in WRITTEN


# `dataclasses.astuple` copies deeply and takes ten times as long.
FIELDS = tuple(field.name for field in fields(PlannedNumber))
KIND = FIELDS.index("kind")


@dataclass(frozen=True, slots=True)
class Facts:
    """`refusal` returns why a KPI refuses a number, or None."""

    kpis: Mapping[str, Known]
    stored: Mapping[Key, Stored]
    closed: frozenset[date]
    may_correct: bool
    refusal: Callable[[str, Week, Decimal], str | None]
    before: Callable[[str, Week], str | None]
    short: frozenset[date] = frozenset()
    currency: str = ""


def plan(found: Sequence[Found], facts: Facts) -> tuple[PlannedNumber, ...]:
    """Outcome of each number, in file order."""
    return tuple(_Plan(found, facts).lines())


def counts(lines: Iterable[PlannedNumber]) -> dict[ImportOutcome, int]:
    """Lines by kind."""
    counted = Counter(line.kind for line in lines)
    return {kind: counted[kind] for kind in ImportOutcome}


class _Plan:
    def __init__(self, found: Sequence[Found], facts: Facts) -> None:
        self.found, self.facts = found, facts
        self.first: dict[Key, Found] = {}
        self.contradicted: dict[Key, Found] = {}
        # Numbers as they will be after the import, for the averages used to find improbable ones.
        self.numbers: dict[str, dict[date, Decimal]] = {}
        for (slug, monday), stored in facts.stored.items():
            self.numbers.setdefault(slug, {})[monday] = stored.value
        for one in found:
            if one.week is None or one.value is None:
                continue
            key = (one.slug, one.week.monday)
            if self.first.setdefault(key, one).value != one.value:
                self.contradicted.setdefault(key, one)
            self.numbers.setdefault(one.slug, {})[one.week.monday] = one.value

    def lines(self) -> Iterator[PlannedNumber]:
        for one in self.found:
            if one.week is None or one.value is None:
                yield self._line(one, ImportOutcome.REFUSED, one.refusal)
            else:
                yield self._judged(one, one.week, one.value)

    def _judged(self, one: Found, week: Week, value: Decimal) -> PlannedNumber:
        key = (one.slug, week.monday)
        if refusal := self.facts.refusal(one.slug, week, value):
            return self._line(one, ImportOutcome.REFUSED, refusal)
        if one.note and len(one.note) > MOST_NOTE:
            return self._line(one, ImportOutcome.REFUSED, LONG_NOTE.format(most=MOST_NOTE))
        first = self.first[key]
        if (other := self.contradicted.get(key)) is not None:
            other = first if other is one or first.value != value else other
            said = CONTRADICTED.format(line=other.line, said=other.said)
            return self._line(one, ImportOutcome.CONFLICTING, said)
        stored = self.facts.stored.get(key)
        # A file without a note does not remove the stored one.
        note = one.note or (stored.note if stored else "")
        # A workbook's line endings differ from a browser's and are no change.
        if stored is not None and note.split() == stored.note.split():
            note = stored.note
        if first is not one:
            return self._line(
                one, ImportOutcome.UNCHANGED, SAID_TWICE.format(line=first.line), stored
            )
        if stored is not None and (stored.value, stored.note) == (value, note):
            return self._line(one, ImportOutcome.UNCHANGED, "", stored)
        is_closed = week.monday in self.facts.closed
        if is_closed and not self.facts.may_correct:
            return self._line(one, ImportOutcome.REFUSED, CLOSED, stored)
        kind = ImportOutcome.CHANGED if stored else ImportOutcome.NEW
        why = one.remark
        if stored is None or stored.value != value:
            why = f"{why} {self._doubt(one.slug, week, value) or ''}".strip()
        return self._line(one, kind, why, stored, note, is_closed=is_closed)

    def _line(
        self,
        one: Found,
        kind: ImportOutcome,
        why: str = "",
        stored: Stored | None = None,
        note: str = "",
        *,
        is_closed: bool = False,
    ) -> PlannedNumber:
        return PlannedNumber(
            line=one.line,
            name=self.facts.kpis[one.slug].name,
            slug=one.slug,
            week=str(one.week) if one.week else one.said_week,
            value=one.said if one.value is None else format(one.value, "f"),
            kind=kind,
            why=why,
            note=note,
            was=format(stored.value, "f") if stored else "",
            was_note=stored.note if stored else "",
            version=stored.version if stored else 0,
            is_closed=is_closed,
            is_read=one.value is not None,
        )

    def _doubt(self, slug: str, week: Week, value: Decimal) -> str | None:
        numbers, monday = self.numbers[slug], week.monday
        back = (monday - _WEEK * n for n in range(1, WEEKS_BEFORE + 1))
        short = self.facts.short
        usual = average([numbers[day] for day in back if day in numbers and day not in short])
        kpi = self.facts.kpis[slug]
        stage = self.facts.before(slug, week)
        before = self.numbers.get(stage, {}).get(monday) if stage else None
        if not _is_odd(value, usual, before):
            return None
        return plausible.doubt(
            value,
            average=usual,
            stage_before=before,
            name=kpi.name,
            before_name=self.facts.kpis[stage].name if stage else "",
            unit=kpi.unit,
            currency=self.facts.currency,
        )


def _is_odd(value: Decimal, average: Decimal | None, before: Decimal | None) -> bool:
    """Fast filter: False only if `plausible.doubt` returns None."""
    times = plausible.TIMES
    far = bool(average) and not average <= times * value <= times * times * average  # type: ignore[operator]
    return far or (before is not None and value > before)
