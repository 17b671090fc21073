"""What a newcomer to the demo is shown as worse than usual: the stage that fails, and no other."""

from itertools import chain

import pytest
from django.core.management import call_command

from funnel.access import seat_at
from funnel.domain.verdict import Verdict
from funnel.models import Practice, User
from funnel.reports.board.board import build_board
from funnel.reports.scorecard.scorecard import ScorecardRow, build_scorecard
from tests.factories import TODAY, WEEK

pytestmark = pytest.mark.django_db

FAILING = {"lumina": "appointments", "harbor": "patients-acquired"}


@pytest.fixture(params=range(3), ids="seed {}".format)
def practices(request):
    call_command("demo", today=TODAY, seed=request.param, verbosity=0)
    return {practice.slug: practice for practice in Practice.objects.all()}


def worse(board):
    rates = {line.slug for line in board.stages if line.is_step_worse}
    numbers = {line.slug for line in board.lines if line.verdict == Verdict.WORSE}
    return rates | numbers


def test_exactly_the_stage_that_fails_is_worse(practices):
    for slug, failing in FAILING.items():
        board = build_board(practices[slug], WEEK, today=TODAY)
        assert worse(board) == {failing}
        assert board.gap.biggest.slug == failing
        assert board.leak.endswith("Worse than usual.")


def test_a_scorecard_has_at_most_one_mark_in_fifteen_cells(practices):
    for practice in practices.values():
        seat = seat_at(User.objects.get(is_superuser=True), practice)
        card = build_scorecard(seat, today=TODAY)
        rows = chain.from_iterable(section.rows for section in card.sections)
        cells = [cell for row in rows if isinstance(row, ScorecardRow) for cell in row.cells]
        assert sum(cell.is_marked for cell in cells) <= len(cells) / 15
