"""templatetags/wall.py: what is said of a KPI, piece by piece."""

import pytest
from django.template import Context, Template

from funnel.reports.board.board import build_board
from funnel.reports.setup.screens import build_wall
from funnel.templatetags import lines
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage():
    cast = make_cast()
    make_entry(cast.leads, 90)
    make_entry(cast.appointments, 27)
    board = build_board(cast.practice, WEEK, today=TODAY)
    return build_wall(board, time_zone="UTC", shows_names=False).stages[1]


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("standing line 'USD'", lambda line: lines.standing(line, "USD")),
        ("since_last_week line 'USD'", lambda line: lines.since_last_week(line, "USD")),
        ("remarks line 'USD'", lambda line: lines.remarks(line, "USD")),
        ("answered_by line", lines.answered_by),
        ("step line 'Leads'", lambda line: lines.step(line, "Leads")),
    ],
    ids=["standing", "since_last_week", "remarks", "answered_by", "step"],
)
def test_each_piece_says_what_the_dashboard_says(stage, tag, said):
    template = Template(f"{{% load wall %}}{{% {tag} %}}")
    assert template.render(Context({"line": stage})) == said(stage)


def test_a_role_in_the_owners_place_is_named_once(stage):
    assert lines.answered_by(stage) == "Front desk"
