"""reports/screens.py: the list of screens, and what one of them may show."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from funnel.actions import screens, secrets
from funnel.domain.status import Status
from funnel.models import Place, Screen
from funnel.models.secret import SecretState
from funnel.reports.board.board import build_board, build_boards
from funnel.reports.setup.screens import build_wall, list_screens
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    make_entry,
    make_kpi,
    make_numbers,
    make_practice,
    make_screen,
    make_target,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def story(cast):
    """The week of MEASURES' example: 90 / 27 / 15 against 100 / 40 / 20."""
    for kpi, target, value in (
        (cast.leads, 100, 90),
        (cast.appointments, 40, 27),
        (cast.patients, 20, 15),
    ):
        make_target(kpi, target)
        make_entry(kpi, value, note="Ask Kim.")
    return cast


def wall_of(cast, *, shows_names=False):
    board = build_board(cast.practice, WEEK, today=TODAY)
    return build_wall(board, time_zone="America/New_York", shows_names=shows_names)


class TestList:
    def test_those_that_are_on_come_first_each_kind_by_name(self, cast):
        by = seat_for(cast.manager)
        off, _ = make_screen(cast.practice, "A")
        screens.revoke(by=by, screen=off)
        make_screen(cast.practice, "B", expires_on=date(2026, 11, 25))
        make_screen(cast.practice, "D")
        make_screen(cast.practice, "C")
        listed = list_screens(cast.practice, today=date(2026, 11, 26))
        assert [(it.name, it.state) for it in listed] == [
            ("C", SecretState.ACTIVE),
            ("D", SecretState.ACTIVE),
            ("B", SecretState.EXPIRED),
            ("A", SecretState.REVOKED),
        ]
        assert [it.is_active for it in listed] == [True, True, False, False]

    def test_the_last_day_is_still_on(self, cast):
        make_screen(cast.practice, expires_on=TODAY + timedelta(days=1))
        (listed,) = list_screens(cast.practice, today=TODAY + timedelta(days=1))
        assert listed.is_active

    def test_who_made_it_and_who_switched_it_off_are_called_as_the_team_does(self, cast):
        screen, token = screens.make(
            by=seat_for(cast.manager),
            name="Hall",
            expires_on=date(2026, 12, 24),
            shows_names=True,
            once="k",
        )
        secrets.note_use(screen, NOW)
        screens.revoke(by=root_seat(cast.practice), screen=screen)
        (listed,) = list_screens(cast.practice, today=TODAY)
        assert (listed.made_by, listed.revoked_by) == ("Ana", "root@example.com")
        assert (listed.made_at, listed.revoked_at, listed.last_used) == (NOW, NOW, NOW)
        assert (listed.number, listed.token_start) == (screen.pk, token[:6])
        assert listed.shows_names
        assert listed.name == "Hall"

    def test_nobody_switched_off_what_is_active(self, cast):
        make_screen(cast.practice)
        (listed,) = list_screens(cast.practice, today=TODAY)
        assert (listed.revoked_by, listed.revoked_at, listed.last_used) == (None, None, None)

    def test_another_practices_are_not_listed(self, cast):
        make_screen(cast.stranger.practice)
        assert list_screens(cast.practice, today=TODAY) == ()

    @pytest.mark.parametrize("many", [1, 12])
    def test_one_statement_for_one_and_many(self, cast, django_assert_num_queries, many):
        for number in range(many):
            make_screen(cast.practice, f"Wall {number}")
        with django_assert_num_queries(1):
            assert len(list_screens(cast.practice, today=TODAY)) == many
        assert Screen.objects.count() == many


