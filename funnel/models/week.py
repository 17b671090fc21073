from datetime import date

from django.core.exceptions import ValidationError


def validate_monday(day: date) -> None:
    """Raises ValidationError unless the day is a Monday: a week is stored as its Monday."""
    if day.weekday() != 0:
        raise ValidationError("%(day)s is no Monday. A week begins on Monday.", params={"day": day})
