import pytest

from funnel.reports.board.board import build_board
from funnel.templatetags import lines
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_kpi, make_target

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def board_of(cast):
    return build_board(cast.practice, WEEK, today=TODAY)


def test_standing_is_shape_word_and_colour(cast):
    make_target(cast.leads, 1000)
    make_entry(cast.leads, 90)
    said = lines.standing(board_of(cast).stages[0], "USD")
    assert said.startswith('<p class="status status--missed"><span aria-hidden="true">▼</span>')
    assert said.endswith(" target 1,000, missed</p>")


def test_a_target_in_money_is_written_in_money(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money", direction="lower")
    make_target(spend, 500)
    make_entry(spend, 400)
    assert "target $500, met" in lines.standing(board_of(cast).others[0], "USD")


def test_last_week_is_told_as_change_or_number_or_nothing(cast):
    make_entry(cast.leads, 90)
    make_entry(cast.leads, 100, WEEK.previous)
    make_entry(cast.appointments, 40, WEEK.previous)
    leads, appointments, patients = board_of(cast).stages
    assert lines.since_last_week(leads, "USD") == "10 fewer than last week (−10.0%)"
    assert lines.since_last_week(appointments, "USD") == "last week 40"
    assert lines.since_last_week(patients, "USD") == "no number last week"


def test_an_owner_is_named_and_escaped_and_no_owner_is_loud(cast):
    cast.owner.name = "<Maya>"
    cast.owner.save()
    cast.leads.ownerships.all().delete()
    leads, appointments, _ = board_of(cast).stages
    assert lines.answered_by(appointments) == "&lt;Maya&gt;, Front desk"
    assert "no owner</span>, Marketing" in lines.answered_by(leads)


def test_a_step_says_rate_change_and_verdict(cast):
    for week in WEEK.back(4):
        make_entry(cast.leads, 100, week)
        make_entry(cast.appointments, 50, week)
    make_entry(cast.leads, 100)
    make_entry(cast.appointments, 20)
    text = lines.step(board_of(cast).stages[1], "Leads")
    assert '<span class="stage__rate">20.0%</span> of leads</p>' in text
    assert "<p>−30.0 pts against last week</p>" in text
    assert "◆</span> different from usual (50.0%)" in text


def test_a_step_says_why_too_few_is_too_few(cast):
    make_entry(cast.leads, 4)
    make_entry(cast.appointments, 2)
    text = lines.step(board_of(cast).stages[1], "Leads")
    assert "too few to say: fewer than 5 this week" in text


def test_a_rate_above_all_is_explained_and_the_third_stage_has_a_rate_of_first(cast):
    for kpi, value in ((cast.leads, 20), (cast.appointments, 10), (cast.patients, 12)):
        make_entry(kpi, value)
    text = lines.step(board_of(cast).stages[2], "Leads")
    assert "120.0%</span> of appointments, 60.0% of leads" in text
    assert "Above 100%: some of these came in as appointments in an earlier week." in text


def test_the_first_stage_has_no_step(cast):
    make_entry(cast.leads, 20)
    stage = board_of(cast).stages[0]
    assert not stage.has_step
    assert lines.step(stage, "Leads") == ""


def test_the_gaps_rows_name_the_part_its_owner_and_draw_it_from_zero(cast):
    for kpi, target, value in (
        (cast.leads, 100, 90),
        (cast.appointments, 40, 27),
        (cast.patients, 20, 15),
    ):
        make_target(kpi, target)
        make_entry(kpi, value)
    gap = board_of(cast).gap
    leads, appointments, patients = lines.gap_rows(gap, {"low": -1.5, "span": 6.0}, "USD").split(
        "</tr>"
    )[:3]
    assert 'class="tone-1"' in leads
    assert 'x2="2"' in leads
    assert 'class="tone-2 is-biggest"' in appointments
    assert "biggest leak" in appointments
    assert "Maya, Front desk" in appointments
    assert '<td class="n">4.5</td><td class="n">$14,400</td>' in appointments
    assert "gained" in patients
    assert 'viewBox="-1.5 0 6.0 1"' in patients


def test_a_part_that_cannot_be_said_has_no_bar(cast):
    for kpi, target in ((cast.leads, 100), (cast.appointments, 40), (cast.patients, 20)):
        make_target(kpi, target)
    assert "<svg" not in lines.gap_rows(board_of(cast).gap, None, "USD")


def test_a_number_beside_the_funnel_says_all_a_stage_does_and_is_escaped(cast):
    rating = make_kpi(cast.practice, "Rating", unit="decimal")
    rating.name = "<Rating>"
    rating.save()
    make_target(rating, 4)
    make_entry(rating, 5)
    text = lines.beside(board_of(cast).others, "USD")
    for shown in ("&lt;Rating&gt;", ">5.0<", "target 4.0, met", "no number last week", "no owner"):
        assert shown in text


def test_each_number_is_defined_with_its_role(cast):
    text = lines.definitions(board_of(cast).lines)
    assert text.count("<dt>") == 3
    assert "Marketing answers for it.</dd>" in text


def test_a_stage_is_large_coloured_by_its_place_and_says_all_of_itself(cast):
    make_entry(cast.leads, 1234)
    make_entry(cast.appointments, 617)
    first, second, third = lines.stages(board_of(cast).stages, "USD").split("</li>")[:3]
    assert '<li class="stage tone-1" id="stage-leads">' in first
    assert '<p class="stage__number">1,234</p>' in first
    assert "Tom, Marketing" in first
    assert "stage__step" not in first
    assert '<div class="stage__step"><p><span class="stage__rate">50.0%</span>' in second
    assert "missing" in third
