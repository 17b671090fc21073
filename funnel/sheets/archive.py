"""A practice as a zip of JSON lines with a manifest of SHA-256. Nothing is unpacked to disk."""

import json
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import IO, Any

FORMAT = "weekly-kpi-practice"
VERSION = 3
MANIFEST = "manifest.json"
ENDING = ".jsonl"

MOST_BYTES = 1_000_000_000
MOST_TIMES_PACKED = 200
# The longest import is one row.
MOST_IN_A_LINE = 50_000_000
MOST_IN_THE_MANIFEST = 100_000
# Small files may exceed the ratio without harm.
SMALL = 10_000_000
# Constant, so that equal rows make equal members.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
# PostgreSQL refuses NUL. After an odd number of backslashes it is text.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

# Errors of zipfile for invalid, truncated or encrypted files.
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)
PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

Row = dict[str, Any]


class ArchiveRefused(ValueError):
    """With a `sentence` for people."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def write(
    file: IO[bytes],
    members: Iterable[tuple[str, Iterator[Row]]],
    *,
    practice: str,
    made_at: str,
) -> dict[str, int]:
    """Return rows by kind. Equal rows make equal members."""
    told: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, rows in members:
            told[name] = _write_member(packed, name, rows)
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "practice": practice,
            "made_at": made_at,
            "members": told,
        }
        packed.writestr(_info(MANIFEST), json.dumps(manifest, indent=1))
    return {name: member["rows"] for name, member in told.items()}


def _write_member(packed: zipfile.ZipFile, name: str, rows: Iterator[Row]) -> dict[str, Any]:
    digest = sha256()
    feed = digest.update
    count = 0
    with packed.open(_info(name + ENDING), "w", force_zip64=True) as member:
        for row in rows:
            line = _line(row)
            feed(line)
            member.write(line)
            count += 1
    return {"rows": count, "sha256": digest.hexdigest()}


def _line(row: Row) -> bytes:
    # Sorted, because PostgreSQL reorders JSON keys.
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, LONG_AGO)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


@dataclass(frozen=True, slots=True)
class Archive:
    """A checked archive; `rows` by kind."""

    practice: str
    made_at: str
    version: int
    counts: Mapping[str, int]
    _packed: zipfile.ZipFile

    def rows(self, name: str) -> Iterator[Row]:
        """Lazily. Raises ArchiveRefused."""
        with self._packed.open(name + ENDING) as member:
            number = 0
            while line := member.readline(MOST_IN_A_LINE + 1):
                number += 1
                yield _row(line, f"{name}, row {number}")


def read(
    file: IO[bytes], known: Collection[str], since: Mapping[str, int] | None = None
) -> Archive:
    """Check the whole file, which must stay open.

    Raises ArchiveRefused if invalid, too large, modified or unknown.
    """
    try:
        packed = zipfile.ZipFile(file)
        return _checked(packed, known, since or {})
    except BROKEN as error:
        sentence = f"This is not an archive of a practice, or it is damaged ({error})."
        raise ArchiveRefused(sentence) from error


def _checked(packed: zipfile.ZipFile, known: Collection[str], since: Mapping[str, int]) -> Archive:
    infos = packed.infolist()
    names = [info.filename for info in infos]
    if MANIFEST not in names:
        raise ArchiveRefused("This is not an archive of a practice: it has no manifest.")
    if any(info.compress_type not in PACKINGS for info in infos):
        raise ArchiveRefused("The archive uses an unsupported compression.")
    _check_sizes(infos)
    manifest = _manifest(packed)
    version = manifest["version"]
    members = _members(manifest, [name for name in known if since.get(name, 1) <= version])
    if sorted(names) != sorted([MANIFEST, *(name + ENDING for name in members)]):
        raise ArchiveRefused("The archive does not match its manifest.")
    for name, (count, digest) in members.items():
        if _told(packed, name) != (count, digest):
            raise ArchiveRefused(f"The archive was changed after it was made: {name}.")
    counts = {name: count for name, (count, _) in members.items()}
    return Archive(manifest["practice"], manifest["made_at"], version, counts, packed)


def _check_sizes(infos: Iterable[zipfile.ZipInfo]) -> None:
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > MOST_BYTES or unpacked > max(SMALL, packed * MOST_TIMES_PACKED):
        raise ArchiveRefused("The archive is too large unpacked.")


def _manifest(packed: zipfile.ZipFile) -> dict[str, Any]:
    with packed.open(MANIFEST) as member:
        text = member.read(MOST_IN_THE_MANIFEST + 1)
    if len(text) > MOST_IN_THE_MANIFEST:
        raise ArchiveRefused("The archive's manifest is too long.")
    manifest = _parsed(text, "manifest")
    if manifest.get("format") != FORMAT:
        raise ArchiveRefused(
            "This is not an archive of a practice: its manifest is of another kind."
        )
    version = manifest.get("version")
    if type(version) is not int or version < 1:
        raise ArchiveRefused("The archive's manifest has no version.")
    if version > VERSION:
        raise ArchiveRefused(
            f"The archive is of version {version}, which is later than {VERSION}: upgrade first."
        )
    if not all(isinstance(manifest.get(key), str) for key in ("practice", "made_at")):
        raise ArchiveRefused("The archive's manifest does not name its practice.")
    return manifest


def _members(manifest: Row, known: Collection[str]) -> dict[str, tuple[int, str]]:
    members = manifest.get("members")
    if not isinstance(members, dict):
        raise ArchiveRefused("The archive's manifest does not list its contents.")
    for name in members:
        if name not in known:
            raise ArchiveRefused(f"The archive has rows of an unknown kind: {name[:60]!r}.")
    for name in known:
        if name not in members:
            raise ArchiveRefused(f"The archive lacks rows: {name}.")
    return {name: _member(name, members[name]) for name in members}


def _member(name: str, told: Any) -> tuple[int, str]:
    rows, digest = (told.get("rows"), told.get("sha256")) if isinstance(told, dict) else (0, 0)
    if type(rows) is not int or not isinstance(digest, str):
        raise ArchiveRefused(f"The archive's manifest does not describe {name}.")
    return rows, digest


def _told(packed: zipfile.ZipFile, name: str) -> tuple[int, str]:
    digest = sha256()
    feed = digest.update
    count = 0
    with packed.open(name + ENDING) as member:
        while piece := member.read(1 << 16):
            feed(piece)
            count += piece.count(b"\n")
    return count, digest.hexdigest()


def _row(line: bytes, where: str) -> Row:
    if len(line) > MOST_IN_A_LINE:
        raise ArchiveRefused(f"A row is too long: {where}.")
    return _parsed(line, where)


def _parsed(text: bytes, where: str) -> Row:
    if _NUL.search(text):
        raise ArchiveRefused(f"A text has invalid characters: {where}.")
    try:
        found = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise ArchiveRefused(f"This cannot be read: {where}.") from None
    if not isinstance(found, dict):
        raise ArchiveRefused(f"This cannot be read: {where}.")
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else _no_number(digits)


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not a number.")
