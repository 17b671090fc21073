"""reports/scorecard/scorecard.py: thirteen weeks of every number."""

from datetime import date
from decimal import Decimal

import pytest

from funnel.actions import kpis, ownership
from funnel.domain.rollup import Rollup
from funnel.domain.status import Status
from funnel.domain.verdict import Verdict
from funnel.domain.weeks import Week
from funnel.models import KPIGroup
from funnel.reports.board.board import build_board
from funnel.reports.scorecard.scorecard import OUTSIDE, RateRow, build_scorecard, span_label
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_ownership,
    make_practice,
    make_short_week,
    make_staff,
    make_target,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

RUNNING = WEEK.next


@pytest.fixture
def cast():
    return make_cast()


def card_of(cast, who="viewer", today=TODAY, **how):
    return build_scorecard(seat_for(getattr(cast, who)), today=today, **how)


def row_of(card, slug):
    rows = (row for section in card.sections for row in section.rows)
    return next(r for r in rows if not isinstance(r, RateRow) and r.head.slug == slug)


def steps_of(card):
    return [row for row in card.sections[0].rows if isinstance(row, RateRow)]


# The weeks


def test_thirteen_completed_weeks_and_the_running_one_behind_them(cast):
    card = card_of(cast)
    assert card.weeks == (*WEEK.back(12), WEEK, RUNNING)
    assert card.running == RUNNING
    assert card.label == "Aug 24 – Nov 22, 2026"
    assert (card.earlier, card.later, card.is_latest) == (WEEK.plus(-13), None, True)


def test_the_running_week_can_be_left_out(cast):
    card = card_of(cast, with_running=False)
    assert card.weeks == (*WEEK.back(12), WEEK)
    assert card.running is None


def test_goes_back_any_number_of_weeks_and_forth_again(cast):
    until = WEEK.plus(-30)
    card = card_of(cast, until=until)
    assert card.weeks == (*until.back(12), until)
    assert (card.earlier, card.later) == (until.plus(-13), until.plus(13))
    assert not card.is_latest
    assert card_of(cast, until=WEEK.plus(-4)).later == WEEK


@pytest.mark.parametrize("until", [RUNNING, RUNNING.next, Week.parse("2023-W40")])
def test_a_week_that_is_not_over_or_before_the_beginning_gives_the_default(cast, until):
    assert card_of(cast, until=until) == card_of(cast)


def test_no_week_from_before_the_practice_began():
    practice = make_practice("fresh", began_on=WEEK.previous.monday)
    card = build_scorecard(root_seat(practice), today=TODAY)
    assert card.weeks == (WEEK.previous, WEEK, RUNNING)
    assert card.earlier is None


def test_a_practice_in_its_first_week_has_the_running_week_alone():
    practice = make_practice("fresh", began_on=TODAY)
    card = build_scorecard(root_seat(practice), today=TODAY)
    assert card.weeks == (RUNNING,)
    row = row_of(card, "leads")
    assert row.head.recent == ()
    assert (row.average_4, row.average_13, row.total) == (None, None, None)
    nothing = build_scorecard(root_seat(practice), today=TODAY, with_running=False)
    assert (nothing.weeks, nothing.sections, nothing.label) == ((), (), "")


def test_a_span_names_both_years_where_they_differ():
    assert span_label(Week.parse("2026-W50"), Week.parse("2027-W05")) == (
        "Dec 7, 2026 – Feb 7, 2027"
    )
    assert span_label(WEEK, WEEK) == "Nov 16 – Nov 22, 2026"


# Cells


def test_a_missing_number_is_missing_and_a_zero_is_zero(cast):
    make_entry(cast.leads, 0, WEEK.previous)
    row = row_of(card_of(cast), "leads")
    assert [cell.value for cell in row.cells[-3:]] == [0, None, None]
    assert [cell.status for cell in row.cells[-3:]] == [
        Status.NO_TARGET,
        Status.MISSING,
        Status.IN_PROGRESS,
    ]
    assert (row.total, row.average_4, row.average_13) == (0, 0, 0)


