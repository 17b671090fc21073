from dataclasses import replace

import pytest

from funnel.charts import of_board
from funnel.domain.verdict import Verdict
from funnel.reports.board.board import build_board
from funnel.templatetags.numbers import MISSING
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_entry, make_kpi, make_target
from tests.parts import part

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def board_of(cast):
    return build_board(cast.practice, WEEK, today=TODAY)


def line_of(line):
    return part("line", line=line, currency="USD")


def step_of(line):
    return part("step", line=line, first_name="Leads")


def test_a_status_is_shape_word_and_colour(cast):
    make_target(cast.leads, 1000)
    make_entry(cast.leads, 90)
    text = line_of(board_of(cast).stages[0])
    assert text.startswith('<p class="status status--missed"><span aria-hidden="true">▼</span>')
    assert "</span> target 1,000, missed</p><p>no number last week</p>" in text


def test_a_target_in_money_is_written_in_money(cast):
    spend = make_kpi(cast.practice, "Spend", unit="money", direction="lower")
    make_target(spend, 500)
    make_entry(spend, 400)
    assert "target $500, met" in line_of(board_of(cast).others[0])


def test_a_line_has_its_change_and_its_remarks(cast):
    make_entry(cast.leads, 90)
    make_entry(cast.leads, 100, WEEK.previous)
    leads = board_of(cast).stages[0]
    assert line_of(leads).endswith("<p>10 fewer than last week (−10.0%)</p>")
    marked = replace(
        leads, is_calculated=True, is_corrected=True, verdict=Verdict.WORSE, news="worse < usual"
    )
    assert line_of(marked).endswith(
        '<p class="quiet">calculated</p>'
        '<p class="remark"><span aria-hidden="true">✎</span> entered after the meeting</p>'
        '<p class="signal"><span aria-hidden="true">◆</span>'
        '<a class="word" href="#word-usual">worse &lt; usual</a></p>'
    )
    quiet = part(
        "line", line=replace(marked, verdict=Verdict.BETTER), currency="USD", without_words=True
    )
    assert quiet.endswith('<p class="quiet">worse &lt; usual</p>')


def test_an_owner_is_named_and_escaped_and_no_owner_is_loud(cast):
    cast.owner.name = "<Maya>"
    cast.owner.save()
    cast.leads.ownerships.all().delete()
    leads, appointments, _ = board_of(cast).stages
    assert part("answered_by", line=appointments) == "&lt;Maya&gt;, Front desk"
    assert part("answered_by", line=leads).endswith("no owner</span>, Marketing")


def test_a_role_in_the_owners_place_is_named_once(cast):
    appointments = replace(board_of(cast).stages[1], owner="Front desk")
    assert part("answered_by", line=appointments) == "Front desk"


def test_a_step_has_rate_change_and_verdict(cast):
    for week in WEEK.back(9):
        make_entry(cast.leads, 100, week)
        make_entry(cast.appointments, 50, week)
    make_entry(cast.leads, 100)
    make_entry(cast.appointments, 20)
    text = step_of(board_of(cast).stages[1])
    assert '<span class="stage__rate">20.0%</span> of leads</p>' in text
    assert "<p>−30.0 pts against last week</p>" in text
    assert '<p class="verdict--worse"><span aria-hidden="true">◆</span>' in text
    assert text.endswith(">worse than usual</a> (usually 40 to 60%)</p>")


def test_a_step_within_the_usual_range_is_quiet(cast):
    for week in (*WEEK.back(9), WEEK):
        make_entry(cast.leads, 100, week)
        make_entry(cast.appointments, 50, week)
    text = step_of(board_of(cast).stages[1])
    assert text.endswith(
        '<p class="quiet"><a class="word" href="#word-usual">as usual</a> (usually 40 to 60%)</p>'
    )


def test_a_step_gives_the_reason_of_too_few(cast):
    make_entry(cast.leads, 4)
    make_entry(cast.appointments, 2)
    text = step_of(board_of(cast).stages[1])
    assert "too few to say: fewer than 5 this week" in text
    assert "Usually" not in text


def test_a_rate_above_all_is_explained_and_the_third_stage_has_a_rate_of_first(cast):
    for kpi, value in ((cast.leads, 20), (cast.appointments, 10), (cast.patients, 12)):
        make_entry(kpi, value)
    text = step_of(board_of(cast).stages[2])
    assert "120.0%</span> of appointments, 60.0% of leads" in text
    assert "Above 100%: some of these came in as appointments in an earlier week." in text


