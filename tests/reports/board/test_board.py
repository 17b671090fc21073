import pytest

from funnel import charts
from funnel.actions import kpis
from funnel.domain.status import Status
from funnel.domain.weeks import Week
from funnel.models import Practice, WeeklyEntry
from funnel.reports.board.board import build_board, build_boards
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_practice,
    make_target,
    root_seat,
)
from tests.reports.board.story import add_attended, board_of

pytestmark = pytest.mark.django_db


def test_the_running_week_takes_no_part_in_judgement(story):
    make_entry(story.cast.leads, 30, WEEK.next)
    board = board_of(story.cast, WEEK.next)
    assert board.is_running
    assert board.gap is None
    assert board.outcome == "The week is still in progress: no patients acquired yet."
    assert {line.status for line in board.stages} == {Status.IN_PROGRESS}
    assert [line.judgement for line in board.stages] == [None, None, None]
    assert [line.change for line in board.stages] == [None, None, None]


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


def test_a_stage_that_is_added_is_missing_and_unowned_from_its_first_week_on(story):
    add_attended(story.cast)
    before, now = board_of(story.cast, WEEK.previous), board_of(story.cast)
    assert [line.slug for line in before.stages] == ["leads", "appointments", "patients-acquired"]
    assert (before.missing, before.risks) == ((), ())
    assert [line.slug for line in now.stages][2] == "attended"
    assert [line.slug for line in now.missing] == ["attended"]
    assert [risk.slug for risk in now.risks] == ["attended"]


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
