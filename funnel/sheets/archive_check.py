"""What a workbook's archive holds, looked through before anything builds a tree of it: sizes first,
then every part as a stream of elements."""

import zipfile
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from funnel.sheets import bounds
from funnel.sheets.refused import FileRefused

DAMAGED = "The workbook cannot be read. Open it, save it again as .xlsx, and choose that file."
UNPACKED = "Unpacked, the workbook is too large. Leave out what is not numbers by week."
DECLARES = "The workbook declares a document type of its own, which no spreadsheet does."
MACROS = "A workbook with macros is not read. Save it again as .xlsx, without them."
LOCKED = "The workbook is locked with a password. Save it again without one."
UNCALCULATED = (
    "Cell {cell} holds a formula that was never calculated, and it is not calculated here. Open "
    "the file in your spreadsheet, save it, and choose it again."
)

PIECE = 65_536
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main "
ROW, TEXT, CELL, FORMULA, VALUE = (MAIN + name for name in ("row", "si", "c", "f", "v"))
STREAMED = frozenset({MAIN + "worksheet", MAIN + "sst"})
ENCRYPTED = 0x1
SHEETS = "xl/worksheets/"
TYPES = "[Content_Types].xml"


def check(archive: zipfile.ZipFile) -> None:
    """Raises FileRefused for an archive that is locked, holds macros, is too large unpacked, or has
    a part that is damaged, declares entities, has too many elements, or holds a formula without the
    value it came to."""
    parts = archive.infolist()
    if len(parts) > bounds.MAX_PARTS or sum(part.file_size for part in parts) > bounds.MAX_UNPACKED:
        raise FileRefused(UNPACKED)
    for part in parts:
        if part.flag_bits & ENCRYPTED:
            raise FileRefused(LOCKED)
        if part.filename.casefold().endswith("vbaproject.bin"):
            raise FileRefused(MACROS)
    for part in parts:
        with archive.open(part) as stream:
            _look_through(stream, part)
    if TYPES in archive.namelist():
        _check_types(archive.read(TYPES))


def _check_types(types: bytes) -> None:
    """What is said to be the workbook itself is no sheet: a tree is built of it. It was looked
    through, and declares no entities."""
    for part in ElementTree.fromstring(types):  # noqa: S314
        name = part.get("PartName", "").lstrip("/").casefold()
        if part.get("ContentType", "").endswith("main+xml") and name.startswith(SHEETS):
            raise FileRefused(DAMAGED)


def _look_through(stream: IO[bytes], part: zipfile.ZipInfo) -> None:
    piece = stream.read(PIECE)
    if not (part.filename.casefold().endswith((".xml", ".rels")) or _may_be_xml(piece)):
        return
    seen = _Seen(part)
    try:
        while piece:
            seen.parser.Parse(piece, False)
            piece = stream.read(PIECE)
        seen.parser.Parse(b"", True)
    except expat.ExpatError:
        raise FileRefused(DAMAGED) from None


def _may_be_xml(piece: bytes) -> bool:
    """Pictures and the like are of no concern. XML may have any number of blanks before it; of 16
    bits it begins with its mark or with a zero."""
    begins = piece.lstrip(b"\xef\xbb\xbf \t\r\n")
    return not begins or begins.startswith((b"<", b"\xff\xfe", b"\xfe\xff", b"\0"))


class _Seen:
    """Counts the elements of one part, and minds its formulas."""

    def __init__(self, part: zipfile.ZipInfo) -> None:
        name = part.filename.casefold()
        # Elsewhere a tree is built of it, whatever it says it is.
        is_streamed = name.startswith(SHEETS) or name.endswith("/sharedstrings.xml")
        self.may_begin_with = STREAMED if is_streamed else frozenset()
        self.size = part.file_size
        self.elements = self.outside = self.inside = self.rows = self.texts = 0
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
        if self.depth:
            self.depth += 1
            self.inside += 1
            self._mind(name, attributes)
        elif name in {ROW, TEXT}:
            self.depth, self.inside = 1, 0
            self.rows += name == ROW
            self.texts += name == TEXT
        else:
            self.outside += 1
        self._bound()

    def _mind(self, name: str, attributes: dict[str, str]) -> None:
        if name == CELL:
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
        if (
            self.elements > bounds.MAX_ELEMENTS
            or self.outside > bounds.MAX_OUTSIDE
            or self.inside > bounds.MAX_INSIDE
            or self.texts > bounds.MAX_TEXTS
        ):
            raise FileRefused(UNPACKED)
