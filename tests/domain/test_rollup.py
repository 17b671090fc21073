from decimal import Decimal

import pytest

from funnel.domain.rollup import Rollup, pooled_ratio


@pytest.mark.parametrize(
    ("unit", "calculation", "expected"),
    [
        ("count", "entered", Rollup.SUM),
        ("money", "entered", Rollup.SUM),
        ("percent", "entered", Rollup.AVERAGE),
        ("decimal", "entered", Rollup.AVERAGE),
        ("money", "ratio", Rollup.POOLED),
        ("percent", "ratio", Rollup.POOLED),
        ("decimal", "ratio", Rollup.POOLED),
        ("count", "total", Rollup.AVERAGE),
        ("money", "total", Rollup.AVERAGE),
    ],
)
def test_what_may_be_added_up(unit, calculation, expected):
    assert Rollup.of(unit, calculation) == expected


def pairs(*columns):
    return [tuple(None if v is None else Decimal(v) for v in pair) for pair in columns]


def test_a_ratio_of_weeks_is_sum_by_sum_and_no_mean_of_ratios():
    """1000 for 10 leads and 1000 for 90: 20 a lead, not the mean of 100 and 11.11."""
    assert pooled_ratio(pairs((1000, 10), (1000, 90)), as_percent=False) == 20


def test_a_week_without_both_is_left_out_and_one_without_divisor_counts():
    told = pairs((1000, 10), (5000, None), (None, 500), (200, 0))
    assert pooled_ratio(told, as_percent=False) == 120


def test_a_percent_is_of_a_hundred():
    assert pooled_ratio(pairs((1, 8)), as_percent=True) == Decimal("12.5")


@pytest.mark.parametrize("told", [[], [(None, 1)], [(1, 0)], [(1, 0), (2, 0)]])
def test_nothing_to_divide_by_is_none(told):
    assert pooled_ratio(pairs(*told), as_percent=False) is None
