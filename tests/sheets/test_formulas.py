import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.sheets.formulas import harmless, is_formula, unharmed

FORMULAS = [
    "=1+1",
    '=HYPERLINK("https://evil.example","Click")',
    "+44 20 7946 0000",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1",
    "\rx",
    "\nx",
    "  =1",
    "\N{NO-BREAK SPACE}=1",
    "\ufeff=1",
    "\u200b=1",
    "\x01=1",
    "\x7f=1",
    "\x9f=1",
    "\N{SOFT HYPHEN}=1",
    "\N{ARABIC LETTER MARK}=1",
    "\N{ZERO WIDTH NON-JOINER}=1",
    "\N{WORD JOINER}=1",
    "\N{RIGHT-TO-LEFT OVERRIDE}=1",
    "\N{TAG SPACE}=1",
    " \u200c\t\u2060 @SUM(A1)",
    "＝1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    " ＝1",
    "=",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_written_as_text(text):
    assert is_formula(text)
    assert harmless(text) == f"'{text}"
    assert unharmed(harmless(text)) == text


@pytest.mark.parametrize(
    "text", ["", "27", "2 = 2", "a@b.example", "Maya's", "'quoted'", "–", "1-2", "\u200c27"]
)
def test_everything_else_stays_as_it_is(text):
    assert not is_formula(text)
    assert harmless(text) == text
    assert unharmed(text) == text


@pytest.mark.parametrize("text", ["'=1", "''=1", "' =1", "'-", "'\u200c=1"])
def test_an_apostrophe_that_someone_wrote_comes_back(text):
    assert harmless(text) == f"'{text}"
    assert unharmed(harmless(text)) == text


@given(st.text(alphabet="'=+-@ \t\r\nab＝\ufeff\u200c\xad\x7f", max_size=6) | st.text(max_size=20))
def test_whatever_is_written_comes_back(text):
    written = harmless(text)
    assert unharmed(written) == text
    assert written == text or not written.startswith(("=", "+", "-", "@", " ", "\t", "\r", "\n"))
