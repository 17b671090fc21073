from decimal import Decimal

import pytest

from funnel.domain import numbers
from funnel.forms.entry import UNKNOWN_VERSION, EntryForm


def make_form(unit="count", needs_reason=False, **typed):
    return EntryForm(
        typed, slug="appointments", unit=unit, currency="USD", needs_reason=needs_reason
    )


@pytest.mark.parametrize(
    ("typed", "value"), [("27", 27), (" 1,234 ", 1234), ("0", 0), ("999,999,999", 999_999_999)]
)
def test_reads_a_count(typed, value):
    form = make_form(value=typed)
    assert form.is_valid()
    assert form.cleaned_data["value"] == Decimal(value)


def test_reads_two_decimals_where_the_number_is_no_count():
    form = make_form(unit="decimal", value="12.50")
    assert form.is_valid()
    assert form.cleaned_data["value"] == Decimal("12.50")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", numbers.EMPTY),
        ("   ", numbers.EMPTY),
        ("-5", numbers.NEGATIVE),
        ("2.5", numbers.NOT_WHOLE),
        ("twenty", numbers.NOT_A_NUMBER),
        ("1_000", numbers.NOT_A_NUMBER),
        ("1e3", numbers.NOT_A_NUMBER),
        ("NaN", numbers.NOT_A_NUMBER),
        ("٢٧", numbers.NOT_A_NUMBER),
        ("２７", numbers.NOT_A_NUMBER),
        ("2\x007", numbers.NOT_A_NUMBER),
        ("1000000000", numbers.TOO_LARGE),
        ("9" * 100_000, numbers.TOO_LONG),
    ],
)
def test_refuses_the_rest_with_the_sentence_of_the_one_parser(typed, sentence):
    form = make_form(value=typed)
    assert form.errors == {"value": [sentence]}
    assert form["value"].value() == typed


def test_refuses_a_number_that_was_not_sent():
    assert make_form().errors == {"value": [numbers.EMPTY]}


@pytest.mark.parametrize(
    ("typed", "version"),
    [
        ("", None),
        ("3", 3),
        ("abc", UNKNOWN_VERSION),
        ("-1", UNKNOWN_VERSION),
        ("1.5", UNKNOWN_VERSION),
        ("٣", UNKNOWN_VERSION),
        ("9" * 30, UNKNOWN_VERSION),
    ],
)
def test_a_version_nobody_sent_is_no_version_of_an_entry(typed, version):
    form = make_form(value="27", version=typed)
    assert form.is_valid()
    assert form.cleaned_data["version"] == version


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("note", "x" * 501, "A note has at most 500 characters."),
        ("note", "a\x00b", "Write it again without special characters."),
        ("reason", "x" * 201, "A reason has at most 200 characters."),
        ("reason", "a\x00b", "Write it again without special characters."),
    ],
)
def test_refuses_a_note_or_reason_that_cannot_be_kept(field, typed, sentence):
    form = make_form(needs_reason=True, value="27", **{field: typed})
    assert form.errors == {field: [sentence]}


def test_a_note_may_fill_its_length():
    assert make_form(value="27", note="x" * 500).is_valid()


def test_asks_for_a_reason_only_where_one_is_due():
    assert "reason" in make_form(needs_reason=True).fields
    form = make_form(value="27", reason="because")
    assert form.is_valid()
    assert "reason" not in form.cleaned_data


@pytest.mark.parametrize(("confirm", "is_confirmed"), [("yes", True), ("on", False), ("", False)])
def test_only_yes_confirms(confirm, is_confirmed):
    assert make_form(value="270", confirm=confirm).is_confirmed is is_confirmed


@pytest.mark.parametrize(
    ("value", "shown"),
    [("27.00", "27"), ("100.00", "100"), ("12.50", "12.5"), ("0.00", "0"), ("999999999", "9" * 9)],
)
def test_shows_a_stored_number_as_a_person_would_type_it(value, shown):
    form = EntryForm(
        slug="x",
        unit="decimal",
        currency="USD",
        needs_reason=False,
        initial={"value": Decimal(value)},
    )
    assert f'value="{shown}"' in str(form["value"])


def test_the_keypad_has_a_point_only_where_decimals_are_taken():
    assert 'inputmode="numeric"' in str(make_form(unit="count")["value"])
    assert 'inputmode="decimal"' in str(make_form(unit="decimal")["value"])


def test_the_cursor_goes_to_the_first_refused_field():
    form = make_form(needs_reason=True, value="27", reason="x" * 201)
    form.focus()
    assert "autofocus" in str(form["reason"])
    assert "autofocus" not in str(form["value"])


def test_without_a_refusal_the_cursor_goes_to_the_number():
    form = make_form(value="270")
    form.focus()
    assert "autofocus" in str(form["value"])


def test_the_field_is_described_by_its_refusal_and_by_its_question():
    refused = make_form(value="")
    assert 'aria-invalid="true"' in str(refused["value"])
    assert 'aria-describedby="appointments-value_error"' in str(refused["value"])
    asked = make_form(value="270")
    asked.ask("Is 270 right?")
    assert asked.question == "Is 270 right?"
    assert 'aria-describedby="appointments-question"' in str(asked["value"])


def test_the_fields_of_one_card_do_not_share_their_ids_with_another():
    other = EntryForm(slug="leads", unit="count", currency="USD", needs_reason=False)
    assert make_form()["value"].auto_id == "appointments-value"
    assert other["value"].auto_id == "leads-value"