def test_each_week_is_held_against_the_target_in_force_that_week(cast):
    make_target(cast.leads, 90)
    make_target(cast.leads, 110, WEEK)
    for week in (WEEK.previous, WEEK):
        make_entry(cast.leads, 100, week)
    row = row_of(card_of(cast), "leads")
    before, now = row.cells[-3:-1]
    assert (before.target, before.status) == (90, Status.MET)
    assert (now.target, now.status) == (110, Status.MISSED)
    assert row.head.target == 110


def test_a_target_of_the_running_week_is_not_yet_the_rows(cast):
    make_target(cast.leads, 90)
    make_target(cast.leads, 200, RUNNING)
    assert row_of(card_of(cast), "leads").head.target == 90


def test_lower_is_better_where_the_kpi_says_so(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money", direction="lower")
    make_target(spend, 500)
    make_entry(spend, 400)
    assert row_of(card_of(cast), "spend").cells[-2].status == Status.MET


def test_the_running_week_takes_no_part_in_averages_sums_and_rates(cast):
    for kpi, value in ((cast.leads, 100), (cast.appointments, 40)):
        make_entry(kpi, value)
    before = card_of(cast)
    for kpi, value in ((cast.leads, 900), (cast.appointments, 900)):
        make_entry(kpi, value, RUNNING)
    card = card_of(cast)
    row = row_of(card, "leads")
    assert row.cells[-1].value == 900
    assert row.cells[-1].status == Status.IN_PROGRESS
    assert (row.cells[-1].verdict, row.cells[-1].is_news, row.cells[-1].run) == (None, False, "")
    for kept in ("average_4", "average_13", "total"):
        assert getattr(row, kept) == getattr(row_of(before, "leads"), kept) == 100
    assert steps_of(card) == steps_of(before)
    assert steps_of(card)[0].rates[-1] is None


def test_averages_are_of_the_recorded_among_the_last_4_and_13(cast):
    make_numbers(cast.leads, [999, *[10] * 8, 20, None, 40, None, 60])
    row = row_of(card_of(cast), "leads")
    assert row.average_4 == 50
    assert row.average_13 == Decimal(200) / 11
    assert row.total == 200


def test_a_cell_has_the_note_of_its_week(cast):
    make_entry(cast.leads, 30, WEEK.previous, note="Open house.")
    cells = row_of(card_of(cast), "leads").cells
    assert [cell.note for cell in cells[-3:]] == ["Open house.", "", ""]
    assert not any(cell.is_corrected for cell in cells)


def test_a_correction_after_the_meeting_keeps_what_the_team_saw(cast):
    entry = make_entry(cast.leads, 30)
    type(entry).objects.filter(pk=entry.pk).update(is_corrected=True, seen_value=34)
    late = make_entry(cast.appointments, 12)
    type(late).objects.filter(pk=late.pk).update(is_corrected=True)
    card = card_of(cast)
    cells = [row_of(card, slug).cells[-2] for slug in ("leads", "appointments")]
    assert [(c.is_corrected, c.seen_value) for c in cells] == [(True, 34), (True, None)]


# Rates


def test_a_step_is_told_per_week_and_over_weeks_sum_by_sum(cast):
    make_numbers(cast.leads, [10, 100, None, 50])
    make_numbers(cast.appointments, [10, 10, 30, None])
    step = steps_of(card_of(cast))[0]
    assert (step.before, step.name) == ("Leads", "Appointments")
    assert step.rates[-5:-1] == (1.0, 0.1, None, None)
    assert step.average_4 == step.average_13 == pytest.approx(20 / 110)


def test_a_step_from_zero_cannot_be_said(cast):
    make_entry(cast.leads, 0)
    make_entry(cast.appointments, 3)
    step = steps_of(card_of(cast))[0]
    assert step.rates[-2] is None
    assert step.average_13 is None


# Rows


def test_sums_stand_only_where_they_make_sense(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money")
    make_kpi(cast.practice, "Rating", unit="decimal")
    make_kpi(
        cast.practice, "Cost", unit="money", calculation="ratio", source=spend, divisor=cast.leads
    )
    make_kpi(cast.practice, "Month", calculation="total", source=cast.leads, window=4)
    for slug, values in (("leads", [10, 90]), ("spend", [1000, 1000]), ("rating", [4, 5])):
        make_numbers(cast.practice.kpis.get(slug=slug), values)
    card = card_of(cast)
    told = {
        slug: (row_of(card, slug).total, row_of(card, slug).average_4)
        for slug in ("leads", "spend", "rating", "cost", "month")
    }
    assert told == {
        "leads": (100, 50),
        "spend": (2000, 1000),
        "rating": (None, Decimal("4.5")),
        "cost": (None, 20),
        "month": (None, None),
    }
    assert row_of(card, "cost").head.rollup == Rollup.POOLED


def test_a_moving_total_reaches_back_before_the_weeks_shown(cast):
    make_kpi(cast.practice, "Year", calculation="total", source=cast.leads, window=52)
    make_numbers(cast.leads, [1] * 80)
    assert [cell.value for cell in row_of(card_of(cast), "year").cells[:-1]] == [52] * 13


def test_stages_with_their_steps_then_groups_then_the_rest_then_the_archived(cast):
    money = KPIGroup.objects.create(practice=cast.practice, name="Money", order=2)
    fame = KPIGroup.objects.create(practice=cast.practice, name="Fame", order=1)
    make_kpi(cast.practice, "Spend", group=money)
    make_kpi(cast.practice, "Fees", group=money)
    make_kpi(cast.practice, "Rating", group=fame)
    make_kpi(cast.practice, "Calls")
    gone = make_kpi(cast.practice, "Fax", group=fame)
    make_entry(gone, 3, WEEK.previous)
    kpis.archive(by=seat_for(cast.admin), kpi=gone, today=TODAY, from_week=WEEK)
    shown = [
        (s.name, [r.name if isinstance(r, RateRow) else r.head.name for r in s.rows])
        for s in card_of(cast).sections
    ]
    assert shown == [
        (
            "The funnel",
            ["Leads", "Appointments", "Appointments", "Patients acquired", "Patients acquired"],
        ),
        ("Fame", ["Rating"]),
        ("Money", ["Spend", "Fees"]),
        ("Other numbers", ["Calls"]),
        (OUTSIDE, ["Fax"]),
    ]
    assert [isinstance(row, RateRow) for row in card_of(cast).sections[0].rows] == [
        False, True, False, True, False,
    ]  # fmt: skip


def test_an_archived_number_stands_where_it_has_numbers_and_takes_none(cast):
    gone = make_kpi(cast.practice, "Fax")
    make_entry(gone, 3, WEEK.plus(-20))
    kpis.archive(by=seat_for(cast.admin), kpi=gone, today=TODAY, from_week=WEEK.plus(-15))
    assert OUTSIDE not in [s.name for s in card_of(cast, "manager").sections]
    row = row_of(card_of(cast, "manager", until=WEEK.plus(-14)), "fax")
    assert row.head.is_outside
    assert not row.head.is_unowned
    assert [cell.may_enter for cell in row.cells] == [True] * 11 + [False, False]
    assert row.total == 3


def test_the_owner_is_the_boards(cast):
    eve = make_staff(cast.practice, "Eve", "Marketing")
    make_ownership(cast.leads, eve, starts_on=WEEK.plus(-3).monday)
    for until in (WEEK, WEEK.plus(-4), WEEK.plus(-5)):
        board = build_board(cast.practice, until, today=TODAY)
        assert row_of(card_of(cast, until=until), "leads").head.owner == board.stages[0].owner
    assert row_of(card_of(cast), "leads").head.owner == "Eve"
    assert row_of(card_of(cast, until=WEEK.plus(-5)), "leads").head.owner == "Tom"


def test_an_unowned_number_is_named(cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=TODAY.replace(day=23))
    assert [head.name for head in card_of(cast).unowned] == ["Leads"]
    assert row_of(card_of(cast), "leads").head.owner is None


def test_the_last_three_completed_weeks_stand_beside_the_owner(cast):
    make_target(cast.leads, 10)
    make_numbers(cast.leads, [10, 9, None])
    make_entry(cast.leads, 50, RUNNING)
    assert row_of(card_of(cast), "leads").head.recent == (
        Status.MET,
        Status.MISSED,
        Status.MISSING,
    )


def test_two_statements_whatever_there_is(cast, django_assert_num_queries):
    seat = seat_for(cast.viewer)
    for number in range(5):
        make_numbers(make_kpi(cast.practice, f"Number {number}"), [5] * 60)
    for until in (None, WEEK.plus(-20)):
        with django_assert_num_queries(2):
            build_scorecard(seat, today=date(2026, 11, 24), until=until)


# What held in each week


USUAL = (*[12, 10] * 12,)


def test_a_week_is_marked_when_a_number_becomes_worse_and_the_run_goes_on_quietly(cast):
    make_numbers(cast.leads, (*USUAL, 3, 3, 3, 11))
    cells = row_of(card_of(cast, with_running=False), "leads").cells[-5:]
    assert [cell.is_marked for cell in cells] == [False, True, False, False, False]
    assert [cell.is_news for cell in cells] == [False, True, False, False, True]
    assert [cell.verdict for cell in cells[:4]] == [
        Verdict.USUAL,
        Verdict.WORSE,
        Verdict.WORSE,
        Verdict.WORSE,
    ]
    assert [cell.run for cell in cells] == ["", "below", "below", "below", ""]


def test_a_number_that_becomes_better_is_not_marked(cast):
    make_numbers(cast.leads, (*USUAL, 30))
    cell = row_of(card_of(cast, with_running=False), "leads").cells[-1]
    assert (cell.verdict, cell.is_news, cell.is_marked) == (Verdict.BETTER, True, False)
    assert cell.run == "above"


def test_a_week_in_which_a_number_was_not_reviewed_is_not_missing(cast):
    attended = make_kpi(cast.practice, "Attended", stage=3, from_week=WEEK.previous)
    make_entry(attended, 30)
    row = row_of(card_of(cast, "manager"), "attended")
    assert [cell.status for cell in row.cells[-4:]] == [
        None,
        Status.MISSING,
        Status.NO_TARGET,
        Status.IN_PROGRESS,
    ]
    assert row.head.recent == (Status.MISSING, Status.NO_TARGET)
    assert [cell.may_enter for cell in row.cells[-4:]] == [False, True, True, True]
    assert "attended" not in {
        row.head.slug
        for section in card_of(cast, until=WEEK.plus(-2)).sections
        for row in section.rows
        if not isinstance(row, RateRow)
    }


def test_a_short_week_counts_in_the_sum_and_in_no_average(cast):
    make_numbers(cast.leads, (10, 20, 2))
    make_numbers(cast.appointments, (5, 10, 2))
    make_short_week(cast.practice, WEEK)
    card = card_of(cast, with_running=False)
    row = row_of(card, "leads")
    assert card.short == {WEEK}
    assert (row.total, row.average_4, row.average_13) == (32, 15, 15)
    assert steps_of(card)[0].rates[-1] == 1
    assert steps_of(card)[0].average_13 == 0.5


def test_a_new_stage_is_neither_missing_nor_red_before_its_first_week(cast):
    attended = make_kpi(cast.practice, "Attended")
    kpis.place(
        by=seat_for(cast.admin),
        kpi=attended,
        today=TODAY,
        from_week=WEEK,
        is_stage=True,
        after=cast.appointments,
    )
    steps = {(step.before, step.name): step for step in steps_of(card_of(cast, with_running=False))}
    old = steps["Appointments", "Patients acquired"]
    for new in (steps["Appointments", "Attended"], steps["Attended", "Patients acquired"]):
        assert new.is_step_in == (*[False] * 12, True)
    assert old.is_step_in == (*[True] * 12, False)


def test_a_kpi_that_begins_with_the_running_week_has_a_row_whether_archived_or_not(cast):
    late = make_kpi(cast.practice, "Late", from_week=RUNNING)
    make_entry(late, 7, WEEK.previous)
    assert row_of(card_of(cast, with_running=True), "late").head.is_outside
    kpis.archive(by=seat_for(cast.admin), kpi=late, today=TODAY)
    assert row_of(card_of(cast, with_running=True), "late").head.is_outside


@pytest.mark.parametrize("period", [{}, {"until": WEEK.previous}])
def test_archiving_changes_no_earlier_scorecard(cast, period):
    late = make_kpi(cast.practice, "Late", from_week=RUNNING)
    make_entry(late, 7, WEEK.previous)
    before = card_of(cast, with_running=False, **period)
    assert row_of(before, "late").head.is_outside
    kpis.archive(by=seat_for(cast.admin), kpi=late, today=TODAY)
    assert card_of(cast, with_running=False, **period) == before
