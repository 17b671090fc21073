from decimal import Decimal

import pytest

from funnel.actions import patient_values
from tests.factories import TODAY, WEEK, make_entry, make_kpi, make_target, root_seat
from tests.reports.board.story import add_attended, board_of, parts, set_targets

pytestmark = pytest.mark.django_db


def test_the_published_example_from_targets(story):
    set_targets(story.cast)
    board = board_of(story.cast)
    assert board.outcome == "15 patients acquired, 5 fewer than expected."
    assert board.leak == (
        "The biggest leak is at Appointments (Front desk, Maya): 4.5 patients, about $14,400. "
        "Within the usual range."
    )
    assert parts(board) == [
        (Decimal("2.0"), Decimal(6400)),
        (Decimal("4.5"), Decimal(14400)),
        (Decimal("-1.5"), Decimal(-4800)),
    ]
    assert (board.gap.expected, board.gap.total, board.gap.total_money) == (20, 5, 16000)
    assert board.gap.is_from_targets


def test_without_targets_the_thirteen_weeks_before_tell_what_to_expect(story):
    board = board_of(story.cast)
    assert (board.gap.expected, board.gap.is_from_targets) == (20, False)
    assert parts(board)[1] == (Decimal("4.5"), Decimal(14400))


def test_one_missing_target_turns_to_the_weeks_before(story):
    make_target(story.cast.leads, 500)
    assert board_of(story.cast).gap.expected == 20


def test_nothing_is_expected_from_fewer_than_four_weeks(cast):
    for week in WEEK.back(3):
        make_entry(cast.leads, 100, week)
    board = board_of(cast)
    assert board.gap is None
    assert board.leak == ""


def test_the_parts_shown_add_up_to_expected_minus_actual(story):
    make_target(story.cast.leads, 97)
    make_target(story.cast.appointments, 41)
    make_target(story.cast.patients, 19)
    gap = board_of(story.cast).gap
    assert sum(line.patients for line in gap.lines) == gap.total == gap.expected - gap.actual
    assert sum(line.money for line in gap.lines) == gap.total_money


def test_while_the_last_number_is_missing_the_leak_is_told_so_far(story):
    story.cast.patients.entries.filter(week=WEEK.monday).delete()
    board = board_of(story.cast)
    assert board.outcome == "Patients acquired: the number is missing, waiting for Dana."
    assert board.leak.startswith("So far the biggest leak is at Appointments")
    assert [line.patients is None for line in board.gap.lines] == [False, False, True]
    assert board.gap.total is None
    assert [line.slug for line in board.missing] == ["patients-acquired"]


def test_without_a_value_per_patient_there_is_no_money(story):
    patient_values.set_from(by=root_seat(story.practice), from_week=WEEK, value=None, today=TODAY)
    board = board_of(story.cast)
    assert "(Front desk, Maya): 4.5 patients. Within" in board.leak
    assert board.gap.total_money is None


def test_an_unowned_stage_puts_its_part_at_risk(story):
    story.cast.appointments.ownerships.all().delete()
    board = board_of(story.cast)
    (risk,) = board.risks
    assert (risk.slug, risk.patients, risk.money, risk.is_lost) == (
        "appointments",
        Decimal("4.5"),
        Decimal(14400),
        True,
    )
    assert risk.sentence == "Appointments has no owner and lost 4.5 patients ($14,400)."
    assert "Front desk, no owner" in board.leak


def test_an_unowned_stage_without_loss_puts_all_that_pass_through_it_at_risk(story):
    story.cast.patients.ownerships.all().delete()
    (risk,) = board_of(story.cast).risks
    assert (risk.patients, risk.money, risk.is_lost) == (20, 64000, False)


def test_an_unowned_number_outside_the_funnel_is_named_without_money(story):
    make_kpi(story.practice, "Google rating", unit="decimal")
    (risk,) = board_of(story.cast).risks
    assert (risk.sentence, risk.patients) == ("Google rating has no owner.", None)


def test_until_a_new_stage_has_four_weeks_the_old_step_carries_the_gap(story):
    set_targets(story.cast)
    attended = add_attended(story.cast, WEEK.plus(-4))
    for week in WEEK.next.back(4)[:-1]:
        make_entry(attended, 30, week)
    board = board_of(story.cast)
    assert [part.slug for part in board.gap.lines] == ["leads", "appointments", "patients-acquired"]
    assert board.gap.is_from_targets
    assert parts(board)[1] == (Decimal("4.5"), Decimal(14400))


def test_with_four_weeks_or_a_target_a_new_stage_has_its_part(story):
    attended = add_attended(story.cast, WEEK.plus(-4))
    for week in WEEK.back(4):
        make_entry(attended, 30, week)
    make_entry(attended, 20)
    board = board_of(story.cast)
    assert [part.slug for part in board.gap.lines][2] == "attended"
    assert not board.gap.is_from_targets
    set_targets(story.cast)
    make_target(attended, 30)
    board = board_of(story.cast)
    assert len(board.gap.lines) == 4
    assert board.gap.is_from_targets
