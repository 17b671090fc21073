"""Numbers as spreadsheets write them, brought into the one form that `numbers.parse` reads."""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from math import isfinite

from funnel.domain import numbers
from funnel.domain.sheet_dates import Cell

# How people, and our own pages, write that there is no number.
NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "#n/a", "null", "none", "."})
FLOAT = ".15g"

_BETWEEN = re.compile(
    r"(?<=[0-9])[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'’](?=[0-9]{3}(?![0-9]))"
)
_BLANK = "[ \N{NO-BREAK SPACE}]"
_SIGN = "[$€£¥₹%]"
_AROUND = re.compile(
    rf"^(?:{_SIGN}|[A-Z]{{3}}(?=[0-9]|{_BLANK}))|(?:{_SIGN}|(?:(?<=[0-9])|(?<={_BLANK}))[A-Z]{{3}})$"
)
# By its decimals, or by more than one group of thousands, a number tells which sign is which.
_TELLS = r"[0-9]+{0}(?:[0-9]{{1,2}}|[0-9]{{4,}})|[0-9]{{1,3}}(?:{1}[0-9]{{3}})+{0}[0-9]+"
_GROUPS = r"|[0-9]{{1,3}}(?:{1}[0-9]{{3}}){{2,}}"
_COMMA_IS_DECIMAL = re.compile((_TELLS + _GROUPS).format(",", r"\."))
_POINT_IS_DECIMAL = re.compile((_TELLS + _GROUPS).format(r"\.", ","))
_EITHER = re.compile(r"[1-9][0-9]{0,2}[,.][0-9]{3}")


class DecimalSign(StrEnum):
    """What stands before the decimals."""

    POINT = "."
    COMMA = ","


def is_nothing(cell: Cell) -> bool:
    """Whether the cell says that there is no number, which is not the same as 0."""
    return isinstance(cell, str) and cell.strip().casefold() in NOTHING


def is_number(cell: Cell) -> bool:
    """Whether the cell looks like a number, be it one of ours or not."""
    if not isinstance(cell, str):
        return True
    digits = _bare(cell).lstrip("-\N{MINUS SIGN}").replace(",", "").replace(".", "")
    return digits.isascii() and digits.isdigit()


def parse(cell: Cell, sign: DecimalSign, *, whole: bool) -> Decimal:
    """The number in a cell, as `numbers.parse` takes it; a currency or percent sign around it and
    blanks or apostrophes between thousands are allowed. Raises NumberRefused.

    What a workbook calculated has as many decimals as it came to, and is rounded to two where the
    number has decimals at all.
    """
    if isinstance(cell, float) and not whole and isfinite(cell):
        return numbers.parse(format(numbers.half_up(exact(cell), 2), "f"), whole=False)
    if not isinstance(cell, str):
        return numbers.parse(_digits(cell), whole=whole)
    text = _bare(cell)
    if sign is DecimalSign.COMMA:
        text = text.translate({ord(","): ".", ord("."): ","})
    return numbers.parse(text, whole=whole)


def exact(cell: float) -> Decimal:
    """A workbook's number to the fifteen digits that it keeps."""
    return Decimal(_digits(cell))


def signs(cells: Iterable[Cell]) -> tuple[frozenset[DecimalSign], str]:
    """Which decimal signs the numbers of a sheet may have been written with, and the number that
    leaves it open: only where both are left and one such as "1,234" stands between them, else "".

    Numbers that contradict each other leave none.
    """
    left = set(DecimalSign)
    open_one = ""
    for cell in cells:
        if not isinstance(cell, str) or not ("," in cell or "." in cell):
            continue
        text = _bare(cell)
        if _COMMA_IS_DECIMAL.fullmatch(text):
            left.discard(DecimalSign.POINT)
        elif _POINT_IS_DECIMAL.fullmatch(text):
            left.discard(DecimalSign.COMMA)
        elif _EITHER.fullmatch(text):
            open_one = open_one or text
    return frozenset(left), open_one if len(left) == 2 else ""


def _digits(cell: float) -> str:
    return format(cell, FLOAT) if isinstance(cell, float) else str(cell)


def _bare(text: str) -> str:
    text = text.strip()
    for _ in range(2):
        text = _AROUND.sub("", text).strip()
    return _BETWEEN.sub("", text)
