"""The first number comes in while the calculation that it completes is changed."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from funnel.actions import entries, kpis
from funnel.models import KPI, WeeklyEntry
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_kpi, seat_for, stand_for
from tests.races.rendezvous import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def ratio(cast):
    """Leads per appointment; only appointments have a number."""
    make_entry(cast.appointments, 30)
    return make_kpi(
        cast.practice,
        "Leads per appointment",
        unit="decimal",
        calculation="ratio",
        source=cast.leads,
        divisor=cast.appointments,
    )


def change_while(cast, ratio, monkeypatch, number_comes_in):
    """It becomes patients per appointment: leads are no part of it any more, and not locked."""
    real = kpis._save

    def save(kpi, by):
        assert not [error for error in at_once(number_comes_in) if isinstance(error, Exception)]
        return real(kpi, by)

    monkeypatch.setattr(kpis, "_save", save)
    ratio.source = cast.patients
    return at_once(lambda: kpis.save(by=seat_for(cast.admin), kpi=ratio, today=TODAY))


def source(ratio):
    return KPI.objects.get(pk=ratio.pk).source


def test_the_change_is_refused_in_words_once_there_are_numbers(cast, ratio, monkeypatch):
    tom = stand_for(cast.marketer, "leads")
    (refused,) = change_while(
        cast, ratio, monkeypatch, lambda: entries.record(by=tom, week=WEEK, value=Decimal(90))
    )
    assert isinstance(refused, ValidationError)
    assert refused.message_dict == {"calculation": [ratio.fixed_sentence]}
    assert source(ratio) == cast.leads
    assert WeeklyEntry.objects.filter(kpi=cast.leads).exists()


def test_without_the_number_it_is_made(cast, ratio, monkeypatch):
    change_while(cast, ratio, monkeypatch, lambda: None)
    assert source(ratio) == cast.patients
