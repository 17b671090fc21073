"""forms/secret.py: the part that every form of a secret has."""

from datetime import date

import pytest

from funnel.forms.screen import ScreenForm
from funnel.forms.secret import INCOMPLETE, OnceForm
from funnel.forms.token import TokenForm
from funnel.forms.webhook import WebhookForm
from tests.factories import TODAY


def test_every_form_is_another():
    words = {OnceForm()["once"].value() for _ in range(3)}
    assert len(words) == 3
    assert all(OnceForm({"once": word}).is_valid() for word in words)
    assert {len(word) for word in words} == {22}


def test_a_form_keeps_its_word():
    form = OnceForm()
    assert form["once"].value() == form["once"].value()
    assert str(form["once"]).startswith('<input type="hidden"')


@pytest.mark.parametrize("data", [{}, {"once": ""}, {"once": "x" * 61}, {"once": "a\0b"}])
def test_one_that_came_incomplete_is_refused(data):
    assert OnceForm(data).errors == {"once": [INCOMPLETE]}


@pytest.mark.parametrize(
    "form", [ScreenForm(today=TODAY), TokenForm(today=TODAY, may_enter=True), WebhookForm()]
)
def test_every_form_of_a_secret_has_it(form):
    assert isinstance(form, OnceForm)
    assert len(form["once"].value()) == 22


def test_those_that_expire_offer_ninety_days():
    for form in (ScreenForm(today=TODAY), TokenForm(today=TODAY, may_enter=False)):
        assert form["expires_on"].value() == date(2027, 2, 22)
        assert [field.name for field in form.visible_fields()][:2] == ["name", "expires_on"]
