"""Boards as JSON, readable after the code changes."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from funnel.domain.weeks import Week
from funnel.reports.board.board import Board

# A Decimal becomes a string in JSON, so it can be distinguished from these.
PLAIN = frozenset({str, int, float, bool})
# An id has no meaning outside its database.
LEFT_OUT = frozenset({"owner_id"})
EMPTY: dict[Any, Any] = {tuple: (), str: "", bool: False}


def freeze(board: Board) -> dict[str, Any]:
    """Return JSON; `missing` saves lists of meetings from thawing."""
    return {**_freeze(board), "missing": [line.name for line in board.missing]}


def thaw(frozen: Mapping[str, Any]) -> Board:
    """Unknown keys are ignored; missing fields take their default, else (), "", False or None."""
    board: Board = _thaw_dataclass(Board, frozen)
    return board


def _freeze(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, Week):
        return {
            field.name: _freeze(getattr(value, field.name))
            for field in fields(value)
            if field.name not in LEFT_OUT
        }
    if isinstance(value, Decimal | Week):
        return str(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_freeze(one) for one in value]
    if value is None or type(value) in PLAIN:
        return value
    raise TypeError(f"A snapshot cannot hold {value!r}.")


def _thaw_dataclass(kind: Any, frozen: Mapping[str, Any]) -> Any:
    return kind(
        **{
            name: thawing(frozen[name]) if name in frozen else default
            for name, thawing, default in _shape(kind)
        }
    )


@lru_cache
def _shape(kind: Any) -> tuple[tuple[str, Callable[[Any], Any], Any], ...]:
    """Name, thaw function and default of each field."""
    hints = get_type_hints(kind)
    return tuple(
        (field.name, _thawing(hints[field.name]), _default(field, hints[field.name]))
        for field in fields(kind)
    )


def _default(field: Field[Any], hint: Any) -> Any:
    if field.default is not MISSING:
        return field.default
    return EMPTY.get(get_origin(hint) or hint)


def _thawing(hint: Any) -> Callable[[Any], Any]:
    origin = get_origin(hint)
    if origin is tuple:
        each = _thawing(get_args(hint)[0])
        return lambda values: tuple([each(value) for value in values])
    if origin in {Union, UnionType}:
        return _thawing_of_union(frozenset(get_args(hint)))
    if hint is Week:
        return Week.parse
    if hint is float:
        return float  # JSON may have turned a whole float into an integer.
    if hint in PLAIN:
        return lambda value: value
    if is_dataclass(hint):
        return lambda frozen: _thaw_dataclass(hint, frozen)
    if isinstance(hint, type) and issubclass(hint, Decimal | StrEnum):
        return hint
    raise TypeError(f"A snapshot cannot hold a {hint}.")


def _thawing_of_union(kinds: frozenset[Any]) -> Callable[[Any], Any]:
    if NoneType in kinds:
        known = _thawing(Union[tuple(kinds - {NoneType})])  # noqa: UP007
        return lambda value: None if value is None else known(value)
    if Decimal in kinds and str not in kinds:
        # Any number type, for example in a change.
        return lambda value: Decimal(value) if isinstance(value, str) else value
    raise TypeError(f"A snapshot cannot tell {kinds} apart.")
