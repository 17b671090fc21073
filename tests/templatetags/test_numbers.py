from decimal import Decimal

import pytest
from django.template import Context, Template

from funnel.domain.status import Difference, Status
from funnel.templatetags import numbers


def rendered(text, **context):
    return Template("{% load numbers %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("text", "v", "shown"),
    [
        ("{{ v|count }}", Decimal(1234), "1,234"),
        ("{{ v|decimal }}", Decimal("4.5"), "4.5"),
        ("{{ v|rate }}", 0.26, "26.0%"),
        ("{{ v|points }}", 0.032, "+3.2 pts"),
        ("{{ v|signed }}", Decimal(8), "+8"),
        ("{{ v|money:'USD' }}", Decimal(9600), "$9,600"),
        ("{% value v 'money' 'EUR' %}", Decimal("12.5"), "€12.50"),
        ("{% value v 'percent' 'USD' %}", Decimal("12.5"), "12.5%"),
    ],
)
def test_a_number_is_written_as_everywhere_and_a_missing_one_is_spoken(text, v, shown):
    assert rendered(text, v=v) == shown
    missing = rendered(text, v=None)
    assert '<span aria-hidden="true">–</span>' in missing
    assert '<span class="visually-hidden">missing</span>' in missing


@pytest.mark.parametrize(
    ("difference", "fraction", "unit", "words"),
    [
        (Decimal(-8), -0.0816, "count", "8 fewer than last week (−8.2%)"),
        (Decimal(1), 0.0714, "count", "1 more than last week (+7.1%)"),
        (Decimal(5), None, "count", "5 more than last week"),
        (Decimal(0), 0.0, "count", "same as last week"),
        (Decimal("-1200"), -0.1, "money", "$1,200 less than last week (−10.0%)"),
        (Decimal("1.5"), 0.1, "percent", "1.5 pts more than last week"),
        (Decimal("0.2"), 0.05, "decimal", "0.2 more than last week (+5.0%)"),
    ],
)
def test_a_change_is_told_in_words(difference, fraction, unit, words):
    change = Difference(difference, fraction)
    assert rendered("{% against_last_week c unit 'USD' %}", c=change, unit=unit) == words


@pytest.mark.parametrize("status", Status)
def test_a_status_has_a_class_of_its_own(status):
    classes = [numbers.status_class(other) for other in Status]
    assert classes.count(numbers.status_class(status)) == 1
    assert " " not in numbers.status_class(status).removeprefix("status ")


@pytest.mark.parametrize(
    ("stages", "tones"),
    [
        (1, ["tone-1"]),
        (2, ["tone-1", "tone-3"]),
        (3, ["tone-1", "tone-2", "tone-3"]),
        (4, ["tone-1", "tone-2", "tone-4", "tone-3"]),
    ],
)
def test_the_last_stage_keeps_its_colour_when_others_come_between(stages, tones):
    assert [numbers.tone(place, stages) for place in range(1, stages + 1)] == tones


def test_fifteen_stages_have_fifteen_colours_and_more_begin_again():
    assert len({numbers.tone(place, 15) for place in range(1, 16)}) == 15
    assert numbers.tone(15, 20) == "tone-1"


def test_several_counts_are_a_text_each():
    text = rendered('{{ vs|counts|join:"·" }}', vs=[Decimal(1234), None, Decimal(0)])
    assert text.startswith("1,234·<span")
    assert text.endswith("·0")
