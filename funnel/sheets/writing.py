"""Stream tables to files."""

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
# Rows per chunk: fewer cost a call each, more wait for the database.
PIECE = 100
# Larger workbooks are written to disk.
SPOOLED = 1_000_000
# Characters that XML forbids.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BOM = "\ufeff"


def csv_pieces(table: Table) -> Iterator[bytes]:
    """UTF-8 with BOM for Excel, CRLF, formulas escaped."""
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
    """An array of objects; blanks are null, numbers exact."""
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
    """One sheet, written to disk row by row. Formulas are text; invalid characters become "�"."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(_sheet_name(table.name))
    sheet.freeze_panes = "A2"
    names: tuple[Cell, ...] = tuple(column.name for column in table.columns)
    for row in chain([names], table.rows):
        sheet.append([_in_xlsx(sheet, cell) for cell in row])
    file = SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - the caller closes it
    save_workbook(book, file)
    file.seek(0)
    return file


PIECES: dict[str, Callable[[Table], Iterator[bytes]]] = {CSV: csv_pieces, JSON: json_pieces}


def _taken(buffer: io.StringIO) -> bytes:
    # Lone surrogates, which SQLite accepts.
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
        # XML parsers drop the CR of the CRLF that browsers send.
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
    """At most 31 valid letters."""
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31]
