"""What the admin, its log and error pages call a row."""

from datetime import date

import pytest

from funnel.models import (
    AddressChange,
    Lineup,
    Meeting,
    PatientValue,
    Place,
    PracticeVersion,
    Reminder,
    ShortWeek,
    Snapshot,
)
from tests.cast import make_cast

MONDAY = date(2026, 11, 16)


@pytest.mark.django_db
def test_a_row_is_called_by_what_it_is_about():
    cast = make_cast()
    of_it = {"practice": cast.practice}
    lineup = Lineup(**of_it, from_week=MONDAY)
    value = PatientValue(**of_it, from_week=MONDAY, value=3200)
    change = AddressChange(old_email="a@one.example", new_email="a@two.example")
    called = [
        (change, "a@one.example to a@two.example"),
        (lineup, "Lumina Aesthetics from 2026-W47"),
        (Place(lineup=lineup, kpi=cast.leads, position=1), "1. Leads"),
        (value, "Lumina Aesthetics: 3200 from 2026-W47"),
        (PracticeVersion(**of_it, number=7), "version 7"),
        (Reminder(staff=cast.owner, week=MONDAY, kind="first"), "Maya 2026-W47 first"),
        (ShortWeek(**of_it, week=MONDAY), "Lumina Aesthetics 2026-W47 is short"),
        (
            Snapshot(meeting=Meeting(**of_it, week=MONDAY)),
            "The board of Lumina Aesthetics 2026-W47",
        ),
    ]
    for row, name in called:
        assert str(row) == name
