from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain import sheet_questions
from funnel.domain.numbers import DecimalSign
from funnel.domain.sheet_dates import Order, Sunday, said
from funnel.domain.sheet_layout import NO_WEEKS, Form, NotUnderstood
from funnel.domain.sheet_names import Known
from funnel.domain.sheet_questions import Answers, understand
from funnel.domain.weeks import Week

KNOWN = (
    Known("leads", "Leads"),
    Known("appointments", "Appointments"),
    Known("rating", "Google rating", unit="decimal"),
)


def ask(*grids, **answers):
    sheets = {f"Sheet {n}": grid for n, grid in enumerate(grids, start=1)}
    return understand(sheets, KNOWN, Answers(**answers))


def values(said):
    return [(one.slug, str(one.week), one.value) for one in said.found]


def test_a_clear_file_leaves_nothing_to_ask():
    said = ask([["Week", "Leads"], ["2026-W47", "95"]])
    assert not said.questions
    assert said.form is Form.DOWN
    assert values(said) == [("leads", "2026-W47", Decimal(95))]


def test_asks_all_at_once_and_reads_as_answered():
    grid = [["Week", "Leads", "Walk-ins"], ["02/03/2026", "1,234", "5"], ["09/03/2026", "7", "5"]]
    questions = ask(grid).questions
    assert questions.date == "02/03/2026"
    assert questions.order_guess is Order.DAY  # Two Mondays, where the other has none.
    assert questions.number == "1,234"
    assert questions.names == ("Walk-ins",)
    said = ask(grid, order=Order.DAY, sign=DecimalSign.POINT, names={"Walk-ins": ""})
    assert not said.questions
    assert said.left_out == ("Walk-ins",)
    assert values(said) == [
        ("leads", "2026-W10", Decimal(1234)),
        ("leads", "2026-W11", Decimal(7)),
    ]


def test_a_name_that_was_mapped_by_hand_is_that_kpi():
    grid = [["Week", "Walk-ins"], ["2026-W47", "5"]]
    assert values(ask(grid, names={"Walk-ins": "leads"})) == [("leads", "2026-W47", Decimal(5))]


def test_a_name_may_be_mapped_otherwise_than_it_sounds():
    grid = [["Week", "Leads"], ["2026-W47", "5"]]
    assert values(ask(grid, names={"Leads": "appointments"}))[0][0] == "appointments"


def test_an_answer_that_names_no_kpi_is_asked_again():
    grid = [["Week", "Walk-ins"], ["2026-W47", "5"]]
    assert ask(grid, names={"Walk-ins": "h-secret"}).questions.names == ("Walk-ins",)


def test_the_column_settles_the_order_without_asking():
    grid = [["Week", "Leads"], ["03/04/2026", "5"], ["17/04/2026", "6"]]
    assert values(ask(grid))[0][1] == str(Week.of(date(2026, 4, 3)))


def test_a_column_that_mixes_orders_is_asked_for_and_tells_what_is_no_day():
    grid = [["Week", "Leads"], ["17/04/2026", "5"], ["04/18/2026", "6"]]
    assert ask(grid).questions.date == "17/04/2026"
    first, second = ask(grid, order=Order.DAY).found
    assert first.week == Week.of(date(2026, 4, 17))
    assert second.week is None
    assert "“04/18/2026” is not a day or week." in second.refusal


def test_weeks_that_begin_on_sundays_are_asked_for():
    grid = [["Week", "Leads"], ["Nov 8, 2026", "5"], ["Nov 15, 2026", "6"]]
    assert ask(grid).questions.sunday == "2026-11-08"
    assert values(ask(grid, sunday=Sunday.BEGINS))[1][1] == "2026-W47"
    assert values(ask(grid, sunday=Sunday.ENDS))[1][1] == "2026-W46"


def test_a_sunday_among_other_days_is_of_its_week():
    grid = [["Date", "Leads"], ["Nov 15, 2026", "5"], ["Nov 17, 2026", "6"]]
    assert [week for _, week, _ in values(ask(grid))] == ["2026-W46", "2026-W47"]


def test_says_which_days_stand_for_their_week():
    grid = [["Date", "Leads"], ["Nov 18, 2026", "5"], ["Nov 23, 2026", "6"], ["Dec 1, 2026", "7"]]
    said = ask(grid)
    assert (said.moved, said.moved_count) == ("2026-11-18", 2)


def test_of_several_sheets_one_is_chosen():
    one, other = ([["Week", "Leads"], ["2026-W47", text]] for text in ("5", "6"))
    assert ask(one, other).questions.sheets == ("Sheet 1", "Sheet 2")
    assert values(ask(one, other, sheet="Sheet 2"))[0][2] == 6
    assert ask(one, other, sheet="Sheet 9").questions.sheets == ("Sheet 1", "Sheet 2")


def test_sheets_without_numbers_are_not_offered():
    said = ask([["Notes", "of Tom"]], [["Week", "Leads"], ["2026-W47", "5"]])
    assert not said.questions
    assert said.sheet == "Sheet 2"


def test_a_file_without_numbers_is_refused():
    with pytest.raises(NotUnderstood) as refused:
        ask([["Notes", "of Tom"]])
    assert refused.value.sentence == NO_WEEKS


def test_numbers_that_contradict_each_other_are_asked_for():
    grid = [["Week", "Google rating"], ["2026-W46", "4.5"], ["2026-W47", "4,5"]]
    assert ask(grid).questions.number == "4.5"
    _, second = ask(grid, sign=DecimalSign.POINT).found
    assert second.value is None
    assert second.refusal


