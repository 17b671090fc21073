import pytest

from funnel.sheets import bounds
from funnel.sheets.bounds import FileRefused, Kept
from funnel.sheets.reading import read


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"x" * (bounds.MAX_LETTERS + 1),
            bounds.LETTERS.format(row=1, most=bounds.MAX_LETTERS),
        ),
        (b"," * (bounds.MAX_COLUMNS + 5) + b"x", bounds.WIDE),
        (b"1\n" * (bounds.MAX_ROWS + 1), bounds.LONG),
        ((b"1," * 500 + b"1\n") * 2_001, bounds.MANY),
    ],
    ids=["letters", "columns", "rows", "cells"],
)
def test_a_file_that_holds_too_much_is_refused_in_words(content, sentence):
    with pytest.raises(FileRefused) as refused:
        read(content, "numbers.csv")
    assert refused.value.sentence == sentence


def test_empty_cells_at_the_end_of_a_row_are_not_kept():
    kept = Kept()
    assert kept.row(["a", "", 0, "", ""]) == ["a", "", 0]
    assert kept.row(["", ""]) == []
    assert (kept.cells, kept.seen) == (3, 7)


def test_rows_are_counted_by_sheet_and_cells_by_file(monkeypatch):
    monkeypatch.setattr(bounds, "MAX_ROWS", 2)
    monkeypatch.setattr(bounds, "MAX_CELLS", 3)
    kept = Kept()
    kept.row(["a"])
    kept.row(["b"])
    with pytest.raises(FileRefused, match="rows"):
        kept.row(["c"])
    kept.begin()
    kept.row(["c"])
    with pytest.raises(FileRefused, match="cells"):
        kept.row(["d"])


def test_letters_are_counted_by_file(monkeypatch):
    monkeypatch.setattr(bounds, "MAX_ALL_LETTERS", 5)
    kept = Kept()
    kept.row(["abc", 12345678])
    kept.row(["de"])
    with pytest.raises(FileRefused, match="more text than numbers"):
        kept.row(["f"])


def test_past_the_cells_that_are_looked_at_even_empty_ones_count(monkeypatch):
    monkeypatch.setattr(bounds, "MAX_SEEN", 3)
    kept = Kept()
    assert kept.row(["", "", ""]) == []
    with pytest.raises(FileRefused, match="cells"):
        kept.row([""])


def test_a_nul_is_no_text_of_a_table():
    with pytest.raises(FileRefused, match="has invalid characters"):
        Kept().row(["a\0"])
