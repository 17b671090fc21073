from collections.abc import Sequence

from funnel.domain.sheet_dates import Cell

MAX_BYTES = 5_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 1_000
MAX_CELLS = 1_000_000
MAX_LETTERS = 2_000
# A workbook may repeat one text in every cell, each stored.
MAX_ALL_LETTERS = 10_000_000
# Unpacked: in total, and per part parsed as a tree.
MAX_UNPACKED = 40_000_000
MAX_PART = 2_000_000
MAX_PARTS = 2_000
# Compression ratio of parts above MAX_PART. Sheets have about 15.
MAX_RATIO = 100
MAX_SHEETS = 50
MAX_HIDDEN = 200
# Texts, and those no cell uses.
MAX_TEXTS = 200_000
MAX_UNUSED_TEXTS = 10_000
# XML elements within a row or text; outside of cells, each an object in openpyxl; and in ignored
# parts such as charts.
MAX_INSIDE = 20_000
MAX_OUTSIDE = 12_000
MAX_UNREAD = 60_000
# Cells read including empty ones, also those openpyxl adds.
MAX_SEEN = 2_000_000

LONG = f"It has more than {MAX_ROWS:,} rows. Split it into smaller files."
WIDE = f"It has more than {MAX_COLUMNS:,} columns. Remove those without numbers."
MANY = f"It has more than {MAX_CELLS:,} cells. Split it into smaller files."
ALL_LETTERS = "It has more text than numbers. Remove everything except numbers by week."
LETTERS = "Row {row} has a cell of more than {most:,} letters. Shorten it or leave it out."
UNREADABLE = "The file has invalid characters. Save it again as .xlsx or as CSV (UTF-8)."


class FileRefused(ValueError):
    """With a `sentence` for people."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Kept:
    """Counts rows, without trailing empty cells. Raises FileRefused at a bound."""

    def __init__(self) -> None:
        self.rows = 0
        self.cells = 0
        self.seen = 0
        self.letters = 0

    def begin(self) -> None:
        """Start a sheet: rows count from 0, cells go on."""
        self.rows = 0

    def row(self, cells: Sequence[Cell]) -> list[Cell]:
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
