import io
import zipfile

import pytest

from funnel.sheets import archive_check, bounds, workbook
from funnel.sheets.bounds import FileRefused
from funnel.sheets.workbook import read_workbook
from tests.sheets.books import BOOK, MAIN, RELATIONS, TYPES, book, by_hand, sheet_of

ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>Week</t></is></c><c r="B1"><v>5</v></c></row>'


def refusal(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            archive_check.check(archive)
        except FileRefused as refused:
            return refused.sentence
    return None


def test_a_workbook_as_the_library_saves_it_is_let_through():
    assert refusal(book(["Week", "Leads"], ["2026-W47", 5])) is None
    assert refusal(by_hand(sheet_of(ROW))) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "any/thing.else"])
def test_a_document_type_is_refused_before_anything_is_expanded(part, encoding):
    bomb = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY file SYSTEM "file:///etc/passwd">]>'
        f'<worksheet xmlns="{MAIN}"><sheetData><row><c t="inlineStr"><is><t>&b;&file;</t></is></c>'
        "</row></sheetData></worksheet>"
    )
    content = by_hand(sheet_of(ROW), **{part: bomb.encode(encoding)})
    assert refusal(content) == archive_check.DECLARES


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "any/thing.else"])
def test_blanks_before_it_hide_no_document_type(part):
    declared = f'<!DOCTYPE x [<!ENTITY a "5">]><worksheet xmlns="{MAIN}"/>'
    content = by_hand(sheet_of(ROW), **{part: " " * archive_check.PIECE + declared})
    assert refusal(content) == archive_check.DECLARES


def test_a_zip_bomb_is_refused_by_its_sizes():
    content = by_hand(sheet_of(ROW), **{"xl/media/a.bin": b"\0" * (bounds.MAX_UNPACKED + 1)})
    assert len(content) < bounds.MAX_BYTES
    assert refusal(content) == archive_check.UNPACKED


def test_sizes_that_lie_are_found_out():
    content = bytearray(by_hand(sheet_of(ROW), **{"xl/media/a.bin": b"\0" * 1_000_000}))
    # The unpacked size that the central directory declares.
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(FileRefused) as refused:
        read_workbook(bytes(content))
    assert refused.value.sentence == archive_check.DAMAGED


def test_too_many_parts_are_refused():
    more = {f"xl/media/{n}.bin": b"x" for n in range(bounds.MAX_PARTS)}
    assert refusal(by_hand(sheet_of(ROW), **more)) == archive_check.UNPACKED


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("<row/>" * (bounds.MAX_ROWS + 1), bounds.LONG),
        (f"<row>{'<c/>' * bounds.MAX_INSIDE}</row>", None),
        (f"<row>{'<c/>' * (bounds.MAX_INSIDE + 1)}</row>", archive_check.UNPACKED),
        (f"<row>{'<c>' * 60_000}{'</c>' * 60_000}</row>", archive_check.UNPACKED),
        ("<x/>" * (bounds.MAX_OUTSIDE + 1), archive_check.FORMATS),
        ('<row xmlns="other"/>' * (bounds.MAX_OUTSIDE + 1), archive_check.FORMATS),
        (f"<row>{'<x/>' * (bounds.MAX_OUTSIDE + 1)}</row>", archive_check.FORMATS),
    ],
    ids=[
        "rows",
        "a full row",
        "a fuller row",
        "a deep one",
        "other elements",
        "another's rows",
        "others in a row",
    ],
)
def test_elements_are_counted_before_a_tree_is_built_of_them(rows, sentence):
    assert refusal(by_hand(sheet_of(rows))) == sentence


def test_texts_are_counted():
    texts = f'<sst xmlns="{MAIN}">{"<si/>" * (bounds.MAX_TEXTS + 1)}</sst>'
    content = by_hand(sheet_of(ROW), **{"xl/sharedStrings.xml": texts})
    assert refusal(content) == archive_check.UNPACKED


def test_texts_are_let_through_as_far_as_cells_use_them(monkeypatch):
    monkeypatch.setattr(bounds, "MAX_UNUSED_TEXTS", 10)

    def with_texts(count):
        texts = f'<sst xmlns="{MAIN}">{"<si><t>x</t></si>" * count}</sst>'
        cells = '<c t="s"><v>0</v></c>' * 5
        return by_hand(sheet_of(f"<row>{cells}</row>"), **{"xl/sharedStrings.xml": texts})

    assert refusal(with_texts(15)) is None
    assert refusal(with_texts(16)) == archive_check.UNPACKED


