from decimal import Decimal

import pytest

from funnel.domain import numbers
from funnel.domain.numbers import DecimalSign, NumberRefused
from funnel.domain.sheet_dates import Signed
from funnel.domain.sheet_numbers import is_nothing, is_number, parse, signs

POINT, COMMA = DecimalSign.POINT, DecimalSign.COMMA


@pytest.mark.parametrize(
    ("cell", "sign", "number"),
    [
        ("27", POINT, "27"),
        ("1,234.50", POINT, "1234.50"),
        ("1.234,50", COMMA, "1234.50"),
        ("1.234", COMMA, "1234"),
        ("12,5", COMMA, "12.5"),
        ("1 234 567", POINT, "1234567"),
        ("1\N{NO-BREAK SPACE}234,5", COMMA, "1234.5"),
        ("1’234.5", POINT, "1234.5"),
        (27, COMMA, "27"),
        (27.0, COMMA, "27"),
        (12.5, COMMA, "12.5"),
        (0.1 + 0.2, POINT, "0.3"),
    ],
)
def test_reads_what_spreadsheets_write(cell, sign, number):
    assert parse(cell, sign, unit="decimal", currency="") == Decimal(number)


@pytest.mark.parametrize(
    ("cell", "sign", "unit", "currency", "number"),
    [
        ("$1,234.50", POINT, "money", "USD", "1234.50"),
        ("1.234,50 €", COMMA, "money", "EUR", "1234.50"),
        ("EUR 12,50", COMMA, "money", "EUR", "12.50"),
        ("12.50 USD", POINT, "money", "USD", "12.50"),
        ("45 %", POINT, "percent", "USD", "45"),
        (Signed(45, "%"), COMMA, "percent", "USD", "45"),
        (Signed(12.5, "%"), COMMA, "percent", "USD", "12.5"),
        (Signed(100 / 3, "%"), POINT, "percent", "USD", "33.33"),
        (Signed(1234.5, "€"), COMMA, "money", "EUR", "1234.5"),
    ],
)
def test_reads_the_sign_of_the_unit(cell, sign, unit, currency, number):
    assert parse(cell, sign, unit=unit, currency=currency) == Decimal(number)


@pytest.mark.parametrize(
    ("cell", "unit", "sentence"),
    [
        (Signed(5, "%"), "count", numbers.NO_PERCENT),
        (Signed(5, "$"), "count", numbers.NO_MONEY),
        (Signed(5.5, "%"), "decimal", numbers.NO_PERCENT),
        (Signed(5, "€"), "money", numbers.OTHER_CURRENCY.format(currency="USD")),
    ],
)
def test_a_sign_that_a_workbook_shows_counts_as_one_that_was_typed(cell, unit, sentence):
    with pytest.raises(NumberRefused) as refused:
        parse(cell, POINT, unit=unit, currency="USD")
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("12.34", numbers.POINTS_ASTRAY),
        ("12,345", numbers.TOO_FINE),
        ("1.23,4", numbers.POINTS_ASTRAY),
    ],
)
def test_words_it_for_the_decimal_sign_of_the_file(cell, sentence):
    with pytest.raises(NumberRefused) as refused:
        parse(cell, COMMA, unit="decimal", currency="")
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("-5", numbers.NEGATIVE),
        (-5, numbers.NEGATIVE),
        (-0.5, numbers.NEGATIVE),
        ("(5)", numbers.NOT_A_NUMBER),
        (float("nan"), numbers.NOT_A_NUMBER),
        (float("inf"), numbers.NOT_A_NUMBER),
        ("NaN", numbers.NOT_A_NUMBER),
        ("1e400", numbers.NOT_A_NUMBER),
        ("1E3", numbers.NOT_A_NUMBER),
        (10**12, numbers.TOO_LARGE),
        ("1000000000000", numbers.TOO_LARGE),
        ("9" * 400, numbers.TOO_LONG),
        ("12.345", numbers.TOO_FINE),
        ("=2+2", numbers.NOT_A_NUMBER),
        ("٣", numbers.NOT_A_NUMBER),
        ("1 2", numbers.NOT_A_NUMBER),
    ],
)
def test_refuses_in_words_what_is_no_number_of_ours(cell, sentence):
    with pytest.raises(NumberRefused) as refused:
        parse(cell, POINT, unit="decimal", currency="")
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("cell", "number"),
    [(100 / 3, "33.33"), (4.005, "4.01"), (0.001, "0.00"), (1e-9, "0.00"), (2.5, "2.50")],
)
def test_what_a_workbook_calculated_is_rounded_to_two_decimals(cell, number):
    assert parse(cell, POINT, unit="decimal", currency="") == Decimal(number)


def test_what_someone_typed_is_not_rounded():
    with pytest.raises(NumberRefused):
        parse("33.333", POINT, unit="decimal", currency="")


def test_a_count_has_no_decimals():
    with pytest.raises(NumberRefused) as refused:
        parse(12.5, POINT, unit="count", currency="")
    assert refused.value.sentence == numbers.NOT_WHOLE


@pytest.mark.parametrize("cell", ["", "  ", "-", "–", "n/a", "N/A", "#N/A", "NULL"])
def test_a_blank_is_not_a_zero(cell):
    assert is_nothing(cell)


@pytest.mark.parametrize("cell", [0, "0", 0.0, "none of them"])
def test_what_says_something_is_no_blank(cell):
    assert not is_nothing(cell)


@pytest.mark.parametrize(
    ("cells", "left", "asked"),
    [
        (["5", "27", 3.5], {POINT, COMMA}, ""),
        (["1,234"], {POINT, COMMA}, "1,234"),
        (["5", "1.234"], {POINT, COMMA}, "1.234"),
        (["1,234", "12.5"], {POINT}, ""),
        (["1.234", "12,5"], {COMMA}, ""),
        (["1,234,567"], {POINT}, ""),
        (["1.234.567"], {COMMA}, ""),
        (["1,234.5"], {POINT}, ""),
        (["$1.234,50"], {COMMA}, ""),
        (["12,5", "12.5"], set(), ""),
        (["0,123"], {POINT, COMMA}, ""),
    ],
)
def test_the_numbers_tell_which_sign_is_which(cells, left, asked):
    assert signs(cells) == (left, asked)


@pytest.mark.parametrize(
    "cell", [0, 2.5, "27", "-5", "$1,234.50", "1\N{NARROW NO-BREAK SPACE}000", "45%"]
)
def test_what_looks_like_a_number(cell):
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["", "none", "phones down", "Nov 16, 2026", "٣", "#DIV/0!", "1e3"])
def test_what_does_not(cell):
    assert not is_number(cell)
