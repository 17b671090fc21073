from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from funnel.domain.numbers import Number

# None is a blank: not recorded, which is not 0.
Cell = str | Number | date | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    key: str

    @classmethod
    def named(cls, name: str) -> "Column":
        return cls(name, name.lower().replace(" ", "_"))


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` can be iterated only once."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterator[tuple[Cell, ...]]


def named(text: str) -> tuple[Column, ...]:
    """Columns from "Week, Seen value", keys such as `seen_value`."""
    return tuple(Column.named(name) for name in text.split(", "))
