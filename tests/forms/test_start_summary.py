"""forms/start_summary.py: who is to be invited once more."""

import pytest

from funnel.forms.start_summary import InviteForm
from funnel.models import Staff

TOM, MAYA = Staff(pk=7, name="Tom"), Staff(pk=8, name="Maya")


@pytest.mark.parametrize(
    ("typed", "chosen"), [([], []), (["8"], [MAYA]), (["7", "8", "7"], [TOM, MAYA, TOM])]
)
def test_takes_those_who_were_invited_and_nobody(typed, chosen):
    form = InviteForm({"again": typed}, invited=[TOM, MAYA])
    assert form.is_valid()
    assert form.chosen == chosen


@pytest.mark.parametrize("typed", ["9", "no number", str(2**63), "\0"])
def test_refuses_anyone_else_in_words(typed):
    form = InviteForm({"again": [typed]}, invited=[TOM, MAYA])
    assert not form.is_valid()
    assert form.errors["again"] == ["Choose people of this practice."]
