from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from funnel.domain import sheet_dates, sheet_names, sheet_numbers
from funnel.domain.numbers import DecimalSign, NumberRefused
from funnel.domain.sheet_dates import SUNDAY, Cell, DateReading, Order, Signed, Sunday
from funnel.domain.sheet_layout import Form, Grid, Layout, NotUnderstood, lay_out
from funnel.domain.sheet_names import Known
from funnel.domain.weeks import Week

NO_DAY = "“{said}” is not a day or week. Write it as in 2026-W47 or 2026-11-16."
NOT_CALCULATED = "The cell has an error: {said}."
MOST_NUMBERS = 100_000
MANY = f"It has more than {MOST_NUMBERS:,} numbers. Split it into smaller files."
ROUNDED = "Rounded from {said}."
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Answers:
    """None and "" are unanswered; `names` has "" to omit."""

    sheet: str = ""
    order: Order | None = None
    sunday: Sunday | None = None
    sign: DecimalSign | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "order": self.order,
            "sunday": self.sunday,
            "sign": self.sign,
            "names": dict(self.names),
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Answers":
        return cls(
            sheet=kept.get("sheet", ""),
            order=Order(kept["order"]) if kept.get("order") else None,
            sunday=Sunday(kept["sunday"]) if kept.get("sunday") else None,
            sign=DecimalSign(kept["sign"]) if kept.get("sign") else None,
            names=kept.get("names", {}),
        )


@dataclass(frozen=True, slots=True)
class Questions:
    """With an example each; empty where answered."""

    sheets: tuple[str, ...] = ()
    date: str = ""
    order_guess: Order | None = None
    sunday: str = ""
    number: str = ""
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sheets or self.date or self.sunday or self.number or self.names)


@dataclass(frozen=True, slots=True)
class Found:
    """One number as written and as read."""

    line: int
    name: str
    slug: str
    said_week: str
    said: str
    week: Week | None
    value: Decimal | None
    note: str | None
    refusal: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """`found` is empty while there are questions; `moved` is the first day not a Monday."""

    questions: Questions
    form: Form | None = None
    sheet: str = ""
    found: tuple[Found, ...] = ()
    left_out: tuple[str, ...] = ()
    moved: str = ""
    moved_count: int = 0


def understand(sheets: Mapping[str, Grid], known: Sequence[Known], answers: Answers) -> Understood:
    """Raises NotUnderstood."""
    laid = _laid_out(sheets, known)
    sheet = answers.sheet if answers.sheet in laid else next(iter(laid))
    if len(laid) > 1 and answers.sheet not in laid:
        return Understood(Questions(sheets=tuple(laid)))
    layout = laid[sheet]
    slugs = {kpi.slug for kpi in known}
    given = {name: slug for name, slug in answers.names.items() if not slug or slug in slugs}
    meant = sheet_names.matched(layout.names, known) | given
    dates = {cell: sheet_dates.read(cell, serials=layout.has_serials) for cell in layout.weeks}
    calendar = _Calendar([dated for dated in dates.values() if dated], answers)
    named = (spot.value for spot in layout.spots() if meant.get(spot.name))
    values = list(islice(named, MOST_NUMBERS + 1))
    if len(values) > MOST_NUMBERS:
        raise NotUnderstood(MANY)
    signs, open_number = sheet_numbers.signs(values)
    if not signs:
        open_number = _contradiction(values)
    questions = Questions(
        date="" if calendar.order else calendar.open_date(dates),
        order_guess=calendar.guess(),
        sunday="" if calendar.sunday or not calendar.order else calendar.open_sunday(dates),
        number="" if answers.sign else open_number,
        names=tuple(name for name in layout.names if name not in meant),
    )
    if questions:
        return Understood(questions, layout.form, sheet)
    sign = answers.sign or next(iter(sorted(signs, reverse=True)))
    read = _Reading(calendar, sign, {kpi.slug: kpi for kpi in known}, meant, dates)
    moved = [
        day for day in map(calendar.day, filter(None, dates.values())) if day and day.weekday()
    ]
    return Understood(
        questions,
        layout.form,
        sheet,
        found=tuple(read.all(layout)),
        left_out=tuple(name for name in layout.names if not meant[name]),
        moved=moved[0].isoformat() if moved else "",
        moved_count=len(moved),
    )


