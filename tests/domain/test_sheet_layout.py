import pytest

from funnel.domain import sheet_layout
from funnel.domain.sheet_layout import Form, NotUnderstood, Spot, lay_out
from funnel.domain.sheet_names import Known

KNOWN = (Known("leads", "Leads"), Known("appointments", "Appointments"))


def spots(grid, known=KNOWN):
    layout = lay_out(grid, known)
    return layout.form, list(layout.spots())


DOWN = [
    ["Week", "Leads", "Appointments"],
    ["2026-W46", "90", "30"],
    ["2026-W47", "95", ""],
]
ACROSS = [
    ["KPI", "2026-W46", "2026-W47"],
    ["Leads", "90", "95"],
    ["Appointments", "30", ""],
]
LONG = [
    ["Week", "KPI", "Value"],
    ["2026-W46", "Leads", "90"],
    ["2026-W46", "Appointments", "30"],
    ["2026-W47", "Leads", "95"],
    ["2026-W47", "Appointments", ""],
]


def said(found):
    return {(spot.name, spot.week, spot.value) for spot in found}


@pytest.mark.parametrize(
    ("grid", "form"), [(DOWN, Form.DOWN), (ACROSS, Form.ACROSS), (LONG, Form.LONG)]
)
def test_the_same_numbers_in_three_forms(grid, form):
    found_form, found = spots(grid)
    assert found_form is form
    assert said(found) == {
        ("Leads", "2026-W46", "90"),
        ("Appointments", "2026-W46", "30"),
        ("Leads", "2026-W47", "95"),
    }


def test_lines_are_counted_as_the_spreadsheet_does():
    _, found = spots([["Our KPIs"], [], *DOWN, [], ["2026-W48", "70"]])
    assert [spot.line for spot in found] == [4, 4, 5, 7]


def test_a_long_sheet_may_have_notes_and_columns_of_no_concern():
    grid = [
        ["Week", "Monday", "KPI", "Unit", "Value", "Entered by", "Note"],
        ["2026-W47", "2026-11-16", "Leads", "count", 95, "Tom", " phones\n down "],
    ]
    assert spots(grid)[1] == [Spot(2, "Leads", "2026-W47", 95, "phones\ndown")]


def test_a_long_sheet_is_known_by_what_stands_in_it():
    grid = [["When", "What", "How many"], ["11/16/2026", "leads", "95"]]
    form, found = spots(grid)
    assert form is Form.LONG
    assert said(found) == {("leads", "11/16/2026", "95")}


def test_a_long_sheet_needs_no_header():
    grid = [["2026-W46", "Leads", "90"], ["2026-W47", "Leads", "95"]]
    form, found = spots(grid)
    assert form is Form.LONG
    assert [spot.line for spot in found] == [1, 2]


def test_a_wide_sheets_columns_of_no_concern_are_no_names():
    grid = [
        ["Week", "Monday", "Leads", "Owner", "Comments", "Walk-ins"],
        ["2026-W47", "2026-11-16", "95", "Tom", "phones down", "4"],
    ]
    assert lay_out(grid, KNOWN).names == ("Leads", "Walk-ins")


def test_a_column_without_any_number_is_no_name():
    grid = [["Week", "Leads", "Remark of Tom"], ["2026-W47", "95", "none"]]
    assert lay_out(grid, KNOWN).names == ("Leads",)


def test_two_columns_of_one_name_are_both_read():
    _, found = spots([["Week", "Leads", "Leads"], ["2026-W47", "95", "96"]])
    assert [spot.value for spot in found] == ["95", "96"]


def test_a_count_of_days_is_a_week_only_below_such_a_header():
    layout = lay_out([["Week", "Leads"], [46342, 95], [46349, 90]], KNOWN)
    assert layout.has_serials
    assert layout.weeks == (46342, 46349)
    with pytest.raises(NotUnderstood):
        lay_out([["Place", "Leads"], [46342, 95]], KNOWN)


def test_a_week_that_is_none_is_still_told_of():
    _, found = spots([*DOWN, ["soon", "1", "2"]])
    assert [spot.week for spot in found][-2:] == ["soon", "soon"]


def test_a_column_headed_week_is_one_however_few_of_its_cells_are_weeks():
    _, found = spots([["Week", "Leads"], ["soon", "1"], ["later", "2"], ["2026-W47", "3"]])
    assert [spot.week for spot in found] == ["soon", "later", "2026-W47"]


@pytest.mark.parametrize(
    ("grid", "sentence"),
    [
        ([], sheet_layout.EMPTY),
        ([[]], sheet_layout.EMPTY),
        ([["", " "], ["x", ""]], sheet_layout.EMPTY),
        ([["Leads", "Appointments"], ["90", "30"]], sheet_layout.NO_WEEKS),
        ([["Week", "Leads"], ["2026-W47", "many"]], sheet_layout.NO_NUMBERS),
        ([["Week", "KPI", "Value"], ["2026-W47", "Leads", ""]], sheet_layout.NO_NUMBERS),
        ([["KPI", "2026-W47"], ["Leads", "many"]], sheet_layout.NO_NUMBERS),
    ],
)
def test_refuses_in_words_what_says_no_numbers_by_week(grid, sentence):
    with pytest.raises(NotUnderstood) as refused:
        lay_out(grid, KNOWN)
    assert refused.value.sentence == sentence


def test_refuses_more_names_than_anyone_would_map():
    grid = [["Week", "KPI", "Value"]]
    grid += [["2026-W47", f"Number {n}", 1] for n in range(sheet_layout.MOST_NAMES + 1)]
    with pytest.raises(NotUnderstood) as refused:
        lay_out(grid, KNOWN)
    assert refused.value.sentence == sheet_layout.MANY_NAMES
