import re
from collections.abc import Iterable
from decimal import Decimal
from math import isfinite

from funnel.domain import numbers
from funnel.domain.numbers import DecimalSign
from funnel.domain.sheet_dates import Cell, Signed

# Common texts for a missing number.
NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "#n/a", "null", "none", "."})
FLOAT = ".15g"

# Decimals or several groups show which sign is which.
_TELLS = r"[0-9]+{0}(?:[0-9]{{1,2}}|[0-9]{{4,}})|[0-9]{{1,3}}(?:{1}[0-9]{{3}})+{0}[0-9]+"
_GROUPS = r"|[0-9]{{1,3}}(?:{1}[0-9]{{3}}){{2,}}"
_COMMA_IS_DECIMAL = re.compile((_TELLS + _GROUPS).format(",", r"\."))
_POINT_IS_DECIMAL = re.compile((_TELLS + _GROUPS).format(r"\.", ","))
_EITHER = re.compile(r"[1-9][0-9]{0,2}[,.][0-9]{3}")


def is_nothing(cell: Cell) -> bool:
    """Missing, which is not 0."""
    return isinstance(cell, str) and cell.strip().casefold() in NOTHING


def is_number(cell: Cell) -> bool:
    """Also numbers that `parse` refuses."""
    if not isinstance(cell, str):
        return True
    return bool(re.search("[0-9]", numbers.bare(cell)))


def parse(cell: Cell, decimal: DecimalSign, *, unit: str, currency: str) -> Decimal:
    """As `numbers.parse`; calculated values are rounded."""
    if isinstance(cell, str):
        return numbers.parse(cell, unit, currency=currency, decimal=decimal)
    number, sign = cell if isinstance(cell, Signed) else (cell, "")
    if isinstance(number, float) and unit != "count" and isfinite(number):
        digits = format(numbers.half_up(exact(number), 2), "f")
    else:
        digits = _digits(number)
    return numbers.parse(f"{digits}{sign}", unit, currency=currency)


def exact(number: float) -> Decimal:
    """To the fifteen digits of a workbook."""
    return Decimal(_digits(number))


def signs(cells: Iterable[Cell]) -> tuple[frozenset[DecimalSign], str]:
    """Possible decimal signs, and an ambiguous number, else ""."""
    left = set(DecimalSign)
    open_one = ""
    for cell in cells:
        if not isinstance(cell, str) or not ("," in cell or "." in cell):
            continue
        text = numbers.bare(cell)
        if _COMMA_IS_DECIMAL.fullmatch(text):
            left.discard(DecimalSign.POINT)
        elif _POINT_IS_DECIMAL.fullmatch(text):
            left.discard(DecimalSign.COMMA)
        elif _EITHER.fullmatch(text):
            open_one = open_one or text
    return frozenset(left), open_one if len(left) == 2 else ""


def _digits(number: float) -> str:
    return format(number, FLOAT) if isinstance(number, float) else str(number)
