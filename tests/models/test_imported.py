"""models/imported.py: which files are shown, and what is stored of one."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from funnel.domain.import_plan import ImportOutcome
from funnel.models import Import
from tests.cast import make_cast
from tests.factories import make_import, make_practice, make_superuser

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


def make(practice, root, name, days=0, **done):
    made = {"made_at": NOW - timedelta(days=days), "made_by": root}
    return Import.objects.create(practice=practice, file_name=name, **made, **done)


def test_what_was_written_stays_and_a_draft_goes_with_time():
    practice, root = make_practice(), make_superuser()
    done = {"done_at": NOW, "done_by": root}
    make(practice, root, "old draft", 2)
    make(practice, root, "old", 2, **done)
    make(practice, root, "undone", 1, **done, undone_at=NOW, undone_by=root)
    make(practice, root, "draft")
    in_force = Import.objects.in_force(NOW - timedelta(days=1))
    assert [row.file_name for row in in_force] == ["draft", "undone", "old"]
    assert {row.file_name for row in Import.objects.drafts()} == {"old draft", "draft"}
    assert {row.file_name for row in Import.objects.done()} == {"old", "undone"}
    assert [(row.is_draft, row.is_undone) for row in in_force] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_a_draft_gives_back_its_cells_and_its_plan():
    with time_machine.travel(NOW, tick=False):
        made = make_import(make_cast().manager, ["Week", "Leads"], ["2026-W47", 5])
    stored = Import.objects.get(pk=made.pk)
    assert stored.grids() == {"the file": [["Week", "Leads"], ["2026-W47", 5]]}
    assert [(line.slug, line.value, line.kind) for line in stored.planned()] == [
        ("leads", "5", ImportOutcome.NEW)
    ]
    assert (stored.written, stored.stopped, str(stored)) == (1, 0, "numbers.csv")


def test_one_without_cells_and_lines_gives_back_none():
    stored = make(make_practice(), make_superuser(), "x")
    assert stored.grids() == {}
    assert stored.planned() == ()
