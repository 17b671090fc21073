from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain import numbers
from funnel.domain.numbers import MAX_VALUE, NumberRefused

EMPTY = "Enter a number. If it was none, enter 0."
TOO_LONG = "That is too long for a number. Enter it in digits, as in 1,234."
NOT_A_NUMBER = "Enter the number in digits only, as in 1234 or 1,234."
COMMAS_ASTRAY = "Commas go between groups of three digits, as in 1,234; decimals take a point."
NEGATIVE = "Enter 0 or more. This number cannot be negative."
NOT_WHOLE = "Enter a whole number, without decimals."
TOO_FINE = "Enter at most two decimals, as in 12.50."
TOO_LARGE = "Enter 999,999,999 or less."


class TestParse:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("0", 0),
            ("7", 7),
            ("007", 7),
            ("1234", 1234),
            ("1,234", 1234),
            ("12,345", 12345),
            ("999,999,999", 999_999_999),
            ("999999999", 999_999_999),
            ("  27 ", 27),
            ("\u00a027\u202f", 27),
            ("27\r\n", 27),
            ("\t27", 27),
        ],
    )
    @pytest.mark.parametrize("unit", ["count", "decimal"])
    def test_takes_digits_with_or_without_thousands_commas(self, text, number, unit):
        parsed = numbers.parse(text, unit)
        assert parsed == number
        assert type(parsed) is Decimal

    @pytest.mark.parametrize(
        ("text", "number"),
        [("12.5", "12.5"), ("12.50", "12.50"), ("1,234.05", "1234.05"), ("0.0", "0.0")],
    )
    def test_takes_up_to_two_decimals_where_they_are_allowed(self, text, number):
        assert str(numbers.parse(text, "decimal")) == number

    @pytest.mark.parametrize("text", ["", " ", "\u00a0", " " * 100])
    @pytest.mark.parametrize("unit", ["count", "decimal"])
    def test_asks_for_a_number_when_there_is_none(self, text, unit):
        assert refusal(text, unit) == EMPTY

    @pytest.mark.parametrize("text", ["-1", "\u22125", "-1,234", "- 3", "-0", "-1.5"])
    @pytest.mark.parametrize("unit", ["count", "decimal"])
    def test_refuses_a_negative_number(self, text, unit):
        assert refusal(text, unit) == NEGATIVE

    @pytest.mark.parametrize("text", ["1.5", "12.05", "1,234.50", "1.234", "1.000"])
    def test_refuses_decimals_for_a_count(self, text):
        assert refusal(text, "count") == NOT_WHOLE

    @pytest.mark.parametrize("text", ["1.234", "0.001", "1,234.500"])
    def test_refuses_a_third_decimal(self, text):
        assert refusal(text, "decimal") == TOO_FINE

    @pytest.mark.parametrize(
        "text",
        [
            "1,23",
            "12,5",
            "1,2345",
            "1234,567",
            ",123",
            "1,",
            ",",
            "0,123",
            "1,,234",
            "01,234",
            "1,23.4",
        ],
    )
    @pytest.mark.parametrize("unit", ["count", "decimal"])
    def test_refuses_commas_astray(self, text, unit):
        assert refusal(text, unit) == COMMAS_ASTRAY

    @pytest.mark.parametrize(
        "text",
        [
            "x",
            "12a",
            "1_000",
            "1e5",
            "1E5",
            "NaN",
            "nan",
            "Infinity",
            "-inf",
            "inf",
            "+5",
            "--5",
            "-",
            "-x",
            "12\0",
            "\0",
            "１２",
            "१२",
            "٣",
            "²",
            "½",
            "0x10",
            "1.",
            ".5",
            ".",
            "1.2.3",
            "1.234,50",
            "(5)",
            "1\n2",
            "\u200b5",
        ],
    )
    @pytest.mark.parametrize("unit", ["count", "decimal"])
    def test_refuses_what_is_not_a_plain_number(self, text, unit):
        assert refusal(text, unit) == NOT_A_NUMBER

    @pytest.mark.parametrize("text", ["1000000000", "1,000,000,000", "9" * 32])
    @pytest.mark.parametrize("unit", ["count", "decimal"])
    def test_refuses_more_than_the_most(self, text, unit):
        assert refusal(text, unit) == TOO_LARGE

    def test_refuses_a_hundredth_more_than_the_most(self):
        assert numbers.parse("999999999.00", "decimal") == MAX_VALUE
        assert refusal("999999999.01", "decimal") == TOO_LARGE

    @pytest.mark.parametrize("text", ["1" * 33, "x" * 1_000_000])
    def test_refuses_long_text_unread(self, text):
        assert refusal(text, "count") == TOO_LONG

    def test_a_refusal_is_a_value_error_that_says_its_sentence(self):
        with pytest.raises(ValueError, match=EMPTY) as refused:
            numbers.parse("", "count")
        assert refused.value.sentence == str(refused.value) == EMPTY

    @given(st.text(max_size=40), st.sampled_from(["count", "money", "percent", "decimal"]))
    def test_any_text_is_a_number_in_range_or_refused(self, text, unit):
        try:
            number = numbers.parse(text, unit)
        except NumberRefused:
            return
        assert 0 <= number <= MAX_VALUE

    @given(st.integers(0, MAX_VALUE))
    def test_reads_every_count_as_it_is_written(self, n):
        assert numbers.parse(numbers.count(n), "count") == n

    @given(st.decimals(0, MAX_VALUE, places=2))
    def test_reads_every_decimal_as_it_is_written(self, n):
        assert numbers.parse(numbers.value(n, "decimal", "USD"), "decimal") == n