def _laid_out(sheets: Mapping[str, Grid], known: Sequence[Known]) -> dict[str, Layout]:
    laid: dict[str, Layout] = {}
    refusal: NotUnderstood | None = None
    for name, grid in sheets.items():
        try:
            laid[name] = lay_out(grid, known)
        except NotUnderstood as refused:
            refusal = refusal or refused
    if not laid:
        raise refusal or NotUnderstood("It is empty.")
    return laid


class _Calendar:
    def __init__(self, dates: Sequence[DateReading], answers: Answers) -> None:
        self.dates = dates
        left = sheet_dates.orders(dates)
        is_open = any(dated.is_ambiguous for dated in dates) or not left
        settled = Order.MONTH if len(left) == 2 else next(iter(left), None)
        self.order = answers.order or (None if is_open and len(left) != 1 else settled)
        days = [self.day(dated) for dated in dates if not dated.names_week and dated.ends is None]
        on_sundays = bool(days) and all(day and day.weekday() == SUNDAY for day in days)
        self.sunday = answers.sunday or (None if on_sundays else Sunday.ENDS)

    def day(self, dated: DateReading) -> date | None:
        return dated.day(self.order or Order.MONTH) if not dated.names_week else None

    def week(self, dated: DateReading) -> Week | None:
        return dated.week(self.order or Order.MONTH, self.sunday or Sunday.ENDS)

    def guess(self) -> Order | None:
        if self.order:
            return None
        alike = {order: _alike(dated.day(order) for dated in self.dates) for order in Order}
        if alike[Order.DAY] == alike[Order.MONTH]:
            return None
        return max(Order, key=lambda order: alike[order])

    @staticmethod
    def open_date(dates: Mapping[Cell, DateReading | None]) -> str:
        asked = [cell for cell, dated in dates.items() if dated and dated.is_ambiguous]
        return str(asked[0] if asked else next(iter(dates)))[:SHOWN]

    def open_sunday(self, dates: Mapping[Cell, DateReading | None]) -> str:
        days = (self.day(dated) for dated in dates.values() if dated and dated.ends is None)
        return next((day.isoformat() for day in days if day), "")


@dataclass(frozen=True, slots=True)
class _Reading:
    calendar: _Calendar
    sign: DecimalSign
    kpis: Mapping[str, Known]
    meant: Mapping[str, str]
    dates: Mapping[Cell, DateReading | None]

    def all(self, layout: Layout) -> Iterator[Found]:
        weeks = {
            cell: self.calendar.week(dated) if dated else None for cell, dated in self.dates.items()
        }
        for spot in layout.spots():
            slug = self.meant.get(spot.name, "")
            if not slug:
                continue
            week, value, refusal, remark = weeks.get(spot.week), None, "", ""
            if week is None:
                refusal = NO_DAY.format(said=_shown(spot.week))
            else:
                try:
                    value = self._value(spot.value, slug)
                    remark = self._remark(spot.value, value)
                except NumberRefused as refused:
                    refusal = refused.sentence
            yield Found(
                line=spot.line,
                name=spot.name[:SHOWN],
                slug=slug,
                said_week=_shown(spot.week),
                said=_shown(spot.value),
                week=week,
                value=value,
                note=spot.note,
                refusal=refusal,
                remark=remark,
            )

    @staticmethod
    def _remark(cell: Cell, value: Decimal) -> str:
        number = cell.number if isinstance(cell, Signed) else cell
        if isinstance(number, float) and sheet_numbers.exact(number) != value:
            return ROUNDED.format(said=sheet_numbers.exact(number))
        return ""

    def _value(self, cell: Cell, slug: str) -> Decimal:
        if isinstance(cell, str) and cell.startswith("#"):
            raise NumberRefused(NOT_CALCULATED.format(said=_shown(cell)))
        kpi = self.kpis[slug]
        return sheet_numbers.parse(cell, self.sign, unit=kpi.unit, currency=kpi.currency)


def _contradiction(values: Iterable[Cell]) -> str:
    return next(
        str(v).strip()[:SHOWN] for v in values if isinstance(v, str) and set(v) & {",", "."}
    )


def _alike(days: Iterable[date | None]) -> float:
    counted = Counter(day.weekday() for day in days if day)
    return max(counted.values()) / sum(counted.values()) if counted else 0.0


def _shown(cell: Cell) -> str:
    return " ".join(str(cell).split())[:SHOWN]
