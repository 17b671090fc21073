import pytest

from funnel.domain.season import Season
from tests.domain.simulation import noisy, seeded, thursdays

INDEX = (0.8, 0.8, 0.9, 1.0, 1.1, 1.2, 1.2, 1.2, 1.1, 1.0, 0.9, 0.8)
SIX_HUNDRED = [month - 1 for month in thursdays(0, 600)]


def index(values, week=None, months=SIX_HUNDRED):
    """The index at a week, by default the one after the last; None is a week not counted."""
    counted = [at for at, value in enumerate(values) if value is not None]
    places = [sum(at < week for at in counted) for week in range(len(values) + 1)]
    season = Season([values[at] for at in counted], [months[at] for at in counted], places)
    return season.index(len(values) if week is None else week)


def seasonal(weeks, level=lambda week: 100.0, of_month=INDEX):
    return [level(week) * of_month[SIX_HUNDRED[week]] for week in range(weeks)]


@pytest.mark.parametrize("weeks", [104, 155, 156, 300])
def test_a_season_without_noise_is_its_index(weeks):
    assert index(seasonal(weeks)) == pytest.approx(INDEX, abs=0.01)


def test_a_level_that_doubles_from_year_to_year_does_not_leak_in():
    values = seasonal(156, level=lambda week: 2.0 ** (week // 52))
    assert index(values) == pytest.approx(INDEX, abs=0.01)


def test_only_the_last_three_years_count():
    assert index([*[5.0] * 100, *seasonal(256)[100:]]) == pytest.approx(index(seasonal(256)))


def test_later_weeks_do_not_count():
    assert index([*seasonal(130), *[7.0] * 40], week=130) == index(seasonal(130))


def test_it_is_drawn_to_1_by_the_noise_within_the_months():
    rng = seeded(1)
    calm = index([float(noisy(rng, 95)) for _ in range(156)])
    assert all(abs(i - 1) < 0.05 for i in calm)
    strong = index([float(noisy(rng, value)) for value in seasonal(156)])
    assert all(abs(i - expected) < 0.12 for i, expected in zip(strong, INDEX, strict=True))


def test_the_share_of_the_noise_is_as_the_formula_says():
    # Months of four weeks in a year of 52: eleven and two halves, for two years alike. A month
    # has m - d and m + d in turn; d squared is the variance within, but for its 104 - 12 degrees.
    months = [min(week % 52 // 4, 11) for week in range(104)]
    level = [90.0, 110.0] * 6
    values = [level[month] + (3.0, -3.0)[at % 2] for at, month in enumerate(months)]
    counts = [months.count(month) for month in range(12)]
    mean = sum(values) / 104
    means = [level[month] / mean for month in range(12)]
    centre = sum(means) / 12
    variance = sum((m - centre) ** 2 for m in means) / 11
    within = 104 * (3.0 / mean) ** 2 / (104 - 12)
    error = sum(within / n for n in counts) / 12
    k = 1 - error / variance
    assert 0.9 < k < 1
    found = index(values, months=months)
    assert found == pytest.approx([1 + k * (m / centre - 1) for m in means])


@pytest.mark.parametrize("value", [0.1, 7.0, 1e9])
def test_a_number_that_never_moves_has_none(value):
    assert index([value] * 160) == pytest.approx([1.0] * 12)


@pytest.mark.parametrize(
    ("values", "is_known"),
    [
        (seasonal(103), False),
        ([5.0] + [None] * 24 + seasonal(79), True),
        ([None] * 24 + seasonal(80), False),
        ([None] * 25 + seasonal(79), False),
        ([None] * 90 + seasonal(104), True),
        ([0.0] * 104, False),
        ([0.0] * 52 + [5.0] * 52, False),
        ([0.0] * 52 + [5.0] * 104, True),
    ],
)
def test_is_known_from_two_years_of_enough_weeks_with_something(values, is_known):
    assert (index(values) is not None) is is_known


def test_a_third_year_counts_with_forty_weeks_of_it():
    two = seasonal(156, of_month=(1,) * 12)[52:]
    other = seasonal(52)
    with_it = index([*[None] * 12, *other[12:], *two])
    without = index([*[None] * 13, *other[13:], *two])
    assert without == pytest.approx([1.0] * 12)
    assert with_it != pytest.approx([1.0] * 12)


def test_a_month_without_a_value_is_as_any_other():
    values = [None if SIX_HUNDRED[week] == 7 else value for week, value in enumerate(seasonal(156))]
    assert index(values)[7] == 1


def test_an_index_is_never_next_to_nothing():
    assert index(seasonal(156, of_month=(1,) * 7 + (0,) + (1,) * 4))[7] == 0.1
