"""forms/mails.py: what a person may say of their mails."""

import pytest

from funnel.forms.mails import RemindersForm


@pytest.mark.parametrize("wish", ["both", "last", "none"])
def test_a_wish_is_read(wish):
    form = RemindersForm({"reminders": wish})
    assert form.is_valid()
    assert form.cleaned_data == {"reminders": wish}


@pytest.mark.parametrize("wish", ["", "some", "BOTH", "both\0"])
def test_anything_else_is_asked_again(wish):
    form = RemindersForm({"reminders": wish})
    assert form.errors["reminders"] == ["Choose two reminders, the last one only, or none."]
