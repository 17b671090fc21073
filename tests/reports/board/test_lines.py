import pytest

from funnel.domain.status import Status
from funnel.domain.verdict import Verdict
from funnel.reports.board.board import missing_of
from tests.factories import WEEK, make_entry, make_kpi, make_ownership, make_target
from tests.reports.board.story import board_of, set_targets

pytestmark = pytest.mark.django_db


def test_rates_and_verdicts_of_each_stage(story):
    leads, appointments, patients = board_of(story.cast).stages
    assert (leads.of_previous, leads.of_first, leads.judgement) == (None, None, None)
    assert appointments.of_previous == appointments.of_first == pytest.approx(0.3)
    assert appointments.judgement.usual_rate == pytest.approx(0.4)
    assert appointments.judgement.verdict == Verdict.USUAL
    assert patients.of_previous == pytest.approx(15 / 27)
    assert patients.of_first == pytest.approx(15 / 90)
    assert patients.judgement.verdict == Verdict.USUAL
    assert patients.rate_change.difference == pytest.approx(15 / 27 - 0.5)


def test_a_rate_is_worse_when_it_lies_below_the_usual_range(story):
    """Of 90 with 41 of 100 before: 41% ± 10.2 points."""
    story.cast.appointments.entries.exclude(week=WEEK.monday).update(value=41)
    appointments = board_of(story.cast).stages[1]
    assert appointments.judgement.verdict == Verdict.WORSE
    assert (appointments.judgement.low, appointments.judgement.high) == pytest.approx(
        (0.30839, 0.51161), abs=1e-5
    )
    assert appointments.is_step_worse
    assert board_of(story.cast).leak.endswith("Worse than usual.")


def test_each_line_says_number_target_change_and_owner(story):
    set_targets(story.cast)
    line = board_of(story.cast).stages[1]
    assert (line.name, line.role, line.owner, line.owner_id) == (
        "Appointments",
        "Front desk",
        "Maya",
        story.cast.owner.pk,
    )
    assert (line.value, line.target, line.status) == (27, 40, Status.MISSED)
    assert (line.last_week, line.average) == (40, 40)
    assert line.change.difference == -13


def test_a_later_target_leaves_the_week_as_it_was(story):
    set_targets(story.cast)
    make_target(story.cast.leads, 80, WEEK.next)
    assert board_of(story.cast).stages[0].status == Status.MISSED


def test_the_running_week_is_no_part_of_the_reporting_weeks_average(story):
    make_entry(story.cast.leads, 9000, WEEK.next)
    assert board_of(story.cast).stages[0].average == 100


@pytest.mark.parametrize("part", ["leads", "appointments"])
def test_a_ratio_is_missing_when_an_input_is_and_nobody_is_waited_for(cast, part):
    kpi = make_kpi(
        cast.practice,
        "Booked",
        unit="percent",
        calculation="ratio",
        source=cast.appointments,
        divisor=cast.leads,
    )
    make_ownership(kpi, cast.manager)
    make_entry(getattr(cast, part), 40)
    board = board_of(cast)
    line = next(line for line in board.others if line.slug == "booked")
    assert (line.value, line.is_missing, line.owner_id) == (None, True, cast.manager.pk)
    assert line not in board.entered
    assert line not in board.missing
    assert "booked" not in [missing.slug for missing in missing_of(board)]
    make_entry(cast.appointments if part == "leads" else cast.leads, 40)
    line = board_of(cast).others[0]
    assert (line.value, line.is_missing) == (100, False)


def test_a_moving_total_is_missing_while_one_of_its_weeks_is(cast):
    make_kpi(cast.practice, "Sum", calculation="total", source=cast.leads, window=3)
    for week, value in zip(WEEK.next.back(3), (1, None, 4), strict=True):
        if value is not None:
            make_entry(cast.leads, value, week)
    assert board_of(cast).others[0].value is None
    make_entry(cast.leads, 2, WEEK.previous)
    assert board_of(cast).others[0].value == 7
