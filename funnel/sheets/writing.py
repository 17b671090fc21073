"""Tables into files: CSV, XLSX and JSON, written while the rows are told."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.writer.excel import save_workbook

from funnel.domain.numbers import plain
from funnel.domain.tables import Cell, Table
from funnel.sheets.formulas import harmless, is_formula

CSV, XLSX, JSON = "csv", "xlsx", "json"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    JSON: "application/json",
}
# Rows to a piece: fewer would cost a call each, more would wait for the database.
PIECE = 100
# A workbook of up to so many bytes stays in memory, a larger one goes to the disk.
SPOOLED = 1_000_000
# What XML cannot hold.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BOM = "\ufeff"


def csv_pieces(table: Table) -> Iterator[bytes]:
    """The table as CSV, piece by piece, the header at once: UTF-8 with the mark that Excel needs to
    see it, commas, CRLF. A blank is empty; texts are harmless (`sheets.formulas`)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(_BOM)
    writer.writerow([harmless(column.name) for column in table.columns])
    yield _taken(buffer)
    for number, row in enumerate(table.rows, start=1):
        writer.writerow([_in_csv(cell) for cell in row])
        if number % PIECE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def json_pieces(table: Table) -> Iterator[bytes]:
    """The table as JSON, piece by piece: an array with an object a row, a blank being null. Numbers
    have the digits they have everywhere, not those of floats."""
    keys = [json.dumps(column.key, ensure_ascii=False) for column in table.columns]
    buffer = io.StringIO()
    before = "["
    for number, row in enumerate(table.rows, start=1):
        pairs = (f"{key}: {_in_json(cell)}" for key, cell in zip(keys, row, strict=True))
        buffer.write(f"{before}\n{{{', '.join(pairs)}}}")
        before = ","
        if number == 1 or number % PIECE == 0:
            yield _taken(buffer)
    buffer.write("[]\n" if before == "[" else "\n]\n")
    yield _taken(buffer)


def xlsx_file(table: Table) -> IO[bytes]:
    """The table as a workbook of one sheet, open at its beginning; rows go to the disk one by one.
    A text that looks like a formula is typed as text and marked so; what XML cannot hold becomes
    "\N{REPLACEMENT CHARACTER}"."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(_sheet_name(table.name))
    sheet.freeze_panes = "A2"
    names: tuple[Cell, ...] = tuple(column.name for column in table.columns)
    for row in chain([names], table.rows):
        sheet.append([_in_xlsx(sheet, cell) for cell in row])
    file = SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - whoever gets it closes it
    save_workbook(book, file)
    file.seek(0)
    return file


PIECES: dict[str, Callable[[Table], Iterator[bytes]]] = {CSV: csv_pieces, JSON: json_pieces}


def _taken(buffer: io.StringIO) -> bytes:
    # A lone half of a pair, which SQLite may hold, is no UTF-8.
    text = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return text


def _in_csv(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return cell.isoformat() if isinstance(cell, date) else plain(cell)


def _in_json(cell: Cell) -> str:
    if cell is None or isinstance(cell, str | bool):
        return json.dumps(cell, ensure_ascii=False)
    return f'"{cell.isoformat()}"' if isinstance(cell, date) else plain(cell)


def _in_xlsx(sheet: Any, cell: Cell) -> Any:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        # A browser ends lines with CRLF, of which XML keeps the half.
        text = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", cell.replace("\r\n", "\n"))
        if not is_formula(text):
            return text
        written = WriteOnlyCell(sheet, text)
        written.data_type = "s"
        written.quotePrefix = True
        return written
    if cell is None or isinstance(cell, date):
        return cell
    return _number(cell)


def _number(cell: Any) -> int | float:
    text = plain(cell)
    return float(text) if "." in text else int(text)


def _sheet_name(name: str) -> str:
    """At most 31 letters, none of those that a sheet's name may not have."""
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31]
