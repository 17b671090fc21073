import csv
import io
import re

from funnel.domain.sheet_dates import Cell
from funnel.sheets.archive_check import MACROS
from funnel.sheets.bounds import MAX_BYTES, UNREADABLE, FileRefused, Kept
from funnel.sheets.formulas import unharmed
from funnel.sheets.workbook import read_workbook

Sheets = dict[str, list[list[Cell]]]

DELIMITERS = ",;\t|"
SNIFFED_LINES = 20
ONLY_SHEET = "the file"

TOO_BIG = f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it into smaller ones."
NOTHING = "The file is empty."
OTHER = "Choose a .csv or an .xlsx file."
OLD = "Older and locked files cannot be imported. Save it again as .xlsx, without a password."
OTHERS = dict.fromkeys(("xls", "xlsb", "ods", "numbers"), OLD) | dict.fromkeys(
    ("xlsm", "xltm", "xlam"), MACROS
)
ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0"
# Byte order marks, the longer first.
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read(content: bytes, name: str) -> Sheets:
    """Cells by sheet at their positions: ISO dates, percents as percent.

    Raises FileRefused.
    """
    if len(content) > MAX_BYTES:
        raise FileRefused(TOO_BIG)
    if not content.strip():
        raise FileRefused(NOTHING)
    ending = name.rpartition(".")[2].casefold()
    if ending in OTHERS:
        raise FileRefused(OTHERS[ending])
    if content.startswith(COMPOUND):
        raise FileRefused(OLD)
    if content.startswith(ZIP):
        if ending != "xlsx":
            raise FileRefused(OTHER)
        return read_workbook(content)
    if ending not in {"csv", "txt", "tsv"}:
        raise FileRefused(OTHER)
    return {ONLY_SHEET: _read_csv(_decoded(content))}


def _decoded(content: bytes) -> str:
    """By byte order mark, else UTF-16 if every second byte is 0, UTF-8 if valid, Windows-1252."""
    try:
        for mark, encoding in MARKS:
            if content.startswith(mark):
                return _checked(content.decode(encoding))
        if wide := _looks_like_utf16(content):
            return _checked(content.decode(wide))
    except UnicodeDecodeError:
        raise FileRefused(UNREADABLE) from None
    try:
        return _checked(content.decode("utf-8"))
    except UnicodeDecodeError:
        return _checked(content.decode("cp1252", errors="replace"))


def _looks_like_utf16(content: bytes) -> str | None:
    start = content[:200]
    for encoding, zeros, others in (
        ("utf-16-le", start[1::2], start[0::2]),
        ("utf-16-be", start[0::2], start[1::2]),
    ):
        if len(zeros) > 1 and zeros.count(0) > len(zeros) * 0.7 and 0 not in others:
            return encoding
    return None


def _checked(text: str) -> str:
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        raise FileRefused(UNREADABLE)
    return text


def _read_csv(text: str) -> list[list[Cell]]:
    """A first line such as Excel's "sep=;" sets the delimiter."""
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r"sep=(.)\r?", first, re.IGNORECASE)
    # An empty line remains, so that line numbers hold.
    text = f"\n{rest}" if named else text
    kept = Kept()
    try:
        delimiter = named[1] if named else _delimiter(text)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [kept.row([unharmed(cell) for cell in row]) for row in rows]
    except (csv.Error, TypeError):
        # An unclosed cell or invalid delimiter.
        raise FileRefused(UNREADABLE) from None


def _delimiter(text: str) -> str:
    """The one with the most and most equal columns."""
    lines = [line for line in text.splitlines()[: SNIFFED_LINES * 2] if line.strip()]

    def score(delimiter: str) -> tuple[int, int]:
        cut = [len(row) for row in csv.reader(lines[:SNIFFED_LINES], delimiter=delimiter)]
        widest = max(cut, default=1)
        return (sum(1 for width in cut if width == widest) if widest > 1 else 0, widest)

    return max(DELIMITERS, key=score)
