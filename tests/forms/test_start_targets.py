"""forms/start_targets.py: what is aimed at, as typed."""

from decimal import Decimal

import pytest

from funnel.forms.start_targets import TargetsForm
from funnel.models import KPI


def form(data=None):
    leads, appointments = KPI(slug="leads", name="Leads"), KPI(slug="appointments", name="Booked")
    leads.pk, appointments.pk = 1, 2
    return TargetsForm(data, targets={leads: Decimal("100.00"), appointments: None}, currency="USD")


def test_shows_what_is_in_force():
    shown = form()
    assert [field.label for field in shown] == ["Leads", "Booked"]
    assert 'value="100"' in str(shown["leads"])
    assert "value" not in str(shown["appointments"])


def test_takes_numbers_and_nothing():
    typed = form({"leads": "1,200", "appointments": " "})
    assert typed.is_valid()
    assert typed.cleaned_data == {"leads": Decimal(1200), "appointments": None}


@pytest.mark.parametrize("typed", ["4.5", "-1", "many", "1_0", "٣", "\0", "9" * 40])
def test_refuses_what_is_no_number_of_its_kind(typed):
    refused = form({"leads": typed})
    assert not refused.is_valid()
    assert refused.errors["leads"]
    assert refused["leads"].value() == typed