def refusal(text, unit):
    with pytest.raises(NumberRefused) as refused:
        numbers.parse(text, unit)
    return refused.value.sentence


class TestFormatters:
    @pytest.mark.parametrize(
        "written",
        [
            numbers.count(None),
            numbers.decimal(None),
            numbers.rate(None),
            numbers.points(None),
            numbers.signed(None),
            numbers.money(None, "USD"),
            numbers.value(None, "count", "USD"),
        ],
    )
    def test_nothing_is_a_dash_and_never_a_zero(self, written):
        assert written == "–"

    @pytest.mark.parametrize(
        ("v", "written"),
        [
            (0, "0"),
            (27, "27"),
            (1234, "1,234"),
            (Decimal("1234"), "1,234"),
            (Decimal("1234.00"), "1,234"),
            (999_999_999, "999,999,999"),
            (-5, "−5"),
            (-1234, "−1,234"),
            (Decimal("2.5"), "3"),
            (Decimal("3.5"), "4"),
            (Decimal("0.5"), "1"),
            (-0.4, "0"),
            (Fraction(5, 2), "3"),
            (Fraction(-5, 2), "−3"),
            (33.3, "33"),
        ],
    )
    def test_count(self, v, written):
        assert numbers.count(v) == written

    @pytest.mark.parametrize(
        ("v", "written"),
        [
            (4.5, "4.5"),
            (Decimal("4.5"), "4.5"),
            (20, "20.0"),
            (0, "0.0"),
            (1234.56, "1,234.6"),
            (Fraction(9, 2), "4.5"),
            (Fraction(1, 3), "0.3"),
            (Fraction(12300), "12,300.0"),
            (Decimal("0.25"), "0.3"),
            (Decimal("0.35"), "0.4"),
            (0.25, "0.3"),
            (0.45, "0.5"),
            (Fraction(1, 20), "0.1"),
            (-1.5, "−1.5"),
            (Fraction(-1, 20), "−0.1"),
            (-0.04, "0.0"),
            (Decimal("-0.04"), "0.0"),
            (Fraction(-1, 25), "0.0"),
        ],
    )
    def test_decimal(self, v, written):
        assert numbers.decimal(v) == written

    @pytest.mark.parametrize(
        ("v", "written"),
        [
            (52 / 200, "26.0%"),
            (44 / 52, "84.6%"),
            (38 / 44, "86.4%"),
            (38 / 200, "19.0%"),
            (0.4, "40.0%"),
            (0, "0.0%"),
            (1, "100.0%"),
            (1.2, "120.0%"),
            (12.0, "1,200.0%"),
            (0.2855, "28.6%"),
            (0.0005, "0.1%"),
            (Decimal("0.2855"), "28.6%"),
            (Fraction(1, 8), "12.5%"),
            (Fraction(1, 2000), "0.1%"),
            (1e-9, "0.0%"),
        ],
    )
    def test_rate(self, v, written):
        assert numbers.rate(v) == written

    @pytest.mark.parametrize(
        ("v", "written"),
        [
            (0.032, "+3.2 pts"),
            (-0.032, "−3.2 pts"),
            (0, "0.0 pts"),
            (0.0004, "0.0 pts"),
            (-0.0004, "0.0 pts"),
            (-0.0005, "−0.1 pts"),
            (Fraction(1, 8), "+12.5 pts"),
        ],
    )
    def test_points(self, v, written):
        assert numbers.points(v) == written

    @pytest.mark.parametrize(
        ("v", "written"),
        [
            (8, "+8"),
            (-8, "−8"),
            (0, "0"),
            (Decimal("0.00"), "0"),
            (Decimal("8.00"), "+8"),
            (1234, "+1,234"),
            (Decimal("-1.5"), "−1.5"),
            (Decimal("1.25"), "+1.25"),
            (100, "+100"),
            (-0.001, "0"),
            (Fraction(1, 3), "+0.33"),
        ],
    )
    def test_signed(self, v, written):
        assert numbers.signed(v) == written

    @pytest.mark.parametrize(
        ("v", "currency", "written"),
        [
            (9600, "USD", "$9,600"),
            (-4800, "USD", "−$4,800"),
            (0, "USD", "$0"),
            (Decimal("9599.50"), "USD", "$9,600"),
            (Decimal("2.5"), "USD", "$3"),
            (-0.4, "USD", "$0"),
            (Fraction(-9601, 2), "USD", "−$4,801"),
            (120, "EUR", "€120"),
            (120, "GBP", "£120"),
            (120, "CAD", "CA$120"),
            (120, "CHF", "CHF\u00a0120"),
            (-120, "CHF", "−CHF\u00a0120"),
            (120, "XYZ", "XYZ\u00a0120"),
        ],
    )
    def test_money(self, v, currency, written):
        assert numbers.money(v, currency) == written

    @pytest.mark.parametrize(
        ("v", "unit", "written"),
        [
            (Decimal("1234.00"), "count", "1,234"),
            (27, "count", "27"),
            (Decimal("9600.00"), "money", "$9,600"),
            (Decimal("149.50"), "money", "$149.50"),
            (Decimal("-149.5"), "money", "−$149.50"),
            (100, "money", "$100"),
            (Decimal("12.5"), "percent", "12.5%"),
            (Decimal("12.00"), "percent", "12.0%"),
            (Decimal("12.25"), "percent", "12.25%"),
            (Decimal("-2"), "percent", "−2.0%"),
            (Decimal("4.50"), "decimal", "4.5"),
            (4, "decimal", "4.0"),
            (100, "decimal", "100.0"),
            (Decimal("4.25"), "decimal", "4.25"),
            (Decimal("0.125"), "decimal", "0.13"),
            (Decimal("-1.05"), "decimal", "−1.05"),
            (Decimal("1234.05"), "decimal", "1,234.05"),
        ],
    )
    def test_value_shows_what_was_entered_in_its_unit(self, v, unit, written):
        assert numbers.value(v, unit, "USD") == written

    def test_value_refuses_an_unknown_unit(self):
        with pytest.raises(ValueError, match="furlong"):
            numbers.value(1, "furlong", "USD")

    @given(st.fractions(-1000, 1000, max_denominator=400), st.sampled_from([0, 1, 2]))
    def test_half_up_is_the_nearest_step_and_symmetric(self, v, places):
        rounded = Fraction(numbers.half_up(v, places))
        assert abs(rounded - v) <= Fraction(1, 2 * 10**places)
        assert abs(rounded) >= abs(v) or abs(rounded - v) < Fraction(1, 2 * 10**places)
        assert Fraction(numbers.half_up(-v, places)) == -rounded

    @given(st.decimals(-100000, 100000, places=3), st.sampled_from([0, 1, 2]))
    def test_half_up_is_the_same_for_every_type_of_number(self, v, places):
        rounded = numbers.half_up(v, places)
        assert rounded == numbers.half_up(Fraction(v), places)
        assert rounded == numbers.half_up(float(v), places)

    @pytest.mark.parametrize(
        ("v", "written"),
        [
            (0, "0"),
            (1234, "1234"),
            (Decimal("100.00"), "100"),
            (Decimal("-0.00"), "0"),
            (Decimal("12.50"), "12.5"),
            (Decimal("-3.25"), "-3.25"),
            (0.1 + 0.2, "0.3"),
            (1e-7, "0"),
            (Fraction(2, 3), "0.6667"),
            (Fraction(-1, 3), "-0.3333"),
            (Decimal("999999999.99"), "999999999.99"),
        ],
    )
    def test_plain_is_digits_and_a_point(self, v, written):
        assert numbers.plain(v) == written
