"""forms/start_who.py: who answers for one KPI, as chosen or typed."""

import pytest

from funnel.forms.start_who import NEW, NO_ONE, QuestionForm
from funnel.models import KPI, Role, Staff

TOM = Staff(pk=7, name="Tom", title="Office manager")
VIC = Staff(pk=8, name="Vic")
PATIENTS = KPI(name="Patients acquired", slug="patients-acquired", role=Role(name="Doctor"))


def form(typed=None, *, chosen="", asks_role=False):
    data = None if typed is None else {f"patients-acquired-{key}": it for key, it in typed.items()}
    return QuestionForm(data, kpi=PATIENTS, people=[TOM, VIC], chosen=chosen, asks_role=asks_role)


def refused(**typed):
    it = form(typed)
    assert not it.is_valid()
    return {name: list(errors) for name, errors in it.errors.items()}


def test_offers_the_staff_someone_new_and_no_one():
    assert form().fields["who"].choices == [
        (NEW, "Someone new"),
        ("7", "Tom, Office manager"),
        ("8", "Vic"),
        (NO_ONE, "No one yet"),
    ]


@pytest.mark.parametrize(("chosen", "shown"), [("", NEW), (TOM, "7"), (NO_ONE, NO_ONE)])
def test_shows_what_is_stored(chosen, shown):
    assert form(chosen=chosen)["who"].value() == shown


@pytest.mark.parametrize(("chosen", "shown"), [("", None), (TOM, "Doctor"), (NO_ONE, "Doctor")])
def test_the_role_is_not_chosen_for_anyone_before_they_say(chosen, shown):
    assert form(chosen=chosen, asks_role=True)["role"].value() == shown


def test_takes_one_of_the_staff():
    it = form({"who": "7"})
    assert it.is_valid()
    assert (it.person, it.is_new) == (TOM, False)


def test_takes_no_one():
    it = form({"who": NO_ONE})
    assert it.is_valid()
    assert (it.person, it.is_new) == (None, False)


def test_takes_someone_new():
    it = form({"who": NEW, "name": " Dee ", "email": "dee@x.example"})
    assert it.is_valid()
    assert (it.person, it.is_new) == (None, True)
    assert it.cleaned_data == {"who": NEW, "name": "Dee", "title": "", "email": "dee@x.example"}


def test_someone_new_has_a_name_and_an_address():
    assert refused(who=NEW) == {
        "name": ["Enter their name, as the team calls them."],
        "email": ["Enter their e-mail address: they sign in with it."],
    }


@pytest.mark.parametrize("who", ["", "9", "other"])
def test_asks_for_a_decision(who):
    sentence = "Choose the owner, add someone, or choose “No one yet”."
    assert refused(who=who) == {"who": [sentence]}


@pytest.mark.parametrize("who", ["7", NO_ONE])
@pytest.mark.parametrize("field", ["name", "title"])
def test_someone_who_was_written_down_is_not_dropped_unseen(who, field):
    sentence = "You entered a new person. Choose “Someone new”, or clear their fields."
    assert refused(who=who, **{field: "Dee"}) == {"who": [sentence]}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "x" * 81, "A name has at most 80 characters."),
        ("name", "\0", "Write it again without special characters."),
        ("title", "x" * 81, "A title has at most 80 characters."),
        ("email", "dee", "Write an e-mail address, as in tom@practice.example."),
        ("email", "dee@x.example\0", "Write it again without special characters."),
    ],
)
def test_a_field_that_is_typed_wrongly_is_told_beside_it(field, typed, sentence):
    typed = {"who": NEW, "name": "Dee", "email": "dee@x.example", field: typed}
    assert sentence in refused(**typed)[field]


def test_one_of_two_roles_is_asked_for():
    it = form({"who": NO_ONE}, asks_role=True)
    assert not it.is_valid()
    assert it.errors["role"] == ["Choose the doctor or the patient coordinator."]
    assert form({"who": NO_ONE, "role": "Doctor"}, asks_role=True).is_valid()
