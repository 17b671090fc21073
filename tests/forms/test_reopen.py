"""funnel/forms/reopen.py: a reason, and the error without one."""

import pytest

from funnel.forms.reopen import ReopenForm


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "Enter a reason for reopening the week."),
        ("  ", "Enter a reason for reopening the week."),
        ("x" * 201, "A reason has at most 200 characters."),
        ("a\0b", "Write it again without special characters."),
    ],
)
def test_needs_a_reason(reason, said):
    form = ReopenForm({"reason": reason})
    assert form.errors == {"reason": [said]}


def test_takes_a_reason_without_its_blanks():
    form = ReopenForm({"reason": " Two were counted twice. "})
    assert form.is_valid()
    assert form.cleaned_data == {"reason": "Two were counted twice."}
