import codecs

import pytest

from funnel.sheets import archive_check, bounds, reading
from funnel.sheets.bounds import FileRefused
from funnel.sheets.reading import ONLY_SHEET, read
from tests.sheets.books import book

TEXT = "Week,Größe\n2026-W47,5\n"
ROWS = [["Week", "Größe"], ["2026-W47", "5"]]


def rows_of(content, name="numbers.csv"):
    return read(content, name)[ONLY_SHEET]


def refusal(content, name="numbers.csv"):
    with pytest.raises(FileRefused) as refused:
        read(content, name)
    return refused.value.sentence


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be bom", "utf-16-le", "utf-16-be", "windows-1252"],
)
def test_reads_every_encoding_that_spreadsheets_save(content):
    assert rows_of(content) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_finds_the_delimiter_and_the_ends_of_lines(delimiter, end):
    text = TEXT.replace(",", delimiter).replace("\n", end)
    assert rows_of(text.encode()) == ROWS


def test_a_decimal_comma_is_no_delimiter():
    text = "Woche;Leads;Bewertung\n2026-W46;90;4,5\n2026-W47;95;4,6\n"
    assert rows_of(text.encode())[1] == ["2026-W46", "90", "4,5"]


def test_a_file_may_name_its_delimiter():
    assert rows_of(b"sep=|\nWeek|Leads, Inquiries, Calls\n") == [
        [],
        ["Week", "Leads, Inquiries, Calls"],
    ]


def test_quotes_hold_delimiters_quotes_and_line_breaks():
    content = b'Week,Note\n2026-W47,"a ""b"", c\nd"\n'
    assert rows_of(content)[1] == ["2026-W47", 'a "b", c\nd']


def test_what_was_made_harmless_on_the_way_out_is_read_as_it_was():
    assert rows_of(b"Week,Note\n2026-W47,'=SUM(A1)\n2026-W46,it's\n") == [
        ["Week", "Note"],
        ["2026-W47", "=SUM(A1)"],
        ["2026-W46", "it's"],
    ]


def test_empty_cells_at_the_end_are_cut_off_and_lines_stay_where_they_are():
    assert rows_of(b"Week,Leads,,,\n,,,,\n2026-W47,5,,,\n") == [
        ["Week", "Leads"],
        [],
        ["2026-W47", "5"],
    ]


def test_a_workbook_is_read_as_such():
    assert read(book(["Week", "Leads"], ["2026-W47", 5]), "Numbers.XLSX") == {
        "Sheet": [["Week", "Leads"], ["2026-W47", 5]]
    }


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", reading.NOTHING),
        (b" \r\n ", "a.csv", reading.NOTHING),
        (b"", "a.xlsx", reading.NOTHING),
        (b"a,b", "a.pdf", reading.OTHER),
        (b"a,b", "a", reading.OTHER),
        (b"a,b", "a.xlsx", reading.OTHER),
        (b"a,b", "a.xls", reading.OLD),
        (b"a,b", "a.ods", reading.OLD),
        (b"a,b", "a.xlsm", archive_check.MACROS),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xlsx", reading.OLD),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.csv", reading.OLD),
        # Its first bytes are the time.
        pytest.param(book(["a"]), "a.csv", reading.OTHER, id="a workbook"),
        (b"PK\x03\x04 not a zip", "a.xlsx", archive_check.DAMAGED),
        (b"Week,Leads\n2026-W47,5\0\n", "a.csv", bounds.UNREADABLE),
        (b"\0" * 50, "a.csv", bounds.UNREADABLE),
        (b"\xff\xfea", "a.csv", bounds.UNREADABLE),
        (b"\xef\xbb\xbf\xff\xff", "a.csv", bounds.UNREADABLE),
        (b"Week\x81,Leads", "a.csv", bounds.UNREADABLE),
        (b"x" * (bounds.MAX_BYTES + 1), "a.csv", reading.TOO_BIG),
        (b'"' + b"x" * 4_000_000, "a.csv", bounds.UNREADABLE),
    ],
    ids=lambda part: str(part)[:40],
)
def test_refuses_in_words(content, name, sentence):
    assert refusal(content, name) == sentence
