from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.actions.archive_kinds import SINCE
from funnel.actions.archive_rows import as_plain
from funnel.domain.weeks import Week

Row = dict[str, Any]
Read = Callable[[str], Iterator[Row]]

# Columns that version 2 dated or computes.
DROPPED = {
    "practice": ("value_per_patient",),
    "kpis": ("stage", "order", "group"),
    "baselines": ("frozen_week", "mean", "mean_range"),
}


# Columns that the outbox replaced in version 3.
QUEUED = {"practice": ("unowned_mailed_week",), "meetings": ("recap_is_due",)}


def converted(read: Read, version: int | None) -> Read:
    """Convert rows of an older format; None is the present one."""
    if version is None or version >= 3:
        return read
    read = _without(read, QUEUED)
    return read if version == 2 else _of_version_1(read)


def _without(read: Read, columns: Mapping[str, Collection[str]]) -> Read:
    def rows(name: str) -> Iterator[Row]:
        dropped = columns.get(name.removesuffix("-history"), ())
        for row in read(name):
            yield {key: value for key, value in row.items() if key not in dropped}

    return rows


def _of_version_1(read: Read) -> Read:
    """Date funnel, order and patient value from the first week."""
    made: dict[str, Callable[[], Iterable[Row]]] = {
        "lineups": lambda: _lineup(read),
        "places": lambda: _places(read),
        "patient-values": lambda: _patient_value(read),
    }

    def rows(name: str) -> Iterator[Row]:
        if name in SINCE:
            yield from made[name]() if name in made else ()
            return
        for row in read(name):
            if name != "baselines" or row.get("from_week") is not None:
                yield row

    return _without(rows, DROPPED)


def _first_week(read: Read) -> str:
    try:
        practice = next(read("practice"))
        return Week.of(date.fromisoformat(practice["began_on"])).monday.isoformat()
    except (StopIteration, KeyError, TypeError, ValueError) as error:
        raise ValidationError("practice, row 1: began_on cannot be read.") from error


def _lineup(read: Read) -> Iterable[Row]:
    yield {"from_week": _first_week(read), "set_at": as_plain(timezone.now()), "set_by": None}


def _places(read: Read) -> Iterable[Row]:
    rank = {
        str(row.get("name")): (_number(row.get("order")) or 0, str(row.get("name")))
        for row in read("groups")
    }
    last = (float("inf"), "")

    def place(numbered: tuple[int, Row]) -> tuple[Any, ...]:
        number, row = numbered
        stage = _number(row.get("stage"))
        if stage is not None:
            return (0, stage, last, 0, number)
        group = rank.get(str(row.get("group")), last)
        return (1, 0, group, _number(row.get("order")) or 0, number)

    in_use = [row for row in read("kpis") if row.get("archived_at") is None]
    week = _first_week(read)
    for position, (_, row) in enumerate(sorted(enumerate(in_use), key=place), start=1):
        is_stage = row.get("stage") is not None
        yield {
            "lineup": week,
            "kpi": row.get("slug"),
            "position": position,
            "is_stage": is_stage,
            "group": None if is_stage else row.get("group"),
            "role": row.get("role"),
        }


def _number(value: Any) -> int | None:
    if value is not None and type(value) is not int:
        raise ValidationError("kpis: stage or order cannot be read.")
    return value


def _patient_value(read: Read) -> Iterable[Row]:
    (practice,) = read("practice")
    if practice.get("value_per_patient") is not None:
        yield {
            "from_week": _first_week(read),
            "value": practice["value_per_patient"],
            "set_at": as_plain(timezone.now()),
            "set_by": None,
        }
