from datetime import date

from django.core.exceptions import ValidationError


def validate_monday(day: date) -> None:
    """Raises ValidationError for other days than Mondays."""
    if day.weekday() != 0:
        raise ValidationError(
            "%(day)s is not a Monday. A week starts on Monday.", params={"day": day}
        )
