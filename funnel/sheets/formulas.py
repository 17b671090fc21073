"""Escape texts that spreadsheets take for formulas."""

from unicodedata import category

# Formula signs and their wide forms.
_MARKS = frozenset("=+-@＝＋－＠")
# At the start they would move the rest into another cell.
_BREAKS = frozenset("\t\r\n")
# Invisible characters, which some spreadsheets skip.
_UNSEEN = frozenset({"Cc", "Cf"})


def is_formula(text: str) -> bool:
    """Leading apostrophes are ignored, so that `unharmed` reverts `harmless` exactly."""
    shown = text.lstrip("'")
    first = next((sign for sign in shown if not _is_skipped(sign)), "")
    return first in _MARKS or shown[:1] in _BREAKS


def harmless(text: str) -> str:
    """Prefix an apostrophe."""
    return f"'{text}" if is_formula(text) else text


def unharmed(text: str) -> str:
    """Revert `harmless`."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text


def _is_skipped(sign: str) -> bool:
    return sign.isspace() or category(sign) in _UNSEEN
