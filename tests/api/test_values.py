"""api/values.py: numbers from JSON and to it."""

import json
from decimal import Decimal

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from funnel.api.values import ExactParser, number, typed
from funnel.domain import numbers


def parsed(text):
    request = RequestFactory().put("/", text, content_type="application/json")
    return ExactParser().parse_body(request)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("27", "27"),
        ("27.0", "27"),
        ("2.70e1", "27"),
        ("0", "0"),
        ("-0.0", "0"),
        ("0e999999999999", "0"),
        ("12.50", "12.5"),
        ("0.1", "0.1"),
        ("123456789.07", "123456789.07"),
        ("-3", "-3"),
        ('"1,234"', "1,234"),
        ('"٣"', "٣"),
        ('""', ""),
    ],
)
def test_a_json_number_is_read_as_someone_would_type_it(text, expected):
    assert typed(parsed(text)) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("null", numbers.EMPTY),
        ("true", numbers.NOT_A_NUMBER),
        ("[]", numbers.NOT_A_NUMBER),
        ("{}", numbers.NOT_A_NUMBER),
        ("1e400", numbers.TOO_LARGE),
        ("1e999999999", numbers.TOO_LARGE),
        ("-1e999999999", numbers.NEGATIVE),
        ("1e-999999999", numbers.TOO_FINE),
        ("0." + "1" * 5000, numbers.TOO_FINE),
        ("9" * 4000, numbers.TOO_LARGE),
    ],
)
def test_what_is_no_number_of_ours_says_why_and_costs_nothing(text, sentence):
    with pytest.raises(ValueError, match="^" + sentence[:20]) as refusal:
        typed(parsed(text))
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1" * 5000, "01", "1_000", ""])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own, whatever its text
        parsed(text)


@given(st.decimals(0, numbers.MAX_VALUE, places=2))
def test_a_stored_number_comes_back_through_json_as_it_was(value):
    text = json.dumps(number(value))
    assert Decimal(text) == value
    assert numbers.parse(typed(parsed(text)), "decimal") == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (Decimal("27.00"), "27"),
        (Decimal("12.50"), "12.5"),
        (30.0, "30"),
        (0.1, "0.1"),
        (Decimal(-4800), "-4800"),
    ],
)
def test_a_number_is_written_without_what_says_nothing(value, text):
    assert json.dumps(number(value)) == text