def test_a_part_of_which_a_tree_is_built_is_small():
    styles = f'<styleSheet xmlns="{MAIN}"><!--{"x" * bounds.MAX_PART}--></styleSheet>'
    content = by_hand(sheet_of(ROW), **{"xl/styles.xml": styles})
    assert refusal(content) == archive_check.UNPACKED


def test_a_part_of_which_a_tree_is_built_is_small_whatever_it_says_it_is():
    # Not to be packed to less than a hundredth.
    noise = " ".join(map(str, range(350_000)))
    pretended = f'<worksheet xmlns="{MAIN}"><!--{noise}--></worksheet>'
    assert refusal(by_hand(pretended)) is None
    content = by_hand(sheet_of(ROW), **{"xl/styles.xml": pretended})
    assert refusal(content) == archive_check.UNPACKED
    types = TYPES.replace("/xl/workbook.xml", "/xl/worksheets/sheet2.xml")
    content = by_hand(sheet_of(ROW), **{"[Content_Types].xml": types})
    assert refusal(content) == archive_check.DAMAGED


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "XL/VBAPROJECT.BIN", "a/vbaProject.bin"])
def test_macros_are_refused(name):
    assert refusal(by_hand(sheet_of(ROW), **{name: b"x"})) == archive_check.MACROS


def test_a_locked_archive_is_refused():
    content = bytearray(by_hand(sheet_of(ROW)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 0x1
    assert refusal(bytes(content)) == archive_check.LOCKED


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ('<c r="B2"><f>1+1</f><v>2</v></c>', None),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', None),
        ('<c r="B2"><f>1+1</f></c>', archive_check.UNCALCULATED.format(cell="B2")),
        ('<c r="B2"><f>1+1</f><v></v></c>', archive_check.UNCALCULATED.format(cell="B2")),
        ('<c r="B2"><f>1+1</f><v> </v></c>', archive_check.UNCALCULATED.format(cell="B2")),
        ("<c><f>1+1</f></c>", archive_check.UNCALCULATED.format(cell="?")),
        ("<c><v>1</v></c><c><f>1+1</f><v>2</v></c><c/>", None),
    ],
)
def test_a_formula_is_let_through_with_what_it_came_to(cell, sentence):
    assert refusal(by_hand(sheet_of(f"<row>{cell}</row>"))) == sentence


@pytest.mark.parametrize("broken", ["<worksheet", "<a></b>", "<a>\x01</a>", "<a>&nothing;</a>"])
def test_a_damaged_part_is_refused(broken):
    assert refusal(by_hand(broken)) == archive_check.DAMAGED


def test_pictures_are_of_no_concern():
    assert refusal(by_hand(sheet_of(ROW), **{"xl/media/a.png": b"\x89PNG<<<"})) is None


# Files of a few kilobytes that would keep the library busy: refused before it opens them.

MANY = 12_500
ONE = '<sheet name="Sheet1" sheetId="1" r:id="rId1"/>'


def repeated(pattern, count=MANY):
    return "".join(pattern.format(n) for n in range(count))


def with_sheets(listed, targets=1, **more):
    relation = RELATIONS.partition("<Relationship ")[2].removesuffix("</Relationships>")
    relation = "<Relationship " + relation.format(kind="worksheet", target="worksheets/s{0}.xml")
    relations = repeated(relation.replace("rId1", "r{0}"), targets)
    root = RELATIONS.partition("<Relationship ")[0]
    parts = {
        "xl/workbook.xml": BOOK.replace(ONE, listed),
        "xl/_rels/workbook.xml.rels": f"{root}{relations}</Relationships>",
    }
    return by_hand(sheet_of(ROW), **parts, **more)