class TestWall:
    def test_without_names_the_roles_stand_in_their_place(self, story):
        wall = wall_of(story)
        roles = ["Marketing", "Front desk", "Patient coordinator"]
        assert [line.owner for line in wall.stages] == roles
        assert [part.owner for part in wall.gap.lines] == roles
        assert wall.outcome == "15 patients acquired, 5 fewer than expected."
        assert wall.leak == (
            "The biggest leak is at Appointments (Front desk): 4.5 patients, about $14,400."
        )

    def test_with_names_it_says_what_the_board_says(self, story):
        wall = wall_of(story, shows_names=True)
        board = build_board(story.practice, WEEK, today=TODAY)
        assert [line.owner for line in wall.stages] == ["Tom", "Maya", "Dana"]
        assert (wall.outcome, wall.leak, wall.gap) == (board.outcome, board.leak, board.gap)
        assert "Front desk, Maya" in wall.leak

    @pytest.mark.parametrize("shows_names", [True, False])
    def test_nothing_that_was_written_is_in_it(self, story, shows_names):
        told = repr(asdict(wall_of(story, shows_names=shows_names)))
        for written in ("Ask Kim.", "set up", "@", story.leads.definition):
            assert written not in told
        for name in ("Tom", "Maya", "Dana", "Sam", "Ana"):
            assert (f"'{name}'" in told) == (shows_names and name in {"Tom", "Maya", "Dana"})

    def test_it_is_the_same_whoever_owns_a_number(self, story):
        before = wall_of(story)
        story.owner.name = "Mia"
        story.owner.save()
        assert wall_of(story) == before

    def test_a_missing_number_waits_for_a_role(self, cast):
        assert wall_of(cast).outcome == (
            "Patients acquired: the number is missing, waiting for Patient coordinator."
        )
        assert wall_of(cast).leak == ""

    def test_a_kpi_without_an_owner_stays_one(self, story):
        story.appointments.ownerships.all().delete()
        wall = wall_of(story)
        assert [line.owner for line in wall.stages] == ["Marketing", None, "Patient coordinator"]
        assert "(Front desk, no owner)" in wall.leak
        (risk,) = wall.risks
        assert risk.sentence == "Appointments has no owner and lost 4.5 patients ($14,400)."
        assert wall.more_risks == 0

    def test_of_many_without_an_owner_two_are_told_and_the_others_counted(self, cast):
        for number in range(3):
            make_kpi(cast.practice, f"Number {number}")
        wall = wall_of(cast)
        assert ([risk.name for risk in wall.risks], wall.more_risks) == (
            ["Number 0", "Number 1"],
            1,
        )

    def test_the_scorecard_has_thirteen_weeks_and_not_the_running_one(self, cast):
        make_target(cast.leads, 90, WEEK.back(2)[0])
        make_numbers(cast.leads, [*[80] * 10, 90, None, 89])
        make_entry(cast.leads, 7, WEEK.next)
        wall = wall_of(cast)
        assert (len(wall.weeks), wall.weeks[-1]) == (13, WEEK)
        row = wall.rows[0]
        assert (row.name, row.place, row.target) == ("Leads", 1, 90)
        assert [cell.value for cell in row.cells] == [*[80] * 10, 90, None, 89]
        assert [cell.status for cell in row.cells[-5:]] == [
            Status.NO_TARGET,
            Status.NO_TARGET,
            Status.MET,
            Status.MISSING,
            Status.MISSED,
        ]

    def test_a_stage_has_no_status_before_its_first_week(self, cast):
        make_kpi(cast.practice, "Attended", stage=3, from_week=WEEK)
        (row,) = [row for row in wall_of(cast).rows if row.name == "Attended"]
        assert row.cells[:-1] == (None,) * 12
        assert row.cells[-1].status == Status.MISSING

    def test_a_week_is_judged_by_the_target_of_its_time(self, cast):
        make_target(cast.leads, 90)
        make_target(cast.leads, 100, WEEK)
        make_numbers(cast.leads, [90, 90])
        assert [cell.status for cell in wall_of(cast).rows[0].cells[-2:]] == [
            Status.MET,
            Status.MISSED,
        ]

    def test_a_practice_without_a_funnel_says_so(self):
        practice = make_practice("empty")
        Place.objects.filter(lineup__practice=practice).delete()
        board = build_board(practice, WEEK, today=TODAY)
        wall = build_wall(board, time_zone=practice.time_zone, shows_names=False)
        assert wall.outcome == "This practice has no funnel yet."
        assert (wall.stages, wall.rows, wall.gap) == ((), (), None)

    def test_a_board_without_a_trend_has_no_scorecard(self, story):
        (board,) = build_boards([(story.practice, WEEK, TODAY)])
        wall = build_wall(board, time_zone="UTC", shows_names=False)
        assert (wall.weeks, wall.rows) == ((), ())

    def test_it_makes_no_query(self, story, django_assert_num_queries):
        board = build_board(story.practice, WEEK, today=TODAY)
        with django_assert_num_queries(0):
            build_wall(board, time_zone="UTC", shows_names=False)