def test_a_typed_number_is_the_same_whatever_the_sign():
    grid = [["Week", "Google rating"], ["2026-W46", 4.5], ["2026-W47", "4,5"]]
    assert {one.value for one in ask(grid).found} == {Decimal("4.5")}


@pytest.mark.parametrize("cell", ["#DIV/0!", "#REF!"])
def test_an_error_of_the_spreadsheet_is_refused_as_such(cell):
    (one,) = ask([["Week", "KPI", "Value"], ["2026-W47", "Leads", cell]]).found
    assert one.refusal == f"The cell has an error: {cell}."


def test_answers_can_be_kept():
    answers = Answers("Sheet 1", Order.DAY, Sunday.ENDS, DecimalSign.COMMA, {"Walk-ins": ""})
    assert Answers.of_json(answers.as_json()) == answers
    assert Answers.of_json({}) == Answers()


def test_says_what_was_rounded():
    grid = [["Week", "Google rating", "Leads"], ["2026-W46", 100 / 3, 5.0], ["2026-W47", 4.5, 6]]
    found = ask(grid).found
    assert [one.remark for one in found] == ["Rounded from 33.3333333333333.", "", "", ""]
    assert found[0].value == Decimal("33.33")


def test_refuses_more_numbers_than_anyone_has(monkeypatch):
    monkeypatch.setattr(sheet_questions, "MOST_NUMBERS", 2)
    grid = [["Week", "Leads"], *([str(Week.parse("2026-W01").plus(n)), n] for n in range(3))]
    with pytest.raises(NotUnderstood) as refused:
        ask(grid)
    assert refused.value.sentence == sheet_questions.MANY
    assert len(ask(grid[:3]).found) == 2


# What nobody writes on purpose

CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "Week",
            "KPI",
            "Value",
            "Leads",
            "2026-W47",
            "03/04/2026",
            "1,234",
            "-",
            "=1",
            "'",
            "#N/A",
        ]
    ),
    st.text(max_size=12),
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=True, allow_infinity=True),
)


@given(st.lists(st.lists(CELLS, max_size=6), max_size=8))
def test_whatever_stands_in_a_sheet_is_asked_about_read_or_refused(grid):
    with suppress(NotUnderstood):
        said = ask(grid)
        assert said.questions or all(one.refusal or one.week for one in said.found)


# However a person writes them, the numbers are the same

STYLES = {
    "iso": lambda week: week.monday.isoformat(),
    "iso week": str,
    "american": lambda week: f"{week.monday:%m/%d/%Y}",
    "european": lambda week: f"{week.monday:%d.%m.%Y}",
    "in words": lambda week: said(week.monday),
    "week of": lambda week: f"week of {said(week.monday)}",
    "our label": lambda week: week.label,
    "week ending": lambda week: f"week ending {said(week.sunday)}",
    "a wednesday": lambda week: (week.monday + timedelta(days=2)).isoformat(),
}
ORDERS = {"american": Order.MONTH, "european": Order.DAY}


def in_points(value):
    return f"{value:,}"


def in_commas(value):
    return f"{value:,}".translate({ord(","): ".", ord("."): ","})


def in_spaces(value):
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")


LOCALES = {
    in_points: DecimalSign.POINT,
    in_commas: DecimalSign.COMMA,
    in_spaces: DecimalSign.COMMA,
}
NAMES = {"leads": "Leads", "appointments": "Appointments", "rating": "Google rating"}
COUNTS = st.integers(0, 999_999_999).map(Decimal)
RATINGS = st.integers(0, 99_999).map(lambda n: Decimal(n) / 100)


def down(numbers, week_of, text_of):
    weeks = sorted({week for _, week in numbers})
    rows = [[week_of(week), *(text_of(numbers[slug, week]) for slug in NAMES)] for week in weeks]
    return [["Week", *NAMES.values()], *rows]


def across(numbers, week_of, text_of):
    return [list(column) for column in zip(*down(numbers, week_of, text_of), strict=True)]


def long(numbers, week_of, text_of):
    rows = [[week_of(week), NAMES[slug], text_of(v)] for (slug, week), v in numbers.items()]
    return [["Week", "KPI", "Value"], *rows]


@given(
    first=st.dates(date(2001, 1, 1), date(2030, 1, 1)).map(Week.of),
    values=st.lists(st.tuples(COUNTS, COUNTS, RATINGS), min_size=1, max_size=6),
    form=st.sampled_from([down, across, long]),
    style=st.sampled_from(sorted(STYLES)),
    text_of=st.sampled_from(list(LOCALES)),
)
def test_the_same_numbers_come_out_of_every_form_style_and_locale(
    first, values, form, style, text_of
):
    numbers = {
        (slug, first.plus(n)): value
        for n, row in enumerate(values)
        for slug, value in zip(NAMES, row, strict=True)
    }
    grid = form(numbers, STYLES[style], text_of)
    asked = ask(grid).questions
    assert (asked.sheets, asked.names, asked.sunday) == ((), (), "")
    answers = {"order": ORDERS.get(style)} if asked.date else {}
    if asked.number:
        answers["sign"] = LOCALES[text_of]
    found = ask(grid, **answers)
    assert not found.questions
    assert {(one.slug, one.week): one.value for one in found.found} == numbers