def in_styles(elements):
    return by_hand(
        sheet_of(ROW), **{"xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{elements}</styleSheet>'}
    )


def below(elements):
    return by_hand(f'<worksheet xmlns="{MAIN}"><sheetData/>{elements}</worksheet>')


LISTED = '<sheet name="S{0}" sheetId="{0}" r:id="r{0}"/>'
HIDDEN = LISTED.replace("/>", ' state="hidden"/>')
OVERRIDE = '<Override PartName="/x{}" ContentType="a/b"/>'
HOSTILE = {
    "sheets": (lambda: with_sheets(repeated(LISTED)), archive_check.SHEETS),
    "hidden sheets": (lambda: with_sheets(repeated(HIDDEN)), archive_check.SHEETS),
    "sheets of one part": (lambda: with_sheets(LISTED.format(0) * 50), archive_check.DAMAGED),
    "relations": (lambda: with_sheets(ONE, targets=MANY), archive_check.FORMATS),
    "content types": (
        lambda: by_hand(
            sheet_of(ROW), **{"[Content_Types].xml": TYPES.replace("</", repeated(OVERRIDE) + "</")}
        ),
        archive_check.FORMATS,
    ),
    "names": (
        lambda: with_sheets(
            ONE
            + "</sheets><definedNames>"
            + repeated("<definedName name='n{}'/>")
            + "</definedNames><sheets>"
        ),
        archive_check.FORMATS,
    ),
    "merged cells": (
        lambda: below(repeated('<mergeCell ref="A{0}:B{0}"/>')),
        archive_check.FORMATS,
    ),
    "conditional formats": (
        lambda: below("<conditionalFormatting><cfRule/></conditionalFormatting>" * (MANY // 2)),
        archive_check.FORMATS,
    ),
    "formats": (lambda: in_styles("<xf/>" * MANY), archive_check.FORMATS),
    "fonts": (lambda: in_styles("<font><b/></font>" * MANY), archive_check.FORMATS),
    "number formats": (
        lambda: in_styles(repeated('<numFmt numFmtId="{}"/>')),
        archive_check.FORMATS,
    ),
    "named styles": (
        lambda: in_styles(repeated('<cellStyle name="n{}"/>', 2_100)),
        archive_check.FORMATS,
    ),
    "texts no cell uses": (
        lambda: by_hand(
            sheet_of(ROW), **{"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"<si/>" * MANY}</sst>'}
        ),
        archive_check.UNPACKED,
    ),
    "formatted texts": (
        lambda: by_hand(sheet_of(f"<row><c><is>{'<r/>' * MANY}</is></c></row>")),
        archive_check.FORMATS,
    ),
    "empty cells": (
        lambda: by_hand(sheet_of(("<row>" + "<c/>" * 1_000 + "</row>") * 2_001)),
        archive_check.UNPACKED,
    ),
    "cells": (
        lambda: by_hand(sheet_of(("<row>" + "<c><v>7</v></c>" * 500 + "</row>") * 2_001)),
        archive_check.UNPACKED,
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_small_file_of_very_many_is_refused_before_it_is_opened(kind, monkeypatch):
    build, sentence = HOSTILE[kind]
    content = build()
    assert len(content) < 100_000
    opened = []
    monkeypatch.setattr(workbook, "load_workbook", lambda *_, **__: opened.append(1) or 1 / 0)
    with pytest.raises(FileRefused) as refused:
        read_workbook(content)
    assert refused.value.sentence == sentence
    assert opened == []


def test_many_sheets_over_several_parts_are_counted_together(monkeypatch):
    monkeypatch.setattr(bounds, "MAX_OUTSIDE", 60)
    merged = f'<worksheet xmlns="{MAIN}">{"<mergeCell/>" * 10}</worksheet>'
    parts = {f"xl/worksheets/s{n}.xml": merged for n in range(5)}
    assert refusal(by_hand(sheet_of(ROW), **parts)) == archive_check.FORMATS


@pytest.mark.parametrize(
    ("monkeyed", "rows", "sentence"),
    [
        ("MAX_CELLS", "<row><c><v>1</v></c><c><is><t>x</t></is></c><c/></row>", None),
        ("MAX_CELLS", "<row><c><v>1</v></c></row>" * 3, bounds.MANY),
        ("MAX_SEEN", "<row><c/></row>" * 3, bounds.MANY),
    ],
)
def test_cells_are_counted_before_they_are_read(monkeypatch, monkeyed, rows, sentence):
    monkeypatch.setattr(bounds, monkeyed, 2)
    assert refusal(by_hand(sheet_of(rows))) == sentence


def test_a_chart_may_hold_more_and_is_no_sheet():
    chart = f'<chart xmlns="c">{"<pt/>" * (bounds.MAX_OUTSIDE + 1)}</chart>'
    assert refusal(by_hand(sheet_of(ROW), **{"xl/charts/chart1.xml": chart})) is None
    chart = f'<chart xmlns="c">{"<pt/>" * (bounds.MAX_UNREAD + 1)}</chart>'
    assert (
        refusal(by_hand(sheet_of(ROW), **{"xl/charts/chart1.xml": chart})) == archive_check.UNPACKED
    )
    for kind, target in (
        ("worksheet", "charts/chart1.xml"),
        ("worksheet", "/xl/charts/chart1.xml"),
    ):
        relations = RELATIONS.format(kind=kind, target=target)
        content = by_hand(sheet_of(ROW), **{"xl/_rels/workbook.xml.rels": relations})
        assert refusal(content) == archive_check.DAMAGED
    types = TYPES.replace("/xl/workbook.xml", "/xl/charts/chart1.xml")
    assert (
        refusal(by_hand(sheet_of(ROW), **{"[Content_Types].xml": types})) == archive_check.DAMAGED
    )
