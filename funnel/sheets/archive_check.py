"""Check a workbook as a stream before openpyxl builds objects."""

import posixpath
import zipfile
from dataclasses import dataclass, field
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from funnel.sheets import bounds
from funnel.sheets.bounds import FileRefused

DAMAGED = "The workbook cannot be read. Open it, save it again as .xlsx, and choose that file."
UNPACKED = "Unpacked, the workbook is too large. Remove everything except numbers by week."
DECLARES = "The workbook declares a document type, which spreadsheets never do."
MACROS = "Workbooks with macros cannot be imported. Save it again as .xlsx, without them."
LOCKED = "The workbook has a password. Save it again without one."
SHEETS = f"The workbook has more than {bounds.MAX_SHEETS} sheets. Remove those without numbers."
FORMATS = (
    "The workbook has too many formats, names and merged cells. Copy its numbers into a new one."
)
UNCALCULATED = (
    "Cell {cell} has a formula that was never calculated. Open "
    "the file in your spreadsheet, save it, and choose it again."
)

PIECE = 65_536
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships "
ROW, TEXT, CELL, FORMULA, VALUE, INLINE, LETTERS, SHEET = (
    MAIN + name for name in ("row", "si", "c", "f", "v", "is", "t", "sheet")
)
RELATION = RELATIONS + "Relationship"
# A named style costs as much as six objects.
STYLE, STYLE_WEIGHT = MAIN + "cellStyle", 6
# Of these openpyxl creates at most a cell or text.
CHEAP = frozenset({CELL, FORMULA, VALUE, INLINE, LETTERS})
STREAMED = frozenset({MAIN + "worksheet", MAIN + "sst"})
ENCRYPTED = 0x1
WORKSHEETS = "xl/worksheets/"
TYPES = "[Content_Types].xml"
# Parts that openpyxl ignores, and those it opens anywhere.
UNREAD = tuple(
    f"xl/{folder}"
    for folder in (
        "charts/",
        "chartsheets/",
        "comments",
        "diagrams/",
        "drawings/",
        "externallinks/",
        "media/",
        "persons/",
        "pivotcache/",
        "pivottables/",
        "tables/",
        "theme/",
        "threadedcomments/",
    )
)
OPENED = ("main+xml", "worksheet+xml", "sharedstrings+xml", "custom-properties+xml")


def check(archive: zipfile.ZipFile) -> None:
    """Raises FileRefused if encrypted, damaged, too large, with macros, entities, formulas without
    values or shared parts."""
    parts = archive.infolist()
    if len(parts) > bounds.MAX_PARTS or sum(part.file_size for part in parts) > bounds.MAX_UNPACKED:
        raise FileRefused(UNPACKED)
    for part in parts:
        if part.flag_bits & ENCRYPTED:
            raise FileRefused(LOCKED)
        if part.filename.casefold().endswith("vbaproject.bin"):
            raise FileRefused(MACROS)
        if part.file_size > max(bounds.MAX_PART, bounds.MAX_RATIO * part.compress_size):
            raise FileRefused(UNPACKED)
    counts = _Counts()
    for part in parts:
        with archive.open(part) as stream:
            _look_through(stream, part, counts)
    if counts.texts > counts.cells_with_text + bounds.MAX_UNUSED_TEXTS:
        raise FileRefused(UNPACKED)
    if TYPES in archive.namelist():
        _check_types(archive.read(TYPES))


def _check_types(types: bytes) -> None:
    """Parts must be at the path where they were counted."""
    for part in ElementTree.fromstring(types):  # noqa: S314
        name = part.get("PartName", "").lstrip("/").casefold()
        kind = part.get("ContentType", "").casefold()
        # The workbook itself is parsed as a tree.
        if kind.endswith("main+xml") and name.startswith(WORKSHEETS):
            raise FileRefused(DAMAGED)
        if kind.endswith(OPENED) and name.startswith(UNREAD):
            raise FileRefused(DAMAGED)


