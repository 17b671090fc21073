"""Values of workbooks, never formulas."""

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from openpyxl import load_workbook

from funnel.domain.sheet_dates import Cell, Signed
from funnel.sheets import archive_check
from funnel.sheets.bounds import FileRefused, Kept

LONGEST_NAME = 60
# More digits are no count, and slow to print.
MOST = 10**15
# [$€-407], [$CHF] or a sign; [$-409] is a locale.
CURRENCY = re.compile(r"\[\$([^\]-]{1,4})[^\]]*\]|(?<!\[)([$€£¥₹])")


def read_workbook(content: bytes) -> dict[str, list[list[Cell]]]:
    """Cells by visible sheet. Raises FileRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive_check.check(archive)
        with warnings.catch_warnings():
            # Warnings of ignored parts, as intended.
            warnings.simplefilter("ignore")
            return _read(content)
    except FileRefused:
        raise
    # Damaged files raise many kinds of errors in openpyxl.
    except Exception:
        raise FileRefused(archive_check.DAMAGED) from None


def _read(content: bytes) -> dict[str, list[list[Cell]]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        kept = Kept()
        found: dict[str, list[list[Cell]]] = {}
        for number, sheet in enumerate(sheets, start=1):
            kept.begin()
            # The declared size may be wrong, and openpyxl pads to it.
            sheet.reset_dimensions()
            rows = [kept.row(row) for row in _rows(sheet)]
            if any(rows):
                name = " ".join(str(sheet.title).split())[:LONGEST_NAME] or f"Sheet {number}"
                found[name if name not in found else f"{name} ({number})"] = rows
        return found
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[list[Cell]]:
    for row in sheet.iter_rows():
        yield [_cell(cell) for cell in row]


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, _sign(cell.number_format) if cell.has_style else "")
    if isinstance(value, datetime):
        has_time = value.time() != time()
        return value.isoformat(" ", "seconds") if has_time else value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: float, sign: str) -> Cell:
    if not math.isfinite(value) or abs(value) >= MOST:
        return f"{value:.3e}" if abs(value) < 1e300 else "too large"
    if sign == "%":
        # 0.29 × 100 is 28.999999999999996.
        return Signed(round(value * 100, 9), sign)
    return Signed(value, sign) if sign else value


@lru_cache(maxsize=256)
def _sign(number_format: str) -> str:
    """Percent or currency sign, or ""."""
    if "%" in number_format:
        return "%"
    found = CURRENCY.search(number_format)
    return (found[1] or found[2]) if found else ""
