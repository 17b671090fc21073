from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from funnel.reports.board.board import build_board
from funnel.templatetags import lines
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry


@pytest.mark.django_db
def test_last_week_is_a_change_or_a_number_or_nothing():
    cast = make_cast()
    make_entry(cast.leads, 90)
    make_entry(cast.leads, 100, WEEK.previous)
    make_entry(cast.appointments, 40, WEEK.previous)
    leads, appointments, patients = build_board(cast.practice, WEEK, today=TODAY).stages
    assert lines.since_last_week(leads, "USD") == "10 fewer than last week (−10.0%)"
    assert lines.since_last_week(appointments, "USD") == "last week 40"
    assert lines.since_last_week(patients, "USD") == "no number last week"


@pytest.mark.django_db
def test_a_correction_names_what_the_meeting_saw():
    line = build_board(make_cast().practice, WEEK, today=TODAY).stages[0]
    assert lines.correction(replace(line, seen_value=None), "USD") == "entered after the meeting"
    spend = replace(line, unit="money", seen_value=Decimal(1200))
    assert lines.correction(spend, "EUR") == "corrected after the meeting from €1,200"


def test_a_reason_goes_on_after_a_colon():
    assert lines.uncapitalized("Fewer than 5 this week.") == "fewer than 5 this week."
    assert lines.uncapitalized("") == ""


@pytest.mark.parametrize(
    ("usual", "low", "high", "words"),
    [
        (0.42, 0.358, 0.482, "usually 36 to 48%"),
        (0.42, None, None, "usually 42.0%"),
        (None, None, None, ""),
    ],
)
def test_the_usual_rate_is_a_range_where_there_is_one(usual, low, high, words):
    judgement = SimpleNamespace(usual_rate=usual, drawn_low=low, high=high)
    assert lines.usual_rates(judgement) == words
