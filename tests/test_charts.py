import json

import pytest

from funnel import charts
from funnel.reports.board import build_board
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_target

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def charts_of(cast):
    return charts.of_board(build_board(cast.practice, WEEK, today=TODAY))


def test_a_board_without_numbers_draws_nothing(cast):
    assert charts_of(cast)["funnel"] is None
    assert charts_of(cast)["trend"] is None
    assert charts_of(cast)["gap"] is None


def test_the_funnel_says_its_finding_and_leaves_a_missing_stage_open(cast):
    make_entry(cast.leads, 90)
    make_entry(cast.appointments, 27)
    funnel = charts_of(cast)["funnel"]
    assert funnel["label"] == (
        "Leads 90, Appointments 27 (30.0% of leads), Patients acquired missing."
    )
    assert funnel["stages"][1] == {
        "name": "Appointments",
        "value": 27.0,
        "text": "27",
        "step": "30.0% of leads",
    }
    assert funnel["stages"][2]["value"] is None


def test_the_trend_keeps_gaps_and_targets(cast):
    make_target(cast.leads, 100, WEEK)
    make_entry(cast.leads, 90)
    trend = charts_of(cast)["trend"]
    leads = trend["series"][0]
    assert leads["values"][-3:] == [None, 90.0, None]
    assert leads["targets"][-3:] == [None, 100.0, 100.0]
    assert trend["weeks"][-2:] == ["Nov 16", "Nov 23"]
    assert trend["running"] == 13
    assert trend["label"] == (
        "Leads 90, Appointments missing, Patients acquired missing in the last of 13 weeks."
    )


def test_the_gaps_range_takes_in_losses_gains_and_zero(cast):
    for kpi, target, value in (
        (cast.leads, 100, 90),
        (cast.appointments, 40, 27),
        (cast.patients, 20, 15),
    ):
        make_target(kpi, target)
        make_entry(kpi, value)
    assert charts_of(cast)["gap"] == {"low": -1.5, "span": 6.0}


def test_no_decimal_reaches_the_script(cast):
    make_entry(cast.leads, 90)
    assert json.loads(json.dumps(charts_of(cast))) == charts_of(cast)
