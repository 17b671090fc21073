from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from funnel.domain import sheet_dates, sheet_numbers
from funnel.domain.sheet_dates import Cell
from funnel.domain.sheet_names import Known, SheetColumn, column_of, matched

Grid = Sequence[Sequence[Cell]]

HEADERS_WITHIN = 30
SAMPLE = 200
MOST_NAMES = 200

EMPTY = "It is empty."
NO_WEEKS = (
    "No weeks were found. Write them in the first column or across the top, as in 2026-W47 "
    "or 2026-11-16."
)
NO_NUMBERS = "There are no numbers besides the weeks."
MANY_NAMES = f"It has more than {MOST_NAMES} different numbers."


class NotUnderstood(ValueError):
    """A sheet without numbers by week."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Form(StrEnum):
    DOWN = "weeks down the side"
    ACROSS = "weeks across the top"
    LONG = "one number a row"


@dataclass(frozen=True, slots=True)
class Spot:
    """One number; `line` counts from 1."""

    line: int
    name: str
    week: Cell
    value: Cell
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    form: Form
    has_serials: bool
    weeks: tuple[Cell, ...]
    names: tuple[str, ...]
    spots: Callable[[], Iterator[Spot]]


def lay_out(grid: Grid, known: Sequence[Known]) -> Layout:
    """Raises NotUnderstood."""
    top = _header(grid)
    if top is None:
        raise NotUnderstood(EMPTY)
    columns = _Columns(grid, top, known)
    if (layout := _long(columns)) or (layout := _across(columns)) or (layout := _down(columns)):
        if not layout.names:
            raise NotUnderstood(NO_NUMBERS)
        if len(layout.names) > MOST_NAMES:
            raise NotUnderstood(MANY_NAMES)
        return layout
    raise NotUnderstood(NO_WEEKS)


def _header(grid: Grid) -> int | None:
    for number, row in enumerate(grid[:HEADERS_WITHIN]):
        if sum(1 for cell in row if _says(cell)) >= 2:
            return number
    return None


class _Columns:
    def __init__(self, grid: Grid, top: int, known: Sequence[Known]) -> None:
        self.grid, self.top, self.known = grid, top, known
        self.header = [_text(cell) for cell in grid[top]]
        self.sample = grid[top + 1 : top + 1 + SAMPLE]
        width = max(len(row) for row in grid[top : top + 1 + SAMPLE])
        self.header += [""] * (width - len(self.header))
        self.meant = [column_of(text) for text in self.header]
        self.weeks = [self._share(c, self._is_week(c)) for c in range(width)]

    def _is_week(self, c: int) -> Callable[[Cell], bool]:
        serials = self.meant[c] is SheetColumn.WEEK
        return lambda cell: sheet_dates.read(cell, serials=serials) is not None

    def _share(self, c: int, test: Callable[[Cell], bool]) -> float:
        cells = [row[c] for row in self.sample if c < len(row) and _says(row[c])]
        return sum(map(test, cells)) / len(cells) if cells else 0.0

    def week(self) -> int | None:
        named = (
            c for c, meant in enumerate(self.meant) if meant is SheetColumn.WEEK and self.weeks[c]
        )
        mostly = (c for c, share in enumerate(self.weeks) if share > 0.5)
        return next(chain(named, mostly), None)

    def kpi(self) -> int | None:
        said = {_text(cell) for row in self.sample for cell in row if isinstance(cell, str)}
        known = matched(said, self.known)
        for c in range(len(self.header)):
            if self._share(c, lambda cell: _text(cell) in known) >= 0.5:
                return c
        return next((c for c, meant in enumerate(self.meant) if meant is SheetColumn.KPI), None)

    def value(self, others: Iterable[int]) -> int | None:
        left = [c for c in range(len(self.header)) if c not in others]
        for c in left:
            if self.meant[c] is SheetColumn.VALUE:
                return c
        free = [c for c in left if self.meant[c] is None]
        return next((c for c in free if self._share(c, _is_number) > 0.5), None)

    def has_numbers(self, c: int) -> bool:
        return any(c < len(row) and _is_number(row[c]) for row in self.grid[self.top + 1 :])


def _long(columns: _Columns) -> Layout | None:
    week, kpi = columns.week(), columns.kpi()
    if week is None or kpi is None or week == kpi:
        return None
    value = columns.value((week, kpi))
    if value is None:
        return None
    notes = [c for c, meant in enumerate(columns.meant) if meant is SheetColumn.NOTE]
    note = notes[0] if notes else None
    grid = columns.grid
    # A sheet without a header starts with its first number.
    first = columns.grid[columns.top]
    has_header = sheet_dates.read(_at(first, week)) is None
    start = columns.top + has_header

    def spots() -> Iterator[Spot]:
        for line, row in enumerate(grid[start:], start + 1):
            cell, name = _at(row, value), _text(_at(row, kpi))
            if sheet_numbers.is_nothing(cell) or not (name or _says(_at(row, week))):
                continue
            said = None if note is None else _lines(_at(row, note))
            yield Spot(line, name, _at(row, week), cell, said)

    serials = columns.meant[week] is SheetColumn.WEEK
    weeks = tuple(dict.fromkeys(_at(row, week) for row in grid[start:] if _says(_at(row, week))))
    return Layout(Form.LONG, serials, weeks, _names(spot.name for spot in spots()), spots)


def _across(columns: _Columns) -> Layout | None:
    weeks = [c for c, text in enumerate(columns.header) if c and sheet_dates.read(text)]
    others = [c for c, text in enumerate(columns.header) if text and c not in weeks]
    if not weeks or len(weeks) < len(others) - 1:
        return None
    label = next((c for c in range(weeks[0]) if columns.meant[c] is not SheetColumn.OTHER), 0)
    grid, header = columns.grid, columns.grid[columns.top]

    def spots() -> Iterator[Spot]:
        for line, row in enumerate(grid[columns.top + 1 :], columns.top + 2):
            name = _text(_at(row, label))
            for c in weeks:
                if name and not sheet_numbers.is_nothing(_at(row, c)):
                    yield Spot(line, name, header[c], _at(row, c))

    numeric = {spot.name for spot in spots() if _is_number(spot.value)}
    names = _names(spot.name for spot in spots() if spot.name in numeric)
    return Layout(Form.ACROSS, False, tuple(header[c] for c in weeks), names, spots)


def _down(columns: _Columns) -> Layout | None:
    week = columns.week()
    if week is None:
        return None
    grid, start = columns.grid, columns.top + 1
    named = [
        (c, text)
        for c, text in enumerate(columns.header)
        if c != week and text and columns.meant[c] in {None, SheetColumn.KPI, SheetColumn.VALUE}
    ]
    kept = [(c, text) for c, text in named if columns.has_numbers(c)]

    def spots() -> Iterator[Spot]:
        for line, row in enumerate(grid[start:], start + 1):
            for c, name in kept:
                if not sheet_numbers.is_nothing(_at(row, c)):
                    yield Spot(line, name, _at(row, week), _at(row, c))

    serials = columns.meant[week] is SheetColumn.WEEK
    weeks = tuple(dict.fromkeys(_at(row, week) for row in grid[start:] if _says(_at(row, week))))
    return Layout(Form.DOWN, serials, weeks, _names(name for _, name in kept), spots)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        found[name] = None
        if len(found) > MOST_NAMES:
            break
    return tuple(found)


def _at(row: Sequence[Cell], c: int) -> Cell:
    return row[c] if c < len(row) else ""


def _says(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


def _text(cell: Cell) -> str:
    return " ".join(cell.split()) if isinstance(cell, str) else str(cell)


def _lines(cell: Cell) -> str:
    return "\n".join(_text(line) for line in str(cell).strip().splitlines())


def _is_number(cell: Cell) -> bool:
    return sheet_numbers.is_number(cell) and not (
        isinstance(cell, str) and sheet_dates.read(cell.strip())
    )