@dataclass
class _Counts:
    outside: int = 0
    texts: int = 0
    sheets: int = 0
    hidden: int = 0
    cells: int = 0
    filled: int = 0
    cells_with_text: int = 0
    targets: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)

    def sheet(self, attributes: dict[str, str]) -> None:
        if attributes.get("state", "visible") == "visible":
            self.sheets += 1
        else:
            self.hidden += 1
        self._once(
            self.ids, next((attributes[key] for key in attributes if key.endswith(" id")), "")
        )

    def relation(self, attributes: dict[str, str]) -> None:
        if attributes.get("Type", "").casefold().endswith("/worksheet"):
            target = posixpath.normpath("/xl/" + attributes.get("Target", "")).casefold()
            target = target.removeprefix("/xl/").removeprefix("xl/")
            if f"xl/{target}".startswith(UNREAD):
                raise FileRefused(DAMAGED)
            self._once(self.targets, target)

    @staticmethod
    def _once(seen: set[str], name: str) -> None:
        """A shared part would be read repeatedly."""
        if name in seen:
            raise FileRefused(DAMAGED)
        seen.add(name)

    def bound(self) -> None:
        if self.sheets > bounds.MAX_SHEETS or self.hidden > bounds.MAX_HIDDEN:
            raise FileRefused(SHEETS)
        if self.filled > bounds.MAX_CELLS or self.cells > bounds.MAX_SEEN:
            raise FileRefused(bounds.MANY)
        if self.outside > bounds.MAX_OUTSIDE:
            raise FileRefused(FORMATS)
        if self.texts > bounds.MAX_TEXTS:
            raise FileRefused(UNPACKED)


def _look_through(stream: IO[bytes], part: zipfile.ZipInfo, counts: _Counts) -> None:
    piece = stream.read(PIECE)
    if not (part.filename.casefold().endswith((".xml", ".rels")) or _may_be_xml(piece)):
        return
    seen = _Seen(part, counts)
    try:
        while piece:
            seen.parser.Parse(piece, False)
            piece = stream.read(PIECE)
        seen.parser.Parse(b"", True)
    except expat.ExpatError:
        raise FileRefused(DAMAGED) from None


def _may_be_xml(piece: bytes) -> bool:
    """Blanks may precede XML; UTF-16 starts with a mark or zero."""
    begins = piece.lstrip(b"\xef\xbb\xbf \t\r\n")
    return not begins or begins.startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\0"))


class _Seen:
    def __init__(self, part: zipfile.ZipInfo, counts: _Counts) -> None:
        name = part.filename.casefold()
        self.counts = counts
        self.is_unread = name.startswith(UNREAD)
        # Elsewhere openpyxl parses a tree, whatever the type.
        is_streamed = name.startswith(WORKSHEETS) or name.endswith("/sharedstrings.xml")
        self.may_begin_with = STREAMED if is_streamed else frozenset()
        self.size = part.file_size
        self.elements = self.unread = self.inside = self.rows = 0
        self.depth = 0
        self.cell = ""
        self.has_formula = self.has_value = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._declared
        self.parser.StartElementHandler = self._begins
        self.parser.EndElementHandler = self._ends

    def _declared(self, *_: Any) -> None:
        raise FileRefused(DECLARES)

    def _begins(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements == 1 and self.size > bounds.MAX_PART and name not in self.may_begin_with:
            raise FileRefused(UNPACKED)
        if self.is_unread:
            self.unread += 1
        elif self.depth:
            self.depth += 1
            self.inside += 1
            self._mind(name, attributes)
        elif name in {ROW, TEXT}:
            self.depth, self.inside = 1, 0
            self.rows += name == ROW
            self.counts.texts += name == TEXT
        else:
            self.counts.outside += STYLE_WEIGHT if name == STYLE else 1
            if name == SHEET:
                self.counts.sheet(attributes)
            elif name == RELATION:
                self.counts.relation(attributes)
        self._bound()

    def _mind(self, name: str, attributes: dict[str, str]) -> None:
        self.counts.outside += name not in CHEAP
        self.counts.filled += name in {VALUE, INLINE}
        if name == CELL:
            self.counts.cells += 1
            self.counts.cells_with_text += attributes.get("t") == "s"
            self.cell = attributes.get("r", "")[:20]
            self.has_formula, self.has_value = False, attributes.get("t") == "str"
        elif name == FORMULA:
            self.has_formula = True
        elif name == VALUE and self.has_formula:
            self.parser.CharacterDataHandler = self._says

    def _says(self, text: str) -> None:
        self.has_value = self.has_value or bool(text.strip())

    def _ends(self, name: str) -> None:
        if not self.depth:
            return
        self.depth -= 1
        if name == CELL and self.has_formula:
            self.parser.CharacterDataHandler = None
            self.has_formula = False
            if not self.has_value:
                raise FileRefused(UNCALCULATED.format(cell=self.cell or "?"))

    def _bound(self) -> None:
        if self.rows > bounds.MAX_ROWS:
            raise FileRefused(bounds.LONG)
        if self.unread > bounds.MAX_UNREAD or self.inside > bounds.MAX_INSIDE:
            raise FileRefused(UNPACKED)
        self.counts.bound()
