"""One rule for numbers as text: form, API and import give the same answer, by the KPI's unit."""

import csv
import io
from decimal import Decimal

import pytest
import time_machine

from funnel.domain import numbers
from funnel.domain.numbers import DecimalSign
from funnel.domain.sheet_names import Known
from funnel.domain.sheet_questions import Answers, understand
from funnel.forms.entry import EntryForm
from funnel.models import WeeklyEntry
from funnel.sheets.reading import read
from tests.api.asking import program_of
from tests.cast import make_cast
from tests.factories import WEEK, make_kpi
from tests.sheets.books import book

pytestmark = pytest.mark.django_db

UNITS = ("count", "money", "percent", "decimal")
NOT_WHOLE, TOO_FINE, NOT_A_NUMBER = numbers.NOT_WHOLE, numbers.TOO_FINE, numbers.NOT_A_NUMBER
NO_PERCENT, NO_MONEY = numbers.NO_PERCENT, numbers.NO_MONEY
OTHER = numbers.OTHER_CURRENCY.format(currency="USD")

# Text, and what it is by unit: a number, or the sentence that refuses it; one alone is for all.
ROWS = [
    ("27", ["27"]),
    ("0", ["0"]),
    (" 27 ", ["27"]),
    ("1,234", ["1234"]),
    ("1 234", ["1234"]),
    ("1\N{NO-BREAK SPACE}234", ["1234"]),
    ("1\N{NARROW NO-BREAK SPACE}234", ["1234"]),
    ("1\N{THIN SPACE}234", ["1234"]),
    ("1'234", ["1234"]),
    ("1’234", ["1234"]),
    ("1 234 567", ["1234567"]),
    ("12.5", [NOT_WHOLE, "12.5", "12.5", "12.5"]),
    ("90.0", ["90"]),
    ("90.00", ["90"]),
    ("1.234", [NOT_WHOLE, TOO_FINE, TOO_FINE, TOO_FINE]),
    ("1.000", [NOT_WHOLE, TOO_FINE, TOO_FINE, TOO_FINE]),
    ("12,5", [numbers.COMMAS_ASTRAY]),
    ("0,123", [numbers.COMMAS_ASTRAY]),
    ("1,234.50", [NOT_WHOLE, "1234.5", "1234.5", "1234.5"]),
    ("1 234.50", [NOT_WHOLE, "1234.5", "1234.5", "1234.5"]),
    ("5%", [NO_PERCENT, NO_PERCENT, "5", NO_PERCENT]),
    ("5 %", [NO_PERCENT, NO_PERCENT, "5", NO_PERCENT]),
    ("%5", [NO_PERCENT, NO_PERCENT, "5", NO_PERCENT]),
    ("$5", [NO_MONEY, "5", NO_MONEY, NO_MONEY]),
    ("5 $", [NO_MONEY, "5", NO_MONEY, NO_MONEY]),
    ("5 USD", [NO_MONEY, "5", NO_MONEY, NO_MONEY]),
    ("USD 1,200.50", [NO_MONEY, "1200.5", NO_MONEY, NO_MONEY]),
    ("$1 200 USD", [NO_MONEY, "1200", NO_MONEY, NO_MONEY]),
    ("€5", [NO_MONEY, OTHER, NO_MONEY, NO_MONEY]),
    ("5 EUR", [NO_MONEY, OTHER, NO_MONEY, NO_MONEY]),
    ("CA$5", [NO_MONEY, OTHER, NO_MONEY, NO_MONEY]),
    ("-5", [numbers.NEGATIVE]),
    ("−5", [numbers.NEGATIVE]),
    ("-$5", [NO_MONEY, numbers.NEGATIVE, NO_MONEY, NO_MONEY]),
    ("$-5", [NO_MONEY, numbers.NEGATIVE, NO_MONEY, NO_MONEY]),
    ("1000000000", [numbers.TOO_LARGE]),
    ("(5)", [NOT_A_NUMBER]),
    ("12 34", [NOT_A_NUMBER]),
    ("1234 567", [NOT_A_NUMBER]),
    ("1 234'567", [NOT_A_NUMBER]),
    ("1_000", [NOT_A_NUMBER]),
    ("1e3", [NOT_A_NUMBER]),
    ("12 leads", [NOT_A_NUMBER]),
    ("5‰", [NOT_A_NUMBER]),
]


@pytest.fixture
def cast():
    made = make_cast()
    for unit in UNITS[1:]:
        make_kpi(made.practice, f"In {unit}", unit=unit)
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield made


def slug_of(unit):
    return "leads" if unit == "count" else f"in-{unit}"


def by_form(unit, text):
    form = EntryForm({"value": text}, slug="x", unit=unit, currency="USD", needs_reason=False)
    if form.is_valid():
        return form.cleaned_data["value"]
    (sentence,) = form.errors["value"]
    return sentence


def by_api(program, unit, text):
    body = {"value": text, "reason": "Away", "confirmed": True}
    answer = program.ask("PUT", f"entries/{slug_of(unit)}/{WEEK}/", body)
    if answer.status_code == 422:
        return answer.json()["detail"]
    assert answer.status_code == 201
    entry = WeeklyEntry.objects.get(kpi__slug=slug_of(unit))
    entry.delete()
    return entry.value


def by_import(unit, rows, name, answers):
    known = Known(slug_of(unit), "Number", unit=unit, currency="USD")
    found = understand(read(rows, name), [known], answers).found[0]
    return found.refusal or found.value


def sheets(text):
    """A CSV file and a workbook with the text; a second week makes it a column of numbers."""
    rows = [["Week", "Number"], [str(WEEK), text], [str(WEEK.previous), "7"]]
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return [(file.getvalue().encode(), "a.csv"), (book(*rows), "a.xlsx")]


def test_a_text_is_the_same_number_in_a_form_in_the_api_and_in_a_file(cast):
    program = program_of(cast.manager)
    point = Answers(sign=DecimalSign.POINT)
    wrong = []
    for text, answers in ROWS:
        files = sheets(text)
        for unit, answer in zip(UNITS, answers * len(UNITS), strict=False):
            given = [by_form(unit, text), by_api(program, unit, text)]
            given += [by_import(unit, content, name, point) for content, name in files]
            expected = Decimal(answer) if answer[0].isdigit() else answer
            if given != [expected] * 4:
                wrong.append((unit, text, given))
    assert wrong == []
