"""reports/snapshot.py: a board, and the same board out of JSON."""

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import pytest

from funnel.actions import ownership
from funnel.domain.status import Status
from funnel.models import KPI
from funnel.reports.board import snapshot
from funnel.reports.board.board import build_board
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_kpi, make_numbers, make_target, root_seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def complete(cast):
    """Fourteen weeks, every target, and numbers of every unit beside the funnel."""
    others = [
        make_kpi(cast.practice, "Revenue", unit=KPI.Unit.MONEY),
        make_kpi(cast.practice, "Rating", unit=KPI.Unit.DECIMAL),
        make_kpi(cast.practice, "No-shows", unit=KPI.Unit.PERCENT, direction="lower"),
    ]
    usual = (100, 40, 20, 9600, Decimal("4.7"), 12)
    now = (90, 27, 15, Decimal("9600.50"), Decimal("4.75"), Decimal("12.5"))
    kpis = (cast.leads, cast.appointments, cast.patients, *others)
    for kpi, before, this_week in zip(kpis, usual, now, strict=True):
        make_target(kpi, before)
        make_numbers(kpi, [before] * 13, WEEK.previous)
        make_entry(kpi, this_week)


def one_missing(cast):
    complete(cast)
    cast.appointments.entries.filter(week=WEEK.monday).delete()


def unowned(cast):
    complete(cast)
    day = TODAY.replace(day=23)
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=day)


def above_all(cast):
    for kpi, value in ((cast.leads, 10), (cast.appointments, 27), (cast.patients, 0)):
        make_entry(kpi, value)


def without_a_value_per_patient(cast):
    complete(cast)
    cast.practice.value_per_patient = None


def without_a_funnel(cast):
    KPI.objects.filter(practice=cast.practice).update(
        archived_at="2026-11-01T00:00Z", archived_by=cast.superuser
    )


def empty(cast):
    """As a practice begins."""


STORIES = [
    complete,
    one_missing,
    unowned,
    above_all,
    without_a_value_per_patient,
    without_a_funnel,
    empty,
]


def board_of(cast, **how):
    return build_board(cast.practice, WEEK, today=TODAY, **how)


@pytest.mark.parametrize("tell", STORIES, ids=lambda story: story.__name__)
def test_what_the_team_saw_comes_back_as_it_was(cast, tell):
    tell(cast)
    board = board_of(cast)
    thawed = snapshot.thaw(json.loads(json.dumps(snapshot.freeze(board))))
    assert thawed == board
    # 27 and 27.0 are equal, and written otherwise.
    assert repr(thawed) == repr(board)


def test_the_running_week_and_a_board_without_a_trend_come_back_too(cast):
    complete(cast)
    running = build_board(cast.practice, WEEK.next, today=TODAY, span=52)
    for board in (running, replace(running, trend=None)):
        assert snapshot.thaw(json.loads(json.dumps(snapshot.freeze(board)))) == board


def test_names_what_was_missing_beside_the_board(cast):
    assert snapshot.freeze(board_of(cast))["missing"] == [
        "Leads",
        "Appointments",
        "Patients acquired",
    ]
    complete(cast)
    assert snapshot.freeze(board_of(cast))["missing"] == []


def test_whole_rates_that_lost_their_point_come_back_as_rates(cast):
    """PostgreSQL stores JSON numbers as numbers, not as they were written."""
    make_entry(cast.leads, 27)
    make_entry(cast.appointments, 27)
    frozen = json.dumps(snapshot.freeze(board_of(cast))).replace("1.0,", "1,")
    assert repr(snapshot.thaw(json.loads(frozen)).stages[1].of_previous) == "1.0"


def test_an_old_snapshot_without_a_newer_field_is_still_read(cast):
    complete(cast)
    board = board_of(cast)
    frozen = snapshot.freeze(board)
    del frozen["trend"], frozen["risks"], frozen["stages"][0]["value"]
    frozen["gone"] = frozen["stages"][1]["gone"] = {"what": "was once shown"}
    thawed = snapshot.thaw(frozen)
    assert thawed.trend is thawed.stages[0].value is None
    assert thawed.risks == ()
    assert thawed.stages[1:] == board.stages[1:]


@dataclass(frozen=True)
class Newer:
    status: Status = Status.NO_TARGET


def test_a_newer_field_takes_its_default():
    assert snapshot._thaw_dataclass(Newer, {}) == Newer()


def test_what_json_could_not_tell_apart_is_refused(cast):
    board = replace(board_of(cast), outcome=Fraction(1, 3))
    with pytest.raises(TypeError, match="cannot hold"):
        snapshot.freeze(board)
    with pytest.raises(TypeError, match="apart"):
        snapshot._thawing(Decimal | str)
    with pytest.raises(TypeError, match="cannot hold"):
        snapshot._thawing(Fraction)
