from dataclasses import dataclass
from decimal import Decimal

import pytest

from funnel import charts
from funnel.actions import kpis, patient_values
from funnel.domain.status import Status
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.models import Practice, WeeklyEntry
from funnel.reports.board.board import build_board, build_boards, missing_of
from tests.cast import Cast, make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_ownership,
    make_practice,
    make_target,
    root_seat,
)
from tests.kept import Kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@dataclass
class Story:
    """Thirteen usual weeks of 100 / 40 / 20 at Lumina, then the week of MEASURES' example."""

    cast: Cast

    @property
    def practice(self) -> Practice:
        return self.cast.practice


@pytest.fixture
def story():
    return Story(_told())


def _tell():
    cast = make_cast()
    kpis = (cast.leads, cast.appointments, cast.patients)
    for kpi, usual, now in zip(kpis, (100, 40, 20), (90, 27, 15), strict=True):
        for week in WEEK.back(13):
            make_entry(kpi, usual, week)
        make_entry(kpi, now)
    return cast


_told = Kept(_tell)


def set_targets(cast):
    for kpi, target in ((cast.leads, 100), (cast.appointments, 40), (cast.patients, 20)):
        make_target(kpi, target)


def board_of(cast, week=WEEK, **how):
    return build_board(cast.practice, week, today=TODAY, **how)


def parts(board):
    return [(line.patients, line.money) for line in board.gap.lines]


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


def test_the_running_week_takes_no_part_in_judgement(story):
    make_entry(story.cast.leads, 30, WEEK.next)
    board = board_of(story.cast, WEEK.next)
    assert board.is_running
    assert board.gap is None
    assert board.outcome == "The week is still in progress: no patients acquired yet."
    assert {line.status for line in board.stages} == {Status.IN_PROGRESS}
    assert [line.judgement for line in board.stages] == [None, None, None]
    assert [line.change for line in board.stages] == [None, None, None]


def test_the_running_week_is_no_part_of_the_reporting_weeks_average(story):
    make_entry(story.cast.leads, 9000, WEEK.next)
    assert board_of(story.cast).stages[0].average == 100


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
    assert "no one owns it" in board.leak


def test_an_unowned_stage_without_loss_puts_all_that_pass_through_it_at_risk(story):
    story.cast.patients.ownerships.all().delete()
    (risk,) = board_of(story.cast).risks
    assert (risk.patients, risk.money, risk.is_lost) == (20, 64000, False)


def test_an_unowned_number_outside_the_funnel_is_named_without_money(story):
    make_kpi(story.practice, "Google rating", unit="decimal")
    (risk,) = board_of(story.cast).risks
    assert (risk.sentence, risk.patients) == ("Google rating has no owner.", None)


def test_the_trend_ends_with_the_running_week_and_leaves_gaps(story):
    story.cast.leads.entries.filter(week=WEEK.previous.monday).delete()
    trend = board_of(story.cast, span=13).trend
    assert (len(trend.weeks), trend.running) == (14, 13)
    assert trend.weeks[-1] == WEEK.next
    assert trend.series[0].values[-4:] == (100, None, 90, None)


def test_the_trend_is_empty_before_a_stage_began_and_missing_after(story):
    kpi = make_kpi(story.cast.practice, "Attended", stage=3, from_week=WEEK)
    trend = board_of(story.cast, span=13).trend
    place = [drawn.slug for drawn in trend.series].index(kpi.slug)
    columns = [numbers[2 * place : 2 * place + 2] for _, _, numbers in trend.rows]
    assert columns == [*[[None, None]] * 2, *[["", ""]] * 12]


def test_a_number_that_was_missing_before_a_change_of_the_lineup_stays_missing(story):
    gone = WEEK.plus(-5)
    WeeklyEntry.objects.filter(kpi=story.cast.patients, week=gone.monday).delete()
    make_target(story.cast.patients, 20, WEEK.plus(-8))
    (before,) = [row for row in board_of(story.cast).trend.rows if row[0] == gone]
    assert before[2][-2:] == [None, 20]
    make_kpi(story.cast.practice, "Reviews", from_week=WEEK)
    assert before in board_of(story.cast).trend.rows


def test_a_stage_has_no_target_and_no_mention_before_it_began(story):
    kpi = make_kpi(story.cast.practice, "Attended", stage=3, from_week=WEEK.next)
    make_target(kpi, 30, WEEK.plus(-8))
    board = build_board(story.practice, WEEK.next, today=TODAY)
    (drawn,) = [drawn for drawn in board.trend.series if drawn.slug == kpi.slug]
    assert set(drawn.targets) == {None}
    assert "Attended" not in charts.of_board(board)["trend"]["label"]


