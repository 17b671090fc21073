from dataclasses import dataclass

from funnel.models import Practice
from funnel.reports.board.board import build_board
from tests.cast import Cast, make_cast
from tests.factories import TODAY, WEEK, make_entry, make_kpi, make_target
from tests.kept import Kept


@dataclass
class Story:
    """Thirteen usual weeks of 100 / 40 / 20 at Lumina, then the week of MEASURES' example."""

    cast: Cast

    @property
    def practice(self) -> Practice:
        return self.cast.practice


def _usual_then_worse():
    cast = make_cast()
    kpis = (cast.leads, cast.appointments, cast.patients)
    for kpi, usual, now in zip(kpis, (100, 40, 20), (90, 27, 15), strict=True):
        for week in WEEK.back(13):
            make_entry(kpi, usual, week)
        make_entry(kpi, now)
    return cast


USUAL_THEN_WORSE = Kept(_usual_then_worse)


def set_targets(cast):
    for kpi, target in ((cast.leads, 100), (cast.appointments, 40), (cast.patients, 20)):
        make_target(kpi, target)


def board_of(cast, week=WEEK, **how):
    return build_board(cast.practice, week, today=TODAY, **how)


def parts(board):
    return [(line.patients, line.money) for line in board.gap.lines]


def add_attended(cast, week=WEEK):
    return make_kpi(cast.practice, "Attended", stage=3, from_week=week)
