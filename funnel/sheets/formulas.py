"""Texts that a spreadsheet would take for formulas, written so that it does not, and read back."""

import re

# What a spreadsheet calculates, or a wide form of it, also behind blanks and marks that it skips;
# a tab or a line break at the beginning would push the rest into a cell of its own. Apostrophes in
# front belong to the pattern, so that `unharmed` takes off no more than `harmless` put on.
_FORMULA = re.compile(r"'*(?:[\t\r\n]|[\s\x00-\x1f\ufeff\u200b]*[=+\-@＝＋－＠])")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet might calculate the text instead of showing it."""
    return _FORMULA.match(text) is not None


def harmless(text: str) -> str:
    """The text for a CSV file: one that looks like a formula gets an apostrophe in front."""
    return f"'{text}" if is_formula(text) else text


def unharmed(text: str) -> str:
    """What `harmless` was given: exactly the same text again, whatever it was."""
    return text[1:] if text.startswith("'") and is_formula(text[1:]) else text
