"""forms/note.py: a note and the version of it that was shown."""

import pytest

from funnel.forms.entry import UNKNOWN_VERSION
from funnel.forms.note import NoteForm


def test_takes_a_note_and_nothing_at_all():
    form = NoteForm({"text": " Phones\nwere down. ", "version": "3"})
    assert form.is_valid()
    assert form.cleaned_data == {"text": "Phones\nwere down.", "version": 3}
    assert NoteForm({"text": "x" * 2000}).is_valid()
    assert NoteForm({}).is_valid()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("x" * 2001, "A note has at most 2,000 characters."),
        ("Phones\0", "Write it again without special characters."),
    ],
)
def test_refuses_what_cannot_stand_with_its_sentence(typed, sentence):
    assert NoteForm({"text": typed}).errors == {"text": [sentence]}


@pytest.mark.parametrize(
    ("typed", "version"),
    [
        ("0", None),
        ("000", None),
        ("7", 7),
        ("", UNKNOWN_VERSION),
        ("x", UNKNOWN_VERSION),
        ("-1", UNKNOWN_VERSION),
        ("٧", UNKNOWN_VERSION),
        ("1" * 10, UNKNOWN_VERSION),
    ],
)
def test_a_version_is_none_where_nothing_was_shown_and_nobodys_where_it_was_lost(typed, version):
    form = NoteForm({"text": "", "version": typed})
    assert form.is_valid()
    assert form.cleaned_data["version"] == version
