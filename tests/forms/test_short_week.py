"""forms/short_week.py: on how many days, and why, as typed."""

import pytest

from funnel.forms.short_week import NO_DAYS, ShortWeekForm

LONG = "A reason has at most 200 characters."


def test_takes_days_and_a_reason():
    form = ShortWeekForm({"days_open": "0", "reason": " Closed for works "})
    assert form.is_valid()
    assert form.cleaned_data == {"days_open": 0, "reason": "Closed for works"}


@pytest.mark.parametrize("typed", ["", "7", "-1", "3.5", "many", "٣"])
def test_refuses_what_is_no_number_of_open_days(typed):
    form = ShortWeekForm({"days_open": typed, "reason": "Holiday"})
    assert form.errors == {"days_open": [NO_DAYS]}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("  ", "Enter the reason why the week is short."),
        ("x" * 201, LONG),
        ("a\0", "Write it again without special characters."),
    ],
)
def test_refuses_what_is_no_reason(typed, sentence):
    form = ShortWeekForm({"days_open": "3", "reason": typed})
    assert form.errors == {"reason": [sentence]}
