import csv
import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from openpyxl import load_workbook

from funnel.domain.tables import Column, Table, named
from funnel.sheets.writing import PIECE, csv_pieces, json_pieces, xlsx_file

COLUMNS = named("Week, Note, Value, Monday, Corrected")
ROWS = (
    ("2026-W47", "=1+1", Decimal("27.00"), date(2026, 11, 16), True),
    ("2026-W46", "Two\nlines, “quoted”", Decimal("12.50"), date(2026, 11, 9), False),
    ("2026-W45", None, None, None, None),
    ("2026-W44", "", Fraction(1, 3), date(2026, 10, 26), False),
)


def table(rows=ROWS, columns=COLUMNS, name="Entries"):
    return Table(name, columns, iter(rows))


def written(pieces):
    return b"".join(pieces)


def workbook(a_table):
    """The workbook as Excel would read it."""
    with xlsx_file(a_table) as file:
        return load_workbook(io.BytesIO(file.read()))


def cells(book):
    return [[cell.value for cell in row] for row in book.active.iter_rows()]


def test_csv_is_what_excel_opens_as_it_was_meant():
    text = written(csv_pieces(table()))
    assert text.startswith("\ufeffWeek,Note,Value,Monday,Corrected\r\n".encode())
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert rows[1] == ["2026-W47", "'=1+1", "27", "2026-11-16", "yes"]
    assert rows[2] == ["2026-W46", "Two\nlines, “quoted”", "12.5", "2026-11-09", "no"]
    assert rows[3] == ["2026-W45", "", "", "", ""]
    assert rows[4][2] == "0.3333"


def test_json_has_an_object_a_row_and_the_digits_of_the_number():
    text = written(json_pieces(table())).decode()
    assert '"value": 27,' in text
    assert '"value": 12.5,' in text
    rows = json.loads(text, parse_float=Decimal)
    assert rows[0] == {
        "week": "2026-W47", "note": "=1+1", "value": 27, "monday": "2026-11-16", "corrected": True,
    }  # fmt: skip
    assert rows[2]["value"] is None
    assert rows[2]["corrected"] is None


def test_xlsx_has_numbers_days_and_texts_that_are_no_formulas():
    book = workbook(table())
    assert book.sheetnames == ["Entries"]
    rows = list(book.active.iter_rows(min_row=2))
    week, note, value, monday, corrected = rows[0]
    assert (week.value, value.value, corrected.value) == ("2026-W47", 27, "yes")
    assert (note.value, note.data_type, note.quotePrefix) == ("=1+1", "s", True)
    assert (monday.value.date(), monday.is_date) == (date(2026, 11, 16), True)
    assert rows[1][1].value == "Two\nlines, “quoted”"
    assert not rows[1][1].quotePrefix
    assert [cell.value for cell in rows[2]] == ["2026-W45", None, None, None, None]
    with xlsx_file(table()) as file, zipfile.ZipFile(file) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", " =1", "＝1", "-5"])
def test_nothing_in_any_file_begins_like_a_formula(text):
    columns = (Column(text, "kpi"),)
    for row in csv.reader(
        io.StringIO(written(csv_pieces(table([(text,)], columns))).decode("utf-8-sig"), newline="")
    ):
        assert row == [f"'{text}"]
    book = workbook(table([(text,)], columns))
    assert [cell.data_type for (cell,) in book.active.iter_rows()] == ["s", "s"]
    assert [cell.quotePrefix for (cell,) in book.active.iter_rows()] == [True, True]


def test_a_negative_number_stays_a_number():
    columns = named("Change")
    rows = [(Decimal("-5.00"),)]
    assert written(csv_pieces(table(rows, columns))).endswith(b"\r\n-5\r\n")
    assert cells(workbook(table(rows, columns))) == [["Change"], [-5]]


def test_what_a_format_cannot_hold_breaks_no_file():
    rows = [("a\x00b\x0bc\ud800d\uffff",)]
    columns = named("Note")
    assert cells(workbook(table(rows, columns)))[1] == ["a�b�c�d�"]
    assert "a\x00b\x0bc?d\uffff" in written(csv_pieces(table(rows, columns))).decode()
    assert json.loads(written(json_pieces(table(rows, columns))))[0]["note"].startswith("a\x00b")


def test_lines_of_a_note_stay_lines():
    columns, rows = named("Note"), [("one\r\ntwo\nthree",)]
    assert cells(workbook(table(rows, columns)))[1] == ["one\ntwo\nthree"]
    text = written(csv_pieces(table(rows, columns))).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["one\r\ntwo\nthree"]


def test_a_table_without_rows_is_a_file_all_the_same():
    assert written(csv_pieces(table([]))).decode("utf-8-sig").splitlines() == [
        "Week,Note,Value,Monday,Corrected"
    ]
    assert json.loads(written(json_pieces(table([])))) == []
    assert len(cells(workbook(table([])))) == 1


@pytest.mark.parametrize("pieces", [csv_pieces, json_pieces])
def test_rows_are_told_only_as_far_as_they_were_written(pieces):
    told = []

    def rows():
        for number in range(10 * PIECE):
            told.append(number)
            yield (number,)

    stream = pieces(table(rows(), named("Number")))
    next(stream)
    assert len(told) <= 1
    next(stream)
    assert len(told) == PIECE
    assert sum(1 for _ in stream) <= 10


def test_a_sheets_name_takes_what_excel_takes():
    name = "History of [all]: a/b*c?" + "x" * 40
    (sheet,) = workbook(table(name=name)).sheetnames
    assert sheet.startswith("History of  all   a b c ")
    assert len(sheet) == 31
