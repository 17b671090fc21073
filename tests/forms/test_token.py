"""forms/token.py"""

from datetime import date

import pytest

from funnel.forms.token import TokenForm
from tests.factories import TODAY

TYPED = {"name": "Monday's report", "expires_on": "2026-12-31", "once": "k"}


def form(*, may_enter=True, **changes):
    return TokenForm({**TYPED, **changes}, today=TODAY, may_enter=may_enter)


def test_reads_what_was_typed():
    filled = form()
    assert filled.is_valid()
    assert filled.cleaned_data == {
        "name": "Monday's report",
        "expires_on": date(2026, 12, 31),
        "may_write": False,
        "once": "k",
    }


def test_writes_only_where_that_was_ticked_and_may_be():
    ticked = form(may_write="on")
    assert ticked.is_valid()
    assert ticked.cleaned_data["may_write"] is True
    viewers = form(may_enter=False, may_write="on")
    assert viewers.is_valid()
    assert "may_write" not in viewers.cleaned_data


def test_offers_ninety_days_and_another_word_each_time():
    one, other = (TokenForm(today=TODAY, may_enter=True) for _ in range(2))
    assert one["expires_on"].value() == date(2027, 2, 22)
    assert len(one["once"].value()) == 22
    assert one["once"].value() != other["once"].value()


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", " ", "Say what uses it, as in “Monday's report”."),
        ("name", "x" * 61, "Use at most 60 characters."),
        ("name", "a\0b", "Write it again without special characters."),
        ("expires_on", "", "Choose the last day it works."),
        ("expires_on", "31.12.2026", "Choose a day, as in 2026-12-31."),
        ("once", "", "The form came incomplete. Open this page again."),
        ("once", "x" * 61, "The form came incomplete. Open this page again."),
    ],
)
def test_refuses_in_a_sentence(field, typed, sentence):
    assert form(**{field: typed}).errors == {field: [sentence]}
