"""What was taken out comes back by an import as it was."""

from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from funnel.models import KPI, Import, KPIGroup, WeeklyEntry
from tests.cast import make_cast
from tests.factories import WEEK, make_entry, make_kpi, make_numbers
from tests.kept import kept

pytestmark = pytest.mark.django_db

# A name and notes that a spreadsheet would calculate, or that have apostrophes and lines.
PRICE = "+Price, paid"
NOTES = (
    "One\r\ntwo",
    "=1+1",
    "'=quoted",
    'Two lines,\n“quoted”; and "more"',
    "+44 20 7946 0000",
    "-",
)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@kept
def cast():
    """Numbers of thirty weeks, some missing, a 0 and decimals; Harbor has the same KPIs."""
    cast = make_cast()
    for practice in (cast.practice, cast.stranger.practice):
        group = KPIGroup.objects.create(practice=practice, name="Money")
        make_kpi(practice, "Price", unit="money", group=group)
        make_kpi(practice, "No-shows", unit="percent")
        make_kpi(practice, "Rating", unit="decimal")
    KPI.objects.filter(slug="price").update(name=PRICE)
    make_numbers(cast.leads, [100 + n for n in range(30)], WEEK.previous)
    make_numbers(cast.patients, [n if n % 3 else None for n in range(30)], WEEK.previous)
    make_entry(cast.appointments, 0)
    make_entry(cast.practice.kpis.get(slug="no-shows"), Decimal("12.5"))
    make_entry(cast.practice.kpis.get(slug="rating"), Decimal("4.25"))
    price = cast.practice.kpis.get(slug="price")
    for number, note in enumerate(NOTES):
        make_entry(price, Decimal("1234.5") + number, WEEK.plus(-number), note=note)
    return cast


def take(client, person, what, fmt):
    """The file's bytes."""
    client.force_login(person.user)
    response = client.get(reverse("export-file", args=["lumina", what, fmt]))
    return b"".join(response.streaming_content)


def bring(client, person, content, name):
    """Import that file into the person's practice, without questions."""
    client.force_login(person.user)
    file = SimpleUploadedFile(name, content)
    client.post(reverse("import", args=[person.practice.slug]), {"file": file})
    draft = Import.objects.get()
    assert draft.questions == {}
    return draft


def numbers_of(practice, *, with_notes):
    """What is in, with the notes, in which a workbook may end lines otherwise than a browser."""
    rows = WeeklyEntry.objects.filter(practice=practice).order_by("week", "kpi__slug")
    return [
        (row.week, row.kpi.slug, row.value, row.note.replace("\r\n", "\n") if with_notes else "")
        for row in rows.select_related("kpi")
    ]


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
@pytest.mark.parametrize(("what", "with_notes"), [("entries", True), ("entries-wide", False)])
def test_another_practice_takes_the_same_numbers(client, cast, what, with_notes, fmt):
    content = take(client, cast.manager, what, fmt)
    draft = bring(client, cast.stranger, content, f"numbers.{fmt}")
    page = reverse("import-file", args=["harbor", draft.pk])
    client.post(page, {"do": "import", "reason": "From Lumina."})
    numbers = numbers_of(cast.practice, with_notes=with_notes)
    assert len(numbers) == 59
    assert numbers_of(cast.stranger.practice, with_notes=with_notes) == numbers


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["entries", "entries-wide"])
def test_the_practice_itself_has_nothing_to_change(client, cast, what, fmt):
    content = take(client, cast.manager, what, fmt)
    draft = bring(client, cast.manager, content, f"numbers.{fmt}")
    assert (draft.new, draft.changed, draft.unchanged, draft.stopped) == (0, 0, 59, 0)
