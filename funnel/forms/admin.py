"""Forms of the admin whose row is of one practice, and whose saving is an action."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction

from funnel.domain.weeks import Week
from funnel.models import Practice


class OfPracticeForm(forms.ModelForm):
    """A row of `practice`, which is no field of the form; today there is `today`. `act` saves what
    the form says and returns the row. The admin sets the three."""

    practice: Practice
    today: date
    act: Callable[[], models.Model]
    # Fields of the row that only the action fills.
    not_yet: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.instance.practice = self.practice

    def _get_validation_exclusions(self) -> set[str]:
        # A field that is not in the form would take every constraint it stands in with it.
        left_out: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return {name for name in left_out if name in self.errors or name in self.not_yet}


class Rehearsed(forms.ModelForm):
    """Validating it performs the action `act` and takes it back, so that whatever the action
    refuses is shown beside its field before anything is saved."""

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
    """A row of a practice whose action is rehearsed."""


def day_field(**kwargs: Any) -> forms.DateField:
    """A day, picked with the browser's own calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, **kwargs)


class WeekField(forms.DateField):
    """The week of any day; None when left empty."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        try:
            return None if day is None else Week.of(day)
        except (ValueError, OverflowError) as refusal:
            raise ValidationError("Choose a day of this century.") from refusal
