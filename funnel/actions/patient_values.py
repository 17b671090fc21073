from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import meetings
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import PatientValue, Practice, User


@writes
def begin(*, by: User, practice: Practice, value: Decimal) -> PatientValue:
    """From the practice's first week on."""
    first = PatientValue(practice=practice, from_week=practice.first_week.monday)
    return _save(first, value, by)


@writes
def set_from(
    *, by: Seat, value: Decimal | None, today: date, from_week: Week | None = None
) -> PatientValue | None:
    """From that week on (default: running); None hides money. Return None if unchanged.

    Raises ValidationError at or before a closed week.
    """
    require(May.SET_PATIENT_VALUE, by)
    practice = by.practice
    week = from_week or practice.current_week(today)
    if week < practice.first_week:
        raise ValidationError({"from_week": f"{practice.name} had not started yet in this week."})
    meetings.check_open(practice, week)
    if PatientValue.objects.in_force(practice, week.monday) == value:
        return None
    stored = practice.patient_values.filter(from_week=week.monday).first()
    row = stored or PatientValue(practice=practice, from_week=week.monday)
    return _save(row, value, by.user)


@writes
def begin_earlier(*, by: User, practice: Practice, was: Week) -> None:
    """Move the value of week `was` to the first week."""
    row = practice.patient_values.filter(from_week=was.monday).first()
    if row is not None:
        row.from_week = practice.first_week.monday
        _save(row, row.value, by)


def _save(row: PatientValue, value: Decimal | None, by: User) -> PatientValue:
    row.value = value
    row.set_at = timezone.now()
    row.set_by = by
    row.full_clean(exclude=["practice", "set_by"])
    row._history_user = by
    row.save()
    return row