def test_the_trend_of_an_earlier_week_ends_with_it(story):
    trend = board_of(story.cast, WEEK.plus(-2), span=26).trend
    assert (len(trend.weeks), trend.running, trend.weeks[-1]) == (26, None, WEEK.plus(-2))


def test_the_trend_of_the_running_week_shows_it_behind_the_completed_ones(story):
    trend = board_of(story.cast, WEEK.next, span=13).trend
    assert (len(trend.weeks), trend.running, trend.weeks[-1]) == (14, 13, WEEK.next)


def test_the_trend_draws_targets_as_they_were_in_force_and_none_of_the_running_week(story):
    make_target(story.cast.leads, 80, WEEK.plus(-2))
    make_target(story.cast.leads, 100, WEEK)
    targets = board_of(story.cast).trend.series[0].targets
    assert targets[-5:] == (None, 80, 80, 100, None)


def test_a_further_stage_takes_part_in_rates_and_split(story):
    make_kpi(story.practice, "Sales", stage=4)
    board = board_of(story.cast)
    assert [line.place for line in board.stages] == [1, 2, 3, 4]
    assert board.stages[3].previous_name == "Patients acquired"


def test_a_practice_without_stages_says_so(story):
    for kpi in (story.cast.leads, story.cast.appointments, story.cast.patients):
        kpis.place(by=root_seat(story.practice), kpi=kpi, from_week=WEEK, today=TODAY)
    board = board_of(story.cast)
    assert board.outcome == "This practice has no funnel yet."
    assert (board.gap, board.stages, len(board.others)) == (None, (), 3)


def test_an_archived_kpi_is_on_no_board_from_its_week_on(cast):
    kpi = make_kpi(cast.practice, "Old number")
    kpis.archive(by=root_seat(cast.practice), kpi=kpi, today=TODAY)
    assert [line.slug for line in board_of(cast).others] == ["old-number"]
    assert board_of(cast, WEEK.next).others == ()


# A stage that is added


def add_attended(cast, week=WEEK):
    return make_kpi(cast.practice, "Attended", stage=3, from_week=week)


def test_a_stage_that_is_added_is_missing_and_unowned_from_its_first_week_on(story):
    add_attended(story.cast)
    before, now = board_of(story.cast, WEEK.previous), board_of(story.cast)
    assert [line.slug for line in before.stages] == ["leads", "appointments", "patients-acquired"]
    assert (before.missing, before.risks) == ((), ())
    assert [line.slug for line in now.stages][2] == "attended"
    assert [line.slug for line in now.missing] == ["attended"]
    assert [risk.slug for risk in now.risks] == ["attended"]


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


def test_the_boards_of_a_group_are_those_of_each_practice(story):
    harbor = Practice.objects.get(slug="harbor")
    asked = [(story.practice, WEEK, TODAY), (harbor, WEEK, TODAY)]
    lumina_board, harbor_board = build_boards(asked)
    assert lumina_board.outcome == board_of(story.cast).outcome
    assert len(harbor_board.risks) == 3
    assert lumina_board.trend is None


@pytest.mark.parametrize(
    ("now", "queries", "words"),
    [
        ((60, 24, 12), 4, "Worse than usual."),
        ((100, 22, 11), 2, "Worse than usual."),
        ((97, 38, 19), 4, "Within the usual range."),
        ((100, 37, 18), 2, "Within the usual range."),
        ((106, 43, 22), 2, ""),
    ],
    ids=["fewer leads", "a lower rate", "a few leads", "about the usual rate", "no leak"],
)
def test_a_group_says_of_the_leak_what_the_board_says(
    cast, now, queries, words, django_assert_num_queries
):
    for kpi, usual, value in zip(
        (cast.leads, cast.appointments, cast.patients), (100, 40, 20), now, strict=True
    ):
        wavers = max(1, usual // 20)
        make_numbers(kpi, [*[usual - wavers, usual + wavers] * 15, value])
    with django_assert_num_queries(queries):
        (board,) = build_boards([(cast.practice, WEEK, TODAY)])
    assert board.leak == board_of(cast).leak
    assert words in board.leak
    assert bool(board.leak) == bool(words)


def test_no_practice_no_board_and_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert build_boards([]) == []


@pytest.mark.parametrize("span", [13, 52])
@pytest.mark.parametrize("kpis", [3, 15])
def test_two_queries_whatever_the_size(cast, span, kpis, django_assert_num_queries):
    for n in range(kpis - 3):
        make_kpi(cast.practice, f"Number {n}")
    make_practice("third")
    with django_assert_num_queries(2):
        board_of(cast, span=span)


def test_weeks_at_the_practices_beginning_have_a_board(cast):
    assert board_of(cast, Week.of(cast.practice.began_on)).missing


# Calculated KPIs


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
