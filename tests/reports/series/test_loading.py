"""reports/series/loading.py: two statements that read the rows of the practices asked for, and no
others."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from funnel.actions import baselines, meetings, patient_values, short_weeks
from funnel.domain.weeks import Week
from funnel.models import KPI
from funnel.reports.series import loading
from funnel.reports.series.loading import EVERYTHING, FOR_GROUPS, Ask, load_one, load_series
from tests.factories import (
    BEGAN,
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_ownership,
    make_practice,
    make_staff,
    make_target,
    root_seat,
)
from tests.kept import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


def furnish(slug):
    """A practice with a row for each branch of the statements."""
    practice = make_practice(slug, began_on=date(2020, 1, 6))
    seat = root_seat(practice)
    leads = practice.kpis.get(slug="leads")
    make_ownership(leads, make_staff(practice, "Tom", "Marketing"))
    make_numbers(leads, (20, 22) * 150, WEEK.previous)
    make_entry(leads, 21, note="Radio")
    make_target(leads, 100)
    patient_values.set_from(by=seat, from_week=WEEK.plus(-3), value=Decimal(900), today=TODAY)
    baselines.begin(by=seat, kpi=leads, from_week=WEEK.plus(-280), reason="Moved", today=TODAY)
    short_weeks.mark(by=seat, week=WEEK, days_open=3, reason="Holiday", today=TODAY)
    meetings.close(by=seat, week=WEEK, today=TODAY, seen=dict)
    meetings.reopen(by=seat, week=WEEK, reason="Typo")
    make_entry(leads, 23, version=1, note="Radio")
    meetings.close(by=seat, week=WEEK, today=TODAY, seen=dict)
    return practice


@kept
def lumina():
    return furnish("lumina")


@pytest.fixture
def rows(monkeypatch):
    """The rows of the second statement, as they are read."""
    found = []
    read = loading._Numbers.read

    def spy(self, rows):
        found.extend(rows)
        read(self, rows)

    monkeypatch.setattr(loading._Numbers, "read", spy)
    return found


def keys_of(practice):
    """What a row of the practice may be filed under, by what the row is."""
    kpis = set(practice.kpis.values_list("pk", flat=True))
    of_practice = {loading.PATIENT, loading.SHORT, loading.CLOSED}
    return {what: {practice.pk} if what in of_practice else kpis for what in range(10)}


def foreign(rows, practice):
    own = keys_of(practice)
    return [row for row in rows if row[1] not in own[row[0]]]


def load(practice, **how):
    return load_one(Ask(practice, WEEK, WEEK, TODAY), with_notes=True, **how)


def test_every_branch_has_a_row_and_none_is_of_the_practice_before_or_after(rows):
    practices = [furnish(slug) for slug in ("harbor", "lumina", "marina")]
    load(practices[1], slug="leads")
    load(practices[1])
    assert {row[0] for row in rows} == set(range(10))
    assert foreign(rows, practices[1]) == []


BRANCHES = ("VALUES", "EARLIER", "HELD", "NOTES", "EARLIEST")
FILTER = re.compile(r"([\w.]+) IN \(\{(?:practices|kpis)\}\)")


def mutants():
    """Each filter of each branch once, letting every row through."""
    for name in BRANCHES:
        text = getattr(loading, name)
        for found in FILTER.finditer(text):
            wrong = f"({found[0]} OR {found[1]} >= 0)"
            yield name, text[: found.start()] + wrong + text[found.end() :]


@kept
def harbor():
    """With a neighbour."""
    practice = furnish("harbor")
    furnish("lumina")
    return practice


@pytest.mark.parametrize(("name", "text"), list(mutants()))
def test_a_branch_that_reads_its_neighbours_rows_is_found(name, text, harbor, rows, monkeypatch):
    monkeypatch.setattr(loading, name, text)
    load(harbor, slug="leads")
    load(harbor)
    assert foreign(rows, harbor)


def test_the_kpis_of_another_practice_are_not_loaded(lumina):
    make_kpi(make_practice("harbor"), "Lasers")
    series = load(lumina)
    assert [kpi.slug for kpi in series.lineup(WEEK)] == [
        "leads",
        "appointments",
        "patients-acquired",
    ]
    assert series.others == []


def test_two_statements_for_one_practice_and_for_many(lumina, django_assert_num_queries):
    others = [make_practice(f"p{n}") for n in range(4)]
    with django_assert_num_queries(2):
        load(lumina)
    asks = [Ask(practice, WEEK, WEEK, TODAY) for practice in (lumina, *others)]
    with django_assert_num_queries(2):
        load_series(asks, reach=FOR_GROUPS)


def test_each_practice_has_its_own_numbers_weeks_and_today(lumina):
    harbor = make_practice("harbor")
    make_entry(harbor.kpis.get(slug="leads"), 7, WEEK.next)
    first, second = load_series(
        [Ask(lumina, WEEK, WEEK, TODAY), Ask(harbor, WEEK.next, WEEK.next, TODAY)]
    )
    leads = first.lineup(WEEK)[0].id
    assert first.value(leads, WEEK) == 23
    assert second.value(second.lineup(WEEK.next)[0].id, WEEK.next) == 7
    assert second.value(leads, WEEK) is None
    assert (first.short.keys(), second.short.keys()) == ({WEEK}, set())


def test_a_baseline_from_before_the_usual_reach_brings_its_numbers(lumina):
    series = load(lumina)
    leads = series.lineup(WEEK)[0]
    assert series.first == WEEK.plus(-300)
    assert series.baseline_start(leads.id, WEEK) == WEEK.plus(-280)
    (reading,) = series.readings(leads, (WEEK.previous,))
    assert reading.is_on_baseline
    assert reading.limits.count == 20


def test_a_moving_total_of_the_first_week_shown_is_known():
    lumina = make_practice("lumina")
    leads = lumina.kpis.get(slug="leads")
    make_numbers(leads, (20, 22) * 10, WEEK)
    make_kpi(lumina, "Sum", calculation=KPI.Calculation.TOTAL, source=leads, window=4)
    ask = Ask(lumina, WEEK.plus(-8), WEEK, TODAY)
    series = load_one(ask, reach=loading.NOTHING_BEFORE)
    total = next(kpi for kpi in (*series.lineup(WEEK), *series.others) if kpi.slug == "sum")
    assert series.value(total.id, WEEK.plus(-8)) == 84


def test_the_numbers_of_one_kpi_alone_with_its_first_week(lumina):
    make_entry(lumina.kpis.get(slug="appointments"), 5, WEEK.next)
    series = load(lumina, slug="leads", reach=EVERYTHING)
    leads = series.lineup(WEEK)[0]
    assert series.first == series.earliest[leads.id] == WEEK.plus(-300)
    assert set(series.columns) == {leads.id}


def test_a_week_and_a_number_beyond_all_others_are_read_as_they_are():
    lumina = make_practice("lumina")
    spend = make_kpi(lumina, "Spend", unit=KPI.Unit.MONEY)
    make_entry(spend, Decimal("999999999.00"), Week.of(BEGAN))
    make_entry(spend, Decimal("0.01"), Week.of(BEGAN).next)
    series = load(lumina, slug="spend", reach=EVERYTHING)
    assert series.column(spend.pk, Week.range(Week.of(BEGAN), Week.of(BEGAN).next)) == (
        Decimal("999999999.00"),
        Decimal("0.01"),
    )


def test_an_ownership_that_ended_before_the_review_is_not_the_owners(lumina):
    leads = lumina.kpis.get(slug="leads")
    eve = make_staff(lumina, "Eve", "Marketing")
    make_ownership(leads, eve, TODAY + timedelta(days=1))
    series = load(lumina)
    assert series.owner(series.lineup(WEEK)[0], series.review_day(WEEK)).name == "Tom"
