from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from funnel.domain.sheet_dates import Signed
from funnel.sheets import archive_check, bounds
from funnel.sheets.bounds import FileRefused
from funnel.sheets.workbook import read_workbook
from tests.sheets.books import book, by_hand, saved, sheet_of


def rows_of(content):
    (rows,) = read_workbook(content).values()
    return rows


def refusal(content):
    with pytest.raises(FileRefused) as refused:
        read_workbook(content)
    return refused.value.sentence


def test_dates_numbers_and_texts_come_as_they_are_meant():
    cells = [
        date(2026, 11, 16),
        datetime.combine(date(2026, 11, 16), time(9, 30)),
        time(9, 30),
        27,
        4.5,
        "é",
        True,
    ]
    assert rows_of(book(cells)) == [
        ["2026-11-16", "2026-11-16 09:30:00", "09:30:00", 27, 4.5, "é", "TRUE"]
    ]


def test_a_percent_is_told_in_percent_and_with_its_sign():
    def as_percent(made):
        made.active["A1"].number_format = "0.0%"

    assert rows_of(book([0.29, 0.29], change=as_percent)) == [[Signed(29.0, "%"), 0.29]]


@pytest.mark.parametrize(
    ("number_format", "sign"),
    [
        ('"$"#,##0.00', "$"),
        ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\)', "$"),
        ("[$€-407] #,##0", "€"),
        ("#,##0.00 [$CHF]", "CHF"),
        ("[$-409]#,##0", ""),
        ("#,##0", ""),
    ],
)
def test_an_amount_comes_with_the_currency_that_it_is_shown_in(number_format, sign):
    def as_money(made):
        made.active["A1"].number_format = number_format

    expected = Signed(5, sign) if sign else 5
    assert rows_of(book([5], change=as_money)) == [[expected]]


def test_each_visible_sheet_with_cells_has_its_name():
    made = Workbook()
    made.active.title = "First"
    made.active.append(["a"])
    made.create_sheet("Empty")
    hidden = made.create_sheet("Hidden")
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    made.create_sheet("Last").append(["b"])
    assert read_workbook(saved(made)) == {"First": [["a"]], "Last": [["b"]]}


def test_only_what_a_formula_came_to_is_read():
    rows = '<row r="1"><c r="A1"><f>HYPERLINK("http://evil.example")</f><v>7</v></c></row>'
    assert rows_of(by_hand(sheet_of(rows))) == [[7]]


def test_a_formula_that_was_never_calculated_is_refused_and_not_calculated():
    assert "Cell A1 has a formula" in refusal(book(["=1+1"]))


def test_links_to_other_files_are_not_followed():
    rows = '<row r="1"><c r="A1"><f>[1]Other!A1</f><v>7</v></c></row>'
    link = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="x" Target="http://evil.example/a.xlsx" '
        'TargetMode="External"/></Relationships>'
    )
    content = by_hand(sheet_of(rows), **{"xl/externalLinks/_rels/externalLink1.xml.rels": link})
    assert rows_of(content) == [[7]]


def test_what_a_sheet_says_of_its_size_is_not_believed():
    rows = '<row r="1"><c r="A1"><v>7</v></c></row>'
    content = by_hand(sheet_of(rows, '<dimension ref="A1:XFD1048576"/>'))
    assert rows_of(content) == [[7]]


def test_a_row_far_below_is_too_far():
    rows = '<row r="1048576"><c r="A1048576"><v>7</v></c></row>'
    assert refusal(by_hand(sheet_of(rows))) == bounds.LONG


def test_a_cell_far_to_the_right_is_too_far():
    rows = '<row r="1"><c r="XFD1"><v>7</v></c></row>'
    assert refusal(by_hand(sheet_of(rows))) == bounds.WIDE


def test_a_great_many_empty_cells_are_not_looked_through():
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"/></row>' for n in range(1, 2_000))
    assert refusal(by_hand(sheet_of(rows))) == bounds.MANY


def test_one_text_in_very_many_cells_is_too_much_text(monkeypatch):
    monkeypatch.setattr(bounds, "MAX_ALL_LETTERS", 1_000)
    assert rows_of(book(["x" * 100] * 10)) == [["x" * 100] * 10]
    assert refusal(book(["x" * 100] * 11)) == bounds.ALL_LETTERS


def test_a_number_beyond_all_numbers_is_none():
    content = by_hand(sheet_of('<row r="1"><c r="A1"><v>1e400</v></c></row>'))
    assert rows_of(content) == [["too large"]]


@pytest.mark.parametrize("value", ["NaN", "INF", "abc", "9" * 400, "9" * 5_000])
def test_a_number_that_is_none_is_damage(value):
    content = by_hand(sheet_of(f'<row r="1"><c r="A1"><v>{value}</v></c></row>'))
    assert refusal(content) == archive_check.DAMAGED


def test_an_error_of_the_spreadsheet_is_its_text():
    rows = '<row r="1"><c r="A1" t="e"><v>#DIV/0!</v></c></row>'
    assert rows_of(by_hand(sheet_of(rows))) == [["#DIV/0!"]]


def test_a_date_that_is_none_is_an_error_and_no_date():
    content = book([date(2026, 11, 16)])
    assert rows_of(content) == [["2026-11-16"]]


def test_more_sheets_than_anyone_has_are_refused():
    made = Workbook()
    for number in range(bounds.MAX_SHEETS):
        made.create_sheet(f"Sheet {number}")
    assert refusal(saved(made)) == archive_check.SHEETS


def test_a_workbook_without_a_cell_has_no_sheet():
    assert read_workbook(book()) == {}


@pytest.mark.parametrize(
    "parts",
    [
        {"[Content_Types].xml": "<a/>"},
        {"xl/_rels/workbook.xml.rels": "<a/>"},
        {"xl/workbook.xml": ""},
    ],
    ids=str,
)
def test_a_damaged_workbook_is_refused_in_words(parts):
    content = by_hand(sheet_of('<row r="1"><c r="A1"><v>7</v></c></row>'), **parts)
    assert refusal(content) == archive_check.DAMAGED
