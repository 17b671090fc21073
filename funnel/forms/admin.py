from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction

from funnel.domain.weeks import Week
from funnel.models import Practice


class OfPracticeForm(forms.ModelForm):
    """The admin sets `practice`, `today` and `act`, which saves and returns the row."""

    practice: Practice
    today: date
    act: Callable[[], models.Model]
    # Fields that the action fills.
    not_yet: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.instance.practice = self.practice

    def _get_validation_exclusions(self) -> set[str]:
        # Excluding a field skips the constraints that use it, so exclude only these.
        left_out: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return {name for name in left_out if name in self.errors or name in self.not_yet}


class Rehearsed(forms.ModelForm):
    """Validation runs `act` and rolls it back, to show errors beside fields."""

    act: Callable[[], models.Model]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.act()
                transaction.set_rollback(True)
        except ValidationError as refusal:
            for field, errors in refusal.update_error_dict({}).items():
                self.add_error(field if field in self.fields else None, errors)

    def _save_m2m(self) -> None:
        """The action has saved them."""


class RehearsedForm(Rehearsed, OfPracticeForm):
    pass


def day_field(**kwargs: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, **kwargs)


class WeekField(forms.DateField):
    """Any day selects its week."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        try:
            return None if day is None else Week.of(day)
        except (ValueError, OverflowError) as refusal:
            raise ValidationError("Choose a day of this century.") from refusal
