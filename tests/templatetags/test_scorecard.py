from decimal import Decimal

import pytest

from funnel.domain.rollup import Rollup
from funnel.domain.status import Status
from funnel.reports.scorecard.periods import build_period_scorecard
from funnel.reports.scorecard.scorecard import Head, build_scorecard
from funnel.templatetags import scorecard
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_numbers, make_target, seat_for


def head(unit="count", rollup=Rollup.SUM):
    return Head("leads", "Leads", unit, "EUR", "", None, False, False, None, (), rollup)


@pytest.mark.parametrize(
    ("given", "v", "text"),
    [
        (head(), Decimal("50.5"), "50.5"),
        (head("money"), Decimal("1000.50"), "€1,001"),
        (head("money", Rollup.POOLED), Decimal("19.81"), "€19.81"),
        (head("percent", Rollup.AVERAGE), Decimal("12.5"), "12.5%"),
        (head("decimal", Rollup.AVERAGE), Decimal("4.75"), "4.75"),
    ],
)
def test_an_average_is_as_fine_as_its_unit(given, v, text):
    assert scorecard.averaged(v, given) == text
    assert "missing" in scorecard.averaged(None, given)


def test_a_number_has_the_unit_of_its_row():
    assert scorecard.amount(Decimal("12.5"), head("money")) == "€12.50"
    assert "missing" in scorecard.amount(None, head("money"))


def test_columns_are_turned_or_not():
    assert scorecard.ordered((1, 2, 3), True) == (1, 2, 3)
    assert scorecard.ordered((1, 2, 3), False) == (3, 2, 1)


def test_the_rest_of_a_weeks_label_follows_its_short_one():
    assert WEEK.short_label + scorecard.rest_of_label(WEEK) == WEEK.label


@pytest.mark.parametrize("status", Status)
def test_a_sign_has_one_class_without_blanks(status):
    assert [scorecard.sign(other) for other in Status].count(scorecard.sign(status)) == 1
    assert " " not in scorecard.sign(status)


@pytest.mark.django_db
def test_cells_have_their_door_their_target_of_then_and_their_week():
    cast = make_cast()
    make_target(cast.leads, 90)
    make_target(cast.leads, 110, WEEK)
    make_numbers(cast.leads, [90, 90])
    make_entry(cast.appointments, 9)
    card = build_scorecard(seat_for(cast.marketer), today=TODAY)
    leads, step, _ = card.sections[0].rows[:3]
    running, now, before = scorecard.week_cells(leads, card, False)[:3]
    assert running.classes == "is-running"
    assert now.classes == "is-missed"
    assert now.door == f"/practices/lumina/enter/{WEEK}/#leads"
    assert (now.text, now.kind, now.words) == ("90", "missed", "missed")
    assert before.words == "met, target then 90"
    assert scorecard.week_cells(leads, card, True)[-2] == now
    assert scorecard.rate_cells(step, card, False)[:3] == [
        (True, True, None),
        (False, True, 0.1),
        (False, True, None),
    ]
    assert scorecard.width(card) == len(card.weeks) + 5


@pytest.mark.django_db
def test_a_period_has_its_total_its_weeks_and_last_years():
    cast = make_cast()
    october = build_period_scorecard(seat_for(cast.viewer), kind="month", today=TODAY).periods[-2]
    make_numbers(cast.leads, [20] * 4, last=october.weeks[-1])
    make_numbers(cast.leads, [16] * 5, last=october.a_year_before.weeks[-1])
    card = build_period_scorecard(seat_for(cast.viewer), kind="month", today=TODAY)
    leads, step = card.sections[0].rows[:2]
    total = scorecard.period_cells(leads, card, False)[1]
    assert total == (False, "80", f"4 of {len(october.weeks)} weeks", "80", "+25.0% a week")
    assert "missing" in scorecard.period_cells(step, card, True)[-2].text
    assert scorecard.width(card) == len(card.periods) + 2
