import json
from datetime import UTC, datetime

import pytest

from funnel import charts
from funnel.actions import baselines, short_weeks
from funnel.reports.board.board import build_board
from funnel.reports.history.history import build_history
from funnel.reports.meeting.agenda import build_agenda
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_numbers, make_target, seat_for

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
    # The running week is compared with nothing.
    assert leads["targets"][-3:] == [None, 100.0, None]
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


def history_chart(kpi, span=None):
    return charts.of_history(build_history(kpi.practice, kpi.slug, today=TODAY, span=span))


def test_a_history_without_numbers_draws_nothing(cast):
    assert history_chart(cast.leads) is None


def test_a_history_has_its_values_limits_signs_and_marks(cast):
    make_target(cast.leads, 40, WEEK)
    make_numbers(cast.leads, [*[12, 10] * 10, None, *[12] * 7, 1])
    by = seat_for(cast.manager)
    baselines.begin(by=by, kpi=cast.leads, from_week=WEEK.plus(-7), reason="Moved", today=TODAY)
    short_weeks.mark(by=by, week=WEEK.next, days_open=3, reason="Holiday", today=TODAY)
    chart = history_chart(cast.leads)
    weekly = ("weeks", "values", "targets", "ranges", "mean", "lower", "upper", "range")
    assert {name: len(chart[name]) for name in weekly} == dict.fromkeys(weekly, 30)
    assert chart["label"].startswith("Leads: the usual range needs consecutive weeks")
    assert chart["values"][19:22] == [10.0, None, 12.0]
    assert chart["ranges"][20:23] == [None, None, 0.0]
    assert chart["targets"][-3:] == [None, 40.0, 40.0]
    assert (chart["weeks"][-1], chart["running"]) == ("Nov 23", 29)
    # Each week has limits of its own, from the weeks before it; too few of the baseline have none.
    drawn = ("mean", "lower", "upper", "range")
    assert [chart[name][7] for name in drawn] == [None] * 4
    assert [chart[name][20] for name in drawn] == pytest.approx([11.0, 5.68, 16.32, 6.536])
    assert [chart[name][-2] for name in drawn] == [None] * 4
    assert (chart["fixed"], chart["short"]) == ([], [29])
    assert [mark["at"] for mark in chart["marks"]] == [21, 28]
    json.dumps(chart)


def test_a_set_baselines_limits_are_fixed(cast):
    make_numbers(cast.leads, [12, 10] * 15)
    by = seat_for(cast.manager)
    baselines.begin(by=by, kpi=cast.leads, from_week=WEEK.plus(-29), reason="Moved", today=TODAY)
    chart = history_chart(cast.leads)
    assert chart["fixed"] == list(range(20, 30))
    assert len(set(chart["mean"][20:30])) == 1


def test_only_a_run_that_is_not_for_the_better_has_signs(cast):
    make_numbers(cast.leads, [*[12, 10] * 10, 1, 1, 11, 10, 60])
    chart = history_chart(cast.leads)
    assert chart["signs"] == {"above": [], "below": [20, 21]}
    assert chart["fired"] == [20, 21, 24]


def test_a_long_history_names_the_year_of_its_weeks(cast):
    make_numbers(cast.leads, [12, 10] * 40)
    assert history_chart(cast.leads)["weeks"][-1] == "Nov 23, 2026"
    assert history_chart(cast.leads, span=26)["weeks"][-1] == "Nov 23"


def test_each_number_of_a_meeting_has_its_weeks_its_values_and_its_target(cast):
    make_target(cast.leads, 100)
    make_entry(cast.leads, 90)
    make_entry(cast.leads, 100, WEEK.previous)
    now = datetime(2026, 11, 24, 15, tzinfo=UTC)
    agenda = build_agenda(seat_for(cast.viewer), WEEK, today=TODAY, now=now)
    drawn = charts.of_agenda(agenda)
    assert list(drawn) == ["leads", "appointments", "patients-acquired"]
    assert drawn["leads"]["weeks"][-2:] == ["Nov 9", "Nov 16"]
    assert drawn["leads"]["values"] == [None] * 12 + [100.0, 90.0]
    assert drawn["leads"]["target"] == 100.0
    assert drawn["appointments"]["values"] == [None] * 14
    assert drawn["appointments"]["target"] is None
    assert json.loads(json.dumps(drawn)) == drawn
