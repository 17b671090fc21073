"""Texts that a spreadsheet would take for formulas, written so that it does not, and read back."""

from unicodedata import category

# What a spreadsheet calculates, or a wide form of it.
_MARKS = frozenset("=+-@＝＋－＠")
# At the beginning they would push the rest into a cell of its own.
_BREAKS = frozenset("\t\r\n")
# Control and format characters: not seen, and skipped by some spreadsheets as blanks are.
_UNSEEN = frozenset({"Cc", "Cf"})


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might calculate the text instead of showing it.

    Apostrophes in front change nothing, so that `unharmed` takes off no more than `harmless` put
    on.
    """
    shown = text.lstrip("'")
    first = next((sign for sign in shown if not _is_skipped(sign)), "")
    return first in _MARKS or shown[:1] in _BREAKS


def harmless(text: str) -> str:
    """The text for a CSV file: one that looks like a formula gets an apostrophe in front."""
    return f"'{text}" if is_formula(text) else text


def unharmed(text: str) -> str:
    """What `harmless` was given: exactly the same text again, whatever it was."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def _is_skipped(sign: str) -> bool:
    return sign.isspace() or category(sign) in _UNSEEN
