"""forms/start.py: the first admin and a practice's settings, as typed."""

from datetime import time
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from funnel.forms.start import FirstAdminForm, FoundForm, PracticeForm, point_at_error, refuse
from funnel.models import Practice

GOOD = "a-long-new-word-7"
ADMIN = {"email": "ana@lumina.example", "password": GOOD, "again": GOOD}
SETTINGS = {
    "name": " Newton Skin ",
    "time_zone": "America/Denver",
    "currency": "CAD",
    "meeting_weekday": "3",
    "meeting_time": "14:30",
    "value_per_patient": "3,200",
}


def admin(code="", **changes):
    return FirstAdminForm({**ADMIN, **changes}, code=code)


def said(form, field):
    assert not form.is_valid()
    return form.errors[field]


def test_takes_an_address_and_a_password_twice():
    form = admin()
    assert form.is_valid()
    assert form.cleaned_data == ADMIN


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("email", "", "Enter your e-mail address: you sign in with it."),
        ("email", "ana", "Write an e-mail address, as in ana@practice.example."),
        ("email", "ana@lumina.example\0", "Write it again without special characters."),
        ("password", "", "Choose a password."),
        ("password", "12345678", "This password is entirely numeric."),
        ("password", "password", "This password is too common."),
        ("password", "Short-1", "This password is too short"),
        ("password", "ana@lumina.exampl", "too similar to the e-mail address"),
        ("again", "", "Enter the password again."),
        ("again", f"{GOOD} ", "The two passwords do not match."),
    ],
)
def test_what_the_first_admin_types_wrongly_is_told_beside_it(field, typed, sentence):
    assert any(sentence in it for it in said(admin(**{field: typed}), field))


def test_no_password_is_sent_back():
    page = str(admin(email="ana"))
    assert "ana" in page
    assert GOOD not in page


def test_a_code_is_asked_for_where_one_is_set():
    assert "code" not in admin().fields
    assert said(admin(code="secret-7"), "code") == ["Enter the set-up code of this installation."]
    wrong = FirstAdminForm({**ADMIN, "code": "secret-8"}, code="secret-7")
    assert said(wrong, "code") == ["This is not the set-up code of this installation."]
    assert FirstAdminForm({**ADMIN, "code": "secret-7"}, code="secret-7").is_valid()


def test_takes_a_practices_settings():
    form = PracticeForm(SETTINGS)
    assert form.is_valid()
    assert form.cleaned_data == {
        "name": "Newton Skin",
        "time_zone": "America/Denver",
        "currency": "CAD",
        "meeting_weekday": 3,
        "meeting_time": time(14, 30),
        "value_per_patient": Decimal(3200),
    }


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", " ", "Enter the name of the practice."),
        ("name", "x" * 121, "A name has at most 120 characters."),
        ("name", "a\0b", "Write it again without special characters."),
        ("time_zone", "", "Choose the time zone: it decides when the week ends."),
        ("time_zone", "Moon/Base", "Choose the time zone: it decides when the week ends."),
        ("currency", "XXX", "Choose a currency from the list."),
        ("meeting_weekday", "7", "Choose a day from Monday to Sunday for the meeting."),
        ("meeting_time", "", "Choose when the meeting starts."),
        ("meeting_time", "9 o'clock", "Write the time as in 09:00 or 14:30."),
        ("value_per_patient", "-1", "Enter 0 or more. This number cannot be negative."),
        ("value_per_patient", "1_000", "Enter the number in digits only, as in 1234 or 1,234."),
        ("value_per_patient", "9" * 10, "Enter 999,999,999 or less."),
    ],
)
def test_a_setting_that_is_typed_wrongly_is_told_beside_it(field, typed, sentence):
    assert said(PracticeForm({**SETTINGS, field: typed}), field) == [sentence]


def test_without_a_value_money_is_not_known():
    form = PracticeForm({**SETTINGS, "value_per_patient": " "})
    assert form.is_valid()
    assert form.cleaned_data["value_per_patient"] is None


def test_proposes_dollars_mondays_at_nine_and_no_time_zone():
    form = FoundForm()
    assert form["time_zone"].value() is None
    shown = str(form)
    for proposed in ('value="USD" selected', 'value="0" selected', 'value="09:00"'):
        assert proposed in shown


def test_a_practice_is_shown_as_it_is_stored_with_a_zone_that_is_not_listed():
    practice = Practice(
        name="Newton",
        time_zone="US/Pacific",
        currency="EUR",
        meeting_weekday=4,
        meeting_time=time(8, 15),
    )
    shown = str(PracticeForm(practice=practice, value=Decimal("3200.50")))
    for stored in ("US/Pacific", 'value="3200.5"', 'value="08:15"', 'value="4" selected'):
        assert stored in shown
    kept = {**SETTINGS, "time_zone": "US/Pacific"}
    assert PracticeForm(kept, practice=practice).is_valid()
    assert not PracticeForm(kept).is_valid()


def test_ones_own_name_may_be_left_empty():
    form = FoundForm({**SETTINGS, "your_name": " "})
    assert form.is_valid()
    assert form.cleaned_data["your_name"] == ""
    assert said(FoundForm({**SETTINGS, "your_name": "x" * 81}), "your_name") == [
        "A name has at most 80 characters."
    ]


def test_the_cursor_is_in_the_first_field_that_was_refused():
    good, bad = PracticeForm(SETTINGS), PracticeForm({**SETTINGS, "currency": "", "name": ""})
    point_at_error(good, bad, PracticeForm({}))
    assert "autofocus" not in str(good)
    assert str(bad).count("autofocus") == 1
    assert "autofocus" in str(bad["name"])
    unsent = PracticeForm()
    point_at_error(unsent)
    assert "autofocus" not in str(unsent)


def test_an_actions_sentences_go_beside_their_fields_and_the_rest_on_top():
    form = PracticeForm(SETTINGS)
    assert form.is_valid()
    refuse(form, ValidationError({"name": "Taken.", "slug": "Taken too."}))
    refuse(form, ValidationError("Not today."))
    assert form.errors["name"] == ["Taken."]
    assert form.non_field_errors() == ["Taken too.", "Not today."]
