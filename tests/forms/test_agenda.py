"""forms/agenda.py: the minutes that are planned."""

import pytest

from funnel.forms.agenda import REFUSED, AgendaForm

TYPED = {"numbers": "8", "ahead": "2", "issues": "5"}


@pytest.mark.parametrize(("typed", "minutes"), [("1", 1), (" 12 ", 12), ("120", 120)])
def test_takes_whole_minutes(typed, minutes):
    form = AgendaForm(TYPED | {"ahead": typed})
    assert form.is_valid()
    assert form.cleaned_data == {"numbers": 8, "ahead": minutes, "issues": 5}


@pytest.mark.parametrize(
    "typed", ["", "0", "121", "-1", "2.5", "two", "1\0", "9" * 5000], ids=lambda typed: typed[:5]
)
@pytest.mark.parametrize("name", TYPED)
def test_refuses_the_rest_with_one_sentence(name, typed):
    form = AgendaForm(TYPED | {name: typed})
    assert form.errors == {name: [REFUSED]}


def test_each_part_is_asked_for():
    assert AgendaForm({}).errors == {name: [REFUSED] for name in TYPED}