def test_the_first_stage_has_no_step(cast):
    make_entry(cast.leads, 20)
    stage = board_of(cast).stages[0]
    assert not stage.has_step
    assert step_of(stage) == ""


def gap_of(cast):
    board = board_of(cast)
    return part("gap", board=board, charts=of_board(board))


def test_the_gaps_rows_name_the_part_its_owner_and_draw_it_from_zero(cast):
    for kpi, target, value in (
        (cast.leads, 100, 90),
        (cast.appointments, 40, 27),
        (cast.patients, 20, 15),
    ):
        make_target(kpi, target)
        make_entry(kpi, value)
    rows = gap_of(cast).partition("<tbody>")[2]
    leads, appointments, patients = rows.split("</tr>")[:3]
    assert 'class="tone-1"' in leads
    assert 'x2="2"' in leads
    assert 'class="tone-2 is-biggest"' in appointments
    assert "biggest leak" in appointments
    assert "Maya, Front desk" in appointments
    assert '<td class="n">4.5</td><td class="n">$14,400</td>' in appointments
    assert "gained" in patients
    assert 'viewBox="-1.5 0 6.0 1"' in patients


def test_a_part_that_is_unknown_has_no_bar(cast):
    for kpi, target in ((cast.leads, 100), (cast.appointments, 40), (cast.patients, 20)):
        make_target(kpi, target)
    text = gap_of(cast)
    assert text.count("Where the gap came from") == 1
    assert "<svg" not in text


def test_a_number_beside_the_funnel_has_all_a_stage_has_and_is_escaped(cast):
    rating = make_kpi(cast.practice, "Rating", unit="decimal")
    rating.name = "<Rating>"
    rating.save()
    make_target(rating, 4)
    make_entry(rating, 5)
    text = part("others", board=board_of(cast))
    for shown in ("&lt;Rating&gt;", ">5.0<", "target 4.0, met", "no number last week", "no owner"):
        assert shown in text


def test_each_number_is_defined_with_its_role(cast):
    cast.leads.definition = "Calls & <b>mails</b>."
    cast.leads.save()
    text = part("definitions", board=board_of(cast))
    assert "<dd>Calls &amp; &lt;b&gt;mails&lt;/b&gt;. Marketing is responsible for it.</dd>" in text
    assert text.count(" is responsible for it.</dd>") == 3


def test_a_stage_is_large_coloured_by_its_place_and_has_all_of_itself(cast):
    make_entry(cast.leads, 1234)
    make_entry(cast.appointments, 617)
    first, second, third = part("stages", board=board_of(cast)).split("</li>")[:3]
    assert '<li class="stage tone-1" id="stage-leads">' in first
    assert '<p class="stage__number">1,234</p>' in first
    assert "Tom, Marketing" in first
    assert "stage__step" not in first
    assert '<div class="stage__step"><p><span class="stage__rate">50.0%</span>' in second
    assert "missing" in third


def test_the_funnel_as_a_table_has_no_rates_of_the_first_stage(cast):
    make_entry(cast.leads, 1234)
    make_entry(cast.appointments, 617)
    make_entry(cast.leads, 1000, WEEK.previous)
    first, second = part("funnel_rows", stages=board_of(cast).stages).split("</tr>")[:2]
    cells = f'<td class="n">1,234</td><td class="n">{MISSING}</td><td class="n">1,000</td>'
    assert cells in first
    assert first.endswith('<td class="n">1,000.0</td>' + '<td class="n"></td>' * 3)
    assert '<td class="n">50.0%</td>' * 2 in second


def test_the_trends_table_has_the_newest_week_first_and_dashes_for_nothing(cast):
    make_entry(cast.leads, 1234)
    make_target(cast.leads, 100, WEEK)
    board = board_of(cast)
    rows = part("trend", board=board, charts=of_board(board)).partition("<tbody>")[2].split("</tr>")
    assert len(rows) == 15
    assert "Nov 23 – 29, 2026 (in progress)" in rows[0]
    assert rows[0].count("<td>") == 6
    assert ">missing<" in rows[0]
    assert "Nov 16 – 22, 2026</th><td>1,234</td><td>100</td>" in rows[1]
