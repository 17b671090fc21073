"""What was taken out comes in again as the same numbers, of whatever format and form."""

from decimal import Decimal

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from funnel.domain.weeks import Week
from funnel.models import Import, WeeklyEntry
from tests.cast import make_cast
from tests.factories import WEEK, make_entry, make_kpi

pytestmark = pytest.mark.django_db

NOTES = ("", "=SUM(A1:A9)", "'quoted", 'two\nlines, and "more"', "+1 phone; é 😀")


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


def named(kpi, name):
    kpi.name = name
    kpi.save()
    return kpi


@pytest.fixture
def cast():
    """Numbers of every unit, with notes that spreadsheets would calculate or break."""
    made = make_cast()
    spend = named(make_kpi(made.practice, "Spend", unit="money"), "Spend, all of it")
    rating = named(make_kpi(made.practice, "Rating", unit="decimal"), "=Rating")
    share = make_kpi(made.practice, "No-shows", unit="percent")
    for number, (week, note) in enumerate(zip(WEEK.next.back(5), NOTES, strict=True)):
        make_entry(made.leads, 1000 + number, week, note=note)
        make_entry(made.appointments, 0, week)
        make_entry(spend, Decimal("1234.5") + number, week, note=note)
        make_entry(rating, Decimal("4.25"), week)
        if number != 2:
            make_entry(share, Decimal("12.5"), week)
    return made


def take(client, what, fmt):
    response = client.get(reverse("export-file", args=["lumina", what, fmt]))
    return SimpleUploadedFile(f"{what}.{fmt}", b"".join(response.streaming_content))


def bring(client, file):
    response = client.post(reverse("import", args=["lumina"]), {"file": file})
    assert response.status_code == 302, response.content.decode()
    return Import.objects.drafts().get(), response.url


def numbers(*, notes):
    rows = WeeklyEntry.objects.order_by("kpi__slug", "week")
    columns = ("kpi__slug", "week", "value", *(["note"] if notes else []))
    return list(rows.values_list(*columns))


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["entries", "entries-wide"])
def test_the_same_numbers_come_in_again(client, cast, what, fmt):
    client.force_login(cast.manager.user)
    notes = what == "entries"
    before = numbers(notes=notes)
    assert len(before) == 24
    file = take(client, what, fmt)
    draft, _ = bring(client, file)
    assert draft.questions == {}
    assert (draft.unchanged, draft.written, draft.stopped) == (24, 0, 0)
    WeeklyEntry.objects.all().delete()
    file.seek(0)
    draft, address = bring(client, file)
    assert (draft.new, draft.stopped) == (24, 0)
    client.post(address, {"do": "import", "reason": "From the other site."})
    assert numbers(notes=notes) == before
    assert Week(WeeklyEntry.objects.earliest("week").week) == WEEK.plus(-4)
