"""sheets/archive.py: what is written is read again, and nothing else is."""

import io
import json
import zipfile

import pytest

from funnel.sheets import archive
from funnel.sheets.archive import ArchiveRefused

KNOWN = ("roles", "entries")
ROLES = [{"name": "Doctor", "order": 1}, {"name": "Empfang Süd", "order": 2}]
ENTRIES = [{"value": "27.00", "note": 'Two\nlines, "quoted", \\u0000'}]


def written(roles=ROLES, entries=ENTRIES, **how):
    """The archive's bytes."""
    given = {"practice": "lumina", "made_at": "2026-11-24T15:00:00+00:00", **how}
    file = io.BytesIO()
    counts = archive.write(file, [("roles", iter(roles)), ("entries", iter(entries))], **given)
    assert counts == {"roles": len(roles), "entries": len(entries)}
    return file.getvalue()


def read(content, known=KNOWN):
    return archive.read(io.BytesIO(content), known)


def members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(parts, **how):
    """A zip of those members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **how) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def with_manifest(**changes):
    """The archive with another manifest."""
    parts = members(written())
    manifest = {**json.loads(parts["manifest.json"]), **changes}
    return packed({**parts, "manifest.json": json.dumps(manifest)})


def read_all(content, known):
    kept = read(content, known)
    return [list(kept.rows(name)) for name in known]


def refused(content, known=KNOWN):
    with pytest.raises(ArchiveRefused) as error:
        read_all(content, known)
    return error.value.sentence


def test_what_is_written_is_read_again():
    kept = read(written())
    assert (kept.practice, kept.made_at) == ("lumina", "2026-11-24T15:00:00+00:00")
    assert kept.counts == {"roles": 2, "entries": 1}
    assert list(kept.rows("roles")) == ROLES
    assert list(kept.rows("entries")) == ENTRIES


def test_equal_rows_make_equal_members_whatever_the_order_of_their_keys():
    one, other = written(), written(roles=[dict(reversed(row.items())) for row in ROLES])
    assert one == other
    assert members(written())["entries.jsonl"].count(b"\n") == 1


def test_rows_are_read_one_by_one_and_as_often_as_they_are_asked_for():
    kept = read(written(roles=ROLES * 1000))
    first = kept.rows("roles")
    assert next(first) == ROLES[0]
    assert len(list(kept.rows("roles"))) == 2000
    assert len(list(first)) == 1999


def test_an_archive_without_any_row_is_one():
    assert read(written([], [])).counts == {"roles": 0, "entries": 0}


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip", b"\x00" * 500, written()[:-30]])
def test_what_is_no_zip_is_no_archive(content):
    assert refused(content).startswith("This is not an archive of a practice")


def test_a_zip_of_something_else_is_no_archive():
    assert refused(packed({"xl/workbook.xml": "<a/>"})) == (
        "This is not an archive of a practice: it has no manifest."
    )
    assert "of another kind" in refused(with_manifest(format="something"))


@pytest.mark.parametrize("place", [80, 200, -400])
def test_one_bit_that_fell_over_is_noticed(place):
    content = bytearray(written(entries=ENTRIES * 50))
    content[place] ^= 1
    assert refused(bytes(content))


def test_a_member_that_was_changed_is_noticed():
    parts = members(written())
    parts["entries.jsonl"] = parts["entries.jsonl"].replace(b"27.00", b"99.00")
    assert refused(packed(parts)) == "The archive was changed after it was made: entries."


def test_a_member_that_lost_a_row_is_noticed_even_if_its_hash_was_made_again():
    told = json.loads(members(written())["manifest.json"])["members"]
    told["roles"]["rows"] = 3
    assert refused(with_manifest(members=told)) == (
        "The archive was changed after it was made: roles."
    )


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "entries.jsonl/../x", "extra"])
def test_no_other_member_is_taken_wherever_its_name_points(name):
    parts = {**members(written()), name: b"{}\n"}
    assert refused(packed(parts)) == "The archive does not match its manifest."


def test_a_member_that_is_there_twice_is_refused():
    file = io.BytesIO(written())
    with zipfile.ZipFile(file, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
        made.writestr("entries.jsonl", b"{}\n")
    assert "does not match its manifest" in refused(file.getvalue())


def test_rows_that_are_not_known_are_named():
    told = json.loads(members(written())["manifest.json"])["members"]
    more = {**told, "moods": {"rows": 0, "sha256": ""}}
    assert refused(with_manifest(members=more)) == (
        "The archive has rows of an unknown kind: 'moods'."
    )
    assert refused(written(), (*KNOWN, "kpis")) == "The archive lacks rows: kpis."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 4}, "The archive is of version 4, which is later than 3: upgrade first."),
        ({"version": 0}, "has no version"),
        ({"version": True}, "has no version"),
        ({"version": "1"}, "has no version"),
        ({"practice": None}, "does not name its practice"),
        ({"made_at": 7}, "does not name its practice"),
        ({"members": []}, "does not list its contents"),
        ({"members": {"roles": 1, "entries": 1}}, "does not describe roles"),
        ({"members": {"roles": {"rows": "2"}, "entries": {}}}, "does not describe roles"),
        ({"long": "x" * 200_000}, "manifest is too long"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(changes, said):
    assert said in refused(with_manifest(**changes))


@pytest.mark.parametrize("text", [b"[]", b"nonsense", b'{"a": NaN}', b"[" * 100_000, b"\xff"])
def test_a_manifest_that_is_none_is_refused(text):
    assert refused(packed({"manifest.json": text})) in (
        "This cannot be read: manifest.",
        "The archive is too large unpacked.",
    )


def sealed(line):
    """An archive with that line as its only row, and its correct hash."""
    digest = archive.sha256(line).hexdigest()
    nothing = archive.sha256(b"").hexdigest()
    told = {
        "roles": {"rows": 0, "sha256": nothing},
        "entries": {"rows": line.count(b"\n"), "sha256": digest},
    }
    manifest = json.loads(members(with_manifest(members=told))["manifest.json"])
    return packed(
        {"manifest.json": json.dumps(manifest), "roles.jsonl": b"", "entries.jsonl": line}
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"nonsense\n", "This cannot be read: entries, row 1."),
        (b"7\n", "This cannot be read: entries, row 1."),
        (b"\n", "This cannot be read: entries, row 1."),
        (b'{"a": 1}\n{"a": Infinity}\n', "This cannot be read: entries, row 2."),
        (b'{"a": 1e400}\n', "This cannot be read: entries, row 1."),
        (b'{"a": [-1e400]}\n', "This cannot be read: entries, row 1."),
        (b'{"a": ' + b"[" * 50_000 + b"\n", "This cannot be read: entries, row 1."),
        (b'{"a": ' + b"9" * 5_000 + b"}\n", "This cannot be read: entries, row 1."),
        (b'{"a": "\\u0000"}\n', "A text has invalid characters: entries, row 1."),
        (b'{"a": "\\\\\\u0000"}\n', "A text has invalid characters: entries, row 1."),
    ],
)
def test_a_row_that_cannot_be_read_says_where_it_is(line, said):
    assert said in refused(sealed(line))


def test_a_number_with_a_fraction_is_read_as_it_was_written():
    assert list(read(written(entries=[{"a": -1.5e300}])).rows("entries")) == [{"a": -1.5e300}]


def test_a_row_that_is_longer_than_any_we_make_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "MOST_IN_A_LINE", 20)
    assert refused(sealed(b'{"a": "xxxxxxxxxxx"}\n')) == ("A row is too long: entries, row 1.")
    assert list(read(sealed(b'{"a": "xxxxxxxxx"}\n')).rows("entries")) == [{"a": "xxxxxxxxx"}]


def test_a_backslash_and_letters_are_a_text_like_any_other():
    line = json.dumps({"a": "\\u0000"}).encode() + b"\n"
    assert list(read(sealed(line)).rows("entries")) == [{"a": "\\u0000"}]


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    parts = {**members(written()), "entries.jsonl": b" " * 20_000_000}
    content = packed(parts)
    assert len(content) < 100_000
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert refused(content) == "The archive is too large unpacked."


def test_a_member_that_says_it_is_smaller_than_it_is_is_refused():
    """The size in a zip's own table is not believed: what is read ends there."""
    content = written(entries=ENTRIES * 50)
    size = len(members(content)["entries.jsonl"]).to_bytes(4, "little")
    assert content.count(size) >= 1
    assert refused(content.replace(size, (10).to_bytes(4, "little")))


def test_a_packing_that_we_do_not_pack_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as made:
        for name, content in members(written()).items():
            made.writestr(name, content)
    assert refused(file.getvalue()) == "The archive uses an unsupported compression."


def test_an_encrypted_member_is_refused():
    content = bytearray(written())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as made:
        at = made.start_dir
    # Bit 0 of the flags of the first member in the table at the end.
    content[at + 8] |= 1
    assert "password required" in refused(bytes(content))


def test_an_archive_of_an_earlier_version_lacks_what_came_later():
    known, since = (*KNOWN, "lineups"), {"lineups": 2}
    kept = archive.read(io.BytesIO(with_manifest(version=1)), known, since)
    assert (kept.version, sorted(kept.counts)) == (1, ["entries", "roles"])
    assert "The archive lacks rows: lineups" in refused(with_manifest(version=1), known)
    with pytest.raises(ArchiveRefused, match="The archive lacks rows: lineups"):
        archive.read(io.BytesIO(with_manifest(version=2)), known, since)
