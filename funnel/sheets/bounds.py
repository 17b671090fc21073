"""How much a file may hold."""

from collections.abc import Sequence

from funnel.domain.sheet_dates import Cell
from funnel.sheets.refused import FileRefused

MAX_BYTES = 5_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 1_000
MAX_CELLS = 1_000_000
MAX_LETTERS = 2_000
# Of all texts: a workbook may name one text in every cell, and each is kept.
MAX_ALL_LETTERS = 10_000_000
# Of a workbook, unpacked: all of it, and each part of which a tree is built.
MAX_UNPACKED = 40_000_000
MAX_PART = 2_000_000
MAX_PARTS = 2_000
# Of a part of more than MAX_PART: how many times as large it is unpacked. Sheets come to some 15.
MAX_RATIO = 100
MAX_SHEETS = 50
MAX_HIDDEN = 200
# Texts, and how many of them no cell has to use.
MAX_TEXTS = 200_000
MAX_UNUSED_TEXTS = 10_000
# Elements of XML within one row or text; outside of cells and texts, of which the library makes an
# object each, in the whole workbook; and in a part of which it makes nothing, as a chart.
MAX_INSIDE = 20_000
MAX_OUTSIDE = 12_000
MAX_UNREAD = 60_000
# Cells that are looked at to find out that they are empty, as written and as the library pads them.
MAX_SEEN = 2_000_000

LONG = f"It has more than {MAX_ROWS:,} rows. Split it into smaller files."
WIDE = f"It has more than {MAX_COLUMNS:,} columns. Remove those without numbers."
MANY = f"It has more than {MAX_CELLS:,} cells. Split it into smaller files."
ALL_LETTERS = "It has more text than numbers. Remove everything except numbers by week."
LETTERS = "Row {row} has a cell of more than {most:,} letters. Shorten it or leave it out."
UNREADABLE = "The file has invalid characters. Save it again as .xlsx or as CSV (UTF-8)."


class Kept:
    """Counts what is kept of a file. `row` gives back each row without the empty cells at its end;
    raises FileRefused at the first that is too much."""

    def __init__(self) -> None:
        self.rows = 0
        self.cells = 0
        self.seen = 0
        self.letters = 0

    def begin(self) -> None:
        """Another sheet begins: its rows are counted anew, its cells are not."""
        self.rows = 0

    def row(self, cells: Sequence[Cell]) -> list[Cell]:
        """The row as kept."""
        self.rows += 1
        if self.rows > MAX_ROWS:
            raise FileRefused(LONG)
        self.seen += len(cells)
        width = len(cells) if self.seen <= MAX_SEEN else MAX_CELLS + 1
        while width and width <= len(cells) and cells[width - 1] == "":
            width -= 1
        self.cells += width
        if self.cells > MAX_CELLS:
            raise FileRefused(MANY)
        if width > MAX_COLUMNS:
            raise FileRefused(WIDE)
        for cell in cells[:width]:
            if isinstance(cell, str):
                self.letters += len(cell)
                if len(cell) > MAX_LETTERS:
                    raise FileRefused(LETTERS.format(row=self.rows, most=MAX_LETTERS))
                if "\0" in cell:
                    raise FileRefused(UNREADABLE)
        if self.letters > MAX_ALL_LETTERS:
            raise FileRefused(ALL_LETTERS)
        return list(cells[:width])
