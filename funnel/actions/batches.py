"""Recording many numbers at once: all of them, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from funnel.access import Standing
from funnel.actions import entries
from funnel.actions.refusals import Doubtful, SavedInBetween, refusing_when_busy
from funnel.domain.weeks import Week
from funnel.models import WeeklyEntry

TWICE = "This number stands in the batch twice: send it once."


@dataclass(frozen=True, slots=True)
class Number:
    """One number to be recorded, as `entries.record` takes it."""

    by: Standing
    week: Week
    value: Decimal
    note: str = ""
    reason: str = ""
    version: int | None = None
    confirmed: bool = False


class NumbersRefused(Exception):
    """Nothing was saved; `refusals` say by the number's place why not."""

    def __init__(self, refusals: Mapping[int, Exception]) -> None:
        super().__init__(f"{len(refusals)} of them cannot be saved.")
        self.refusals = refusals


@refusing_when_busy()
def record_all(numbers: Sequence[Number]) -> list[WeeklyEntry]:
    """Saves the numbers in one transaction and returns the entries in the same order.

    Week by week, so that two batches at once do not wait for each other in a circle. Raises
    NumbersRefused with what `entries.record` said of each that was refused, after trying them all;
    Busy. So many statements as those records make, and two a number.
    """
    saved: dict[int, WeeklyEntry] = {}
    refusals: dict[int, Exception] = {}
    seen: set[tuple[int, Week]] = set()
    in_order = sorted(enumerate(numbers), key=lambda one: (one[1].week, one[1].by.kpi.pk, one[0]))
    with transaction.atomic():
        for place, number in in_order:
            what = (number.by.kpi.pk, number.week)
            try:
                if what in seen:
                    raise ValidationError({"value": TWICE})
                seen.add(what)
                saved[place] = _record(number)
            except (PermissionDenied, ValidationError, SavedInBetween, Doubtful) as refusal:
                refusals[place] = refusal
        if refusals:
            raise NumbersRefused(dict(sorted(refusals.items())))
    return [saved[place] for place in range(len(numbers))]


def _record(number: Number) -> WeeklyEntry:
    return entries.record(
        by=number.by,
        week=number.week,
        value=number.value,
        note=number.note,
        reason=number.reason,
        version=number.version,
        confirmed=number.confirmed,
    )
