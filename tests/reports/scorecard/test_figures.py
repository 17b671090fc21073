"""reports/scorecard_figures.py: what a scorecard is told by, and what it lets one do."""

import pytest

from funnel.domain.variation import Rule
from funnel.models import Baseline, Meeting
from funnel.reports.board.board import build_board
from funnel.reports.scorecard.scorecard import RateRow, build_scorecard
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_ownership,
    make_staff,
    make_superuser,
    seat_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def card_of(cast, who="viewer", today=TODAY, **how):
    return build_scorecard(seat_for(getattr(cast, who)), today=today, **how)


def row_of(card, slug):
    rows = (row for section in card.sections for row in section.rows)
    return next(r for r in rows if not isinstance(r, RateRow) and r.head.slug == slug)


def close(practice, week=WEEK):
    """As a manager left it after the meeting."""
    Meeting.objects.update_or_create(
        practice=practice,
        week=week.monday,
        defaults={"closed_at": f"{TODAY}T15:00Z", "closed_by": make_superuser()},
    )


# Signals


def test_signals_are_those_the_board_of_each_week_tells(cast):
    make_numbers(cast.leads, [*[10, 12, 11, 9] * 5, *[30] * 9])
    row = row_of(card_of(cast), "leads")
    assert row.cells[-2].signals == (Rule.OUTSIDE, Rule.LEANING, Rule.SHIFTED)
    for week, cell in zip(card_of(cast).weeks[-6:-1], row.cells[-6:-1], strict=True):
        board = build_board(cast.practice, week, today=TODAY)
        assert board.stages[0].signals == cell.signals


def test_signals_of_a_stored_baseline_need_no_older_numbers(cast):
    make_numbers(cast.leads, [10] * 7 + [40] * 13)
    Baseline.objects.create(kpi=cast.leads, frozen_week=WEEK.monday, mean=10, mean_range=2)
    row = row_of(card_of(cast), "leads")
    assert all(Rule.OUTSIDE in cell.signals for cell in row.cells[:-1])
    assert Rule.SHIFTED not in row.cells[6].signals
    assert Rule.SHIFTED in row.cells[7].signals


def test_a_calculated_number_has_signals_told_from_all_its_numbers(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money")
    make_kpi(
        cast.practice, "Cost", unit="money", calculation="ratio", source=spend, divisor=cast.leads
    )
    make_numbers(cast.leads, [10] * 30)
    make_numbers(spend, [*[100, 120, 110, 90] * 7, 100, 900])
    row = row_of(card_of(cast), "cost")
    assert row.cells[-2].signals == (Rule.OUTSIDE,)
    assert all(cell.signals == () for cell in row.cells[:-2])


# Who may enter


@pytest.mark.parametrize(
    ("who", "entered"),
    [
        ("viewer", set()),
        ("member", set()),
        ("owner", {"appointments"}),
        ("stand_in", {"appointments"}),
        ("marketer", {"leads"}),
        ("manager", {"leads", "appointments", "patients-acquired"}),
        ("admin", {"leads", "appointments", "patients-acquired"}),
    ],
)
def test_cells_lead_to_the_entry_form_where_the_reader_may_write(cast, who, entered):
    make_kpi(cast.practice, "Total", calculation="total", source=cast.leads, window=4)
    card = card_of(cast, who)
    rows = [r for s in card.sections for r in s.rows if not isinstance(r, RateRow)]
    assert {r.head.slug for r in rows if all(c.may_enter for c in r.cells)} == entered
    assert {r.head.slug for r in rows if any(c.may_enter for c in r.cells)} == entered


def test_whose_it_was_then_may_not_enter_it_today(cast):
    eve = make_staff(cast.practice, "Eve", "Marketing")
    make_ownership(cast.leads, eve, starts_on=TODAY)
    until = WEEK.plus(-5)
    for who, may in ((cast.marketer, False), (eve, True)):
        card = build_scorecard(seat_for(who), today=TODAY, until=until)
        assert row_of(card, "leads").head.owner == "Tom"
        assert row_of(card, "leads").cells[-1].may_enter == may


def test_a_closed_week_takes_nothing_from_anyone(cast):
    close(cast.practice)
    cells = row_of(card_of(cast, "manager"), "leads").cells
    assert [cell.may_enter for cell in cells[-3:]] == [True, False, True]


def test_nothing_of_another_practice(cast):
    other = cast.stranger.practice.kpis.get(slug="leads")
    make_entry(other, 77)
    close(other.practice)
    cell = row_of(card_of(cast, "manager"), "leads").cells[-2]
    assert cell.value is None
    assert cell.may_enter
