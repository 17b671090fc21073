"""forms/mails.py: what a person may say of their mails."""

import pytest

from funnel.forms.mails import CalendarForm, RemindersForm


@pytest.mark.parametrize("wish", ["both", "last", "none"])
def test_a_wish_is_read(wish):
    form = RemindersForm({"reminders": wish})
    assert form.is_valid()
    assert form.cleaned_data == {"reminders": wish}


@pytest.mark.parametrize("wish", ["", "some", "BOTH", "both\0"])
def test_anything_else_is_asked_again(wish):
    form = RemindersForm({"reminders": wish})
    assert form.errors["reminders"] == ["Choose two reminders, the last one only, or none."]


def test_every_form_for_a_calendar_is_another():
    words = {CalendarForm().initial["once"] for _ in range(3)}
    assert len(words) == 3
    assert all(CalendarForm({"once": word}).is_valid() for word in words)


@pytest.mark.parametrize("data", [{}, {"once": ""}, {"once": "x" * 61}, {"once": "a\0b"}])
def test_one_that_came_incomplete_is_refused(data):
    assert not CalendarForm(data).is_valid()
