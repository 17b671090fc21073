"""forms/start_spreadsheet.py: when a spreadsheet's numbers begin, as typed."""

from datetime import date

import pytest

from funnel.forms.start_spreadsheet import SpreadsheetForm
from tests.factories import TODAY


def form(typed=None):
    data = None if typed is None else {"began_on": typed}
    return SpreadsheetForm(data, began_on=date(2026, 11, 16), today=TODAY)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2024-01-08", date(2024, 1, 8)),
        ("2026-11-24", TODAY),
        ("2000-01-03", date(2000, 1, 3)),
        ("", None),
    ],
)
def test_takes_a_day_that_is_over_and_none(typed, day):
    taken = form(typed)
    assert taken.is_valid()
    assert taken.cleaned_data == {"began_on": day}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("soon", "Choose a day, as in 2024-01-08."),
        ("\0", "Choose a day, as in 2024-01-08."),
        ("2026-11-25", "This day is in the future."),
        ("2000-01-02", "Choose a day from 2000 on."),
    ],
)
def test_refuses_another_in_words(typed, sentence):
    refused = form(typed)
    assert not refused.is_valid()
    assert refused.errors["began_on"] == [sentence]


def test_proposes_the_practices_first_day():
    assert 'value="2026-11-16"' in str(form())
