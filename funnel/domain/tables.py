"""A table on its way into a file: a header and rows, which may be many and are read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from funnel.domain.numbers import Number

# None is a blank: nothing was recorded, which is not 0.
Cell = str | Number | date | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """What stands over the column, and what it is called in JSON."""

    name: str
    key: str

    @classmethod
    def named(cls, name: str) -> "Column":
        """A column of fixed words: "Seen value" is `seen_value` in JSON."""
        return cls(name, name.lower().replace(" ", "_"))


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` have a cell a column; they are told while they are written, and only once."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterator[tuple[Cell, ...]]


def named(text: str) -> tuple[Column, ...]:
    """Columns of fixed words: "Week, Seen value"."""
    return tuple(Column.named(name) for name in text.split(", "))
