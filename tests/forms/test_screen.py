"""forms/screen.py"""

from datetime import date

import pytest

from funnel.forms.screen import ScreenForm
from tests.factories import TODAY

TYPED = {"name": "Meeting room", "expires_on": "2026-12-31", "once": "k"}


def form(**changes):
    return ScreenForm({**TYPED, **changes}, today=TODAY)


def test_reads_what_was_typed():
    filled = form()
    assert filled.is_valid()
    assert filled.cleaned_data == {
        "name": "Meeting room",
        "expires_on": date(2026, 12, 31),
        "shows_names": False,
        "once": "k",
    }


def test_names_are_shown_only_where_that_was_ticked():
    filled = form(shows_names="on")
    assert filled.is_valid()
    assert filled.cleaned_data["shows_names"] is True


def test_offers_ninety_days_and_another_word_each_time():
    one, other = ScreenForm(today=TODAY), ScreenForm(today=TODAY)
    assert one["expires_on"].value() == date(2027, 2, 22)
    assert len(one["once"].value()) == 22
    assert one["once"].value() != other["once"].value()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "Say where it hangs, as in “Meeting room”."),
        ("name", "  ", "Say where it hangs, as in “Meeting room”."),
        ("name", "x" * 61, "Use at most 60 characters."),
        ("name", "a\0b", "Write it again without special characters."),
        ("expires_on", "", "Choose the last day it works."),
        ("expires_on", "31.12.2026", "Choose a day, as in 2026-12-31."),
        ("expires_on", "2026-02-30", "Choose a day, as in 2026-12-31."),
        ("once", "", "The form came incomplete. Open this page again."),
        ("once", "x" * 61, "The form came incomplete. Open this page again."),
        ("once", "a\0b", "The form came incomplete. Open this page again."),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(field, typed, sentence):
    filled = form(**{field: typed})
    assert not filled.is_valid()
    assert filled.errors == {field: [sentence]}
    assert filled[field].value() == typed
