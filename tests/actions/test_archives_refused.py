"""actions/archives.py and its parts: refused rows, after which nothing is stored."""

import pytest
import time_machine
from django.core.exceptions import ValidationError

from tests.actions.moving import everything, packed, restored
from tests.cast import make_cast
from tests.factories import make_entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


def refused(rows, **how):
    """Return the error of a refused restore, after checking that nothing is stored."""
    before = everything()
    with pytest.raises(ValidationError) as error:
        restored(rows, **how)
    assert everything() == before
    return " ".join(error.value.messages)


def test_a_short_name_that_is_taken_is_refused():
    rows = packed(make_cast().practice)
    sentence = "The practice “lumina” already exists: choose another short name."
    assert refused(rows) == sentence
    assert refused(rows, slug="lumina") == sentence
    assert "practice, row 1: slug:" in refused(rows, slug="not a slug")


def changed(kind, at=0, **fields):
    """A change of one row of that kind."""

    def change(rows):
        rows[kind][at].update(fields)

    return change


def lacking(kind, field):
    return lambda rows: rows[kind][0].pop(field)


def twice(kind):
    return lambda rows: rows[kind].append(rows[kind][-1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed("entries", colour="red"), "entries, row 1: “colour” is unknown."),
        (changed("users", is_superuser=True), "users, row 1: a person has only an address."),
        (changed("users", password="pw"), "users, row 1: a person has only an address."),
        (changed("users", email="no address"), "users, row 1: email: Enter a valid email"),
        (changed("users", email="MAYA@lumina.example"), "contradict each other"),
        (lacking("entries", "week"), "entries, row 1: week is missing."),
        (changed("entries", week=None), "entries, row 1: week is missing."),
        (changed("entries", kpi="nothing"), "refers to 'nothing', which is not there"),
        (changed("entries", kpi=["leads"]), "which is not there"),
        (changed("entries", entered_by="x@y.example"), "refers to 'x@y.example'"),
        (changed("entries", entered_for="hal@harbor.example"), "refers to 'hal@harbor.example'"),
        (changed("entries", value=7), "value cannot be read"),
        (changed("entries", value="seven"), "value cannot be read"),
        (changed("entries", value="NaN"), "entries, row 1: value:"),
        (changed("entries", value="1e400"), "entries, row 1: value:"),
        (changed("entries", value="-1.00"), "contradict each other"),
        (changed("entries", week="2026-11-17"), "is not a Monday"),
        (changed("entries", week="2026-02-30"), "week cannot be read"),
        (changed("entries", entered_at="2026-11-24T15:00:00"), "entered_at cannot be read"),
        (changed("entries", is_corrected="yes"), "is_corrected cannot be read"),
        (changed("entries", version=True), "version cannot be read"),
        (changed("entries", version=10**30), "entries, row 1: version:"),
        (changed("entries", note="x" * 501), "entries, row 1: note:"),
        (changed("entries", note="\ud800"), "note cannot be read"),
        (twice("entries"), "contradict each other"),
        (changed("practice", time_zone="Mars/Olympus"), "is not a time zone"),
        (
            changed("practice", began_on="9999-12-31"),
            "practice, row 1: began_on: Choose a day of this century.",
        ),
        (twice("practice"), "An archive contains one practice."),
        (changed("staff", access="owner"), "staff, row 1: access:"),
        (changed("staff", roles=["Astronaut"]), "refers to 'Astronaut'"),
        (changed("staff", roles="Doctor"), "This is not a list of names."),
        (changed("kpis", calculation="total", source="leads", window=99), "contradict"),
        (
            changed("entries-history", row=9),
            "entries-history, row 1: it is the history of a missing row",
        ),
        (changed("entries-history", row=0), "it is the history of a missing row"),
        (changed("entries-history", row="1"), "it is the history of a missing row"),
        (changed("entries-history", row=-(2**70)), "it is the history of a missing row"),
        (changed("entries-history", history_type="?"), "entries-history, row 1: history_type:"),
    ],
)
def test_rows_that_cannot_stand_are_refused_and_leave_nothing(change, said):
    cast = make_cast()
    make_entry(cast.leads, 90)
    rows = packed(cast.practice)
    change(rows)
    assert said in refused(rows, slug="two")
