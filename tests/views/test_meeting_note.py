import pytest
import time_machine

from funnel.actions import notes
from funnel.actions.refusals import Busy
from funnel.models import MeetingNote
from tests.cast import make_cast
from tests.views.meeting_room import (
    CLOSED,
    address,
    answer_once_closed,
    only_a_manager_sends,
    page_of,
    reading_leads_to_the_meeting,
    send,
    stored,
)

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def write(client, person, text, *about, headers=None, version="0"):
    about = about or ("issues",)
    url = address("meeting-note", *about)
    return send(client, person, url, headers=headers, text=text, version=version)


@pytest.mark.parametrize("about", [("numbers", "leads"), ("ahead",), ("issues",)])
def test_keeps_a_note_and_leads_back(client, cast, about):
    response = write(client, cast.manager, "Phones were down.", *about)
    assert (response.status_code, response.url) == (302, address("meeting"))
    note = MeetingNote.objects.get()
    assert (note.part, note.kpi and note.kpi.slug) == (about[0], (*about, None)[1])
    text = page_of(client.get(response.url))
    assert "Phones were down.</textarea>" in text
    assert "Last written by Ana." in text


def test_a_script_gets_the_note_as_it_stands(client, cast):
    response = write(client, cast.manager, " Decided. ", headers=JSON)
    assert (response.status_code, response.json()) == (200, {"text": "Decided.", "version": 1})
    again = write(client, cast.manager, "Decided.", headers=JSON, version="7")
    assert again.json() == {"text": "Decided.", "version": 1}


def test_only_a_manager_writes(client, cast):
    only_a_manager_sends(client, cast, "meeting-note", "issues", text="Mine.")
    only_a_manager_sends(client, cast, "meeting-note", "numbers", "leads", text="Mine.")
    reading_leads_to_the_meeting(client, cast, "meeting-note", "issues")
    reading_leads_to_the_meeting(client, cast, "meeting-note", "numbers", "leads")


@pytest.mark.parametrize(
    "about", [("lunch",), ("numbers", "nothing"), ("issues", "leads"), ("numbers", "harbors-own")]
)
def test_there_is_no_other_note(client, cast, about):
    cast.stranger.practice.kpis.filter(slug="leads").update(slug="harbors-own")
    before = stored()
    assert write(client, cast.manager, "Here.", *about).status_code == 404
    assert stored() == before


def test_the_second_of_two_who_write_sees_both_and_saves_either(client, cast):
    write(client, cast.manager, "First.")
    before = stored()
    text = page_of(write(client, cast.admin, "<b>Second.</b>"), 409)
    assert "<p>First.</p>" in text
    assert "&lt;b&gt;Second.&lt;/b&gt;</textarea>" in text
    assert 'name="version" value="1"' in text
    assert stored() == before
    write(client, cast.admin, "First. Second.", version="1")
    assert MeetingNote.objects.get().text == "First. Second."


def test_a_script_gets_the_others_note_and_409(client, cast):
    write(client, cast.manager, "First.")
    response = write(client, cast.admin, "Second.", headers=JSON)
    assert (response.status_code, response.json()) == (409, {"text": "First.", "version": 1})
    assert MeetingNote.objects.get().text == "First."


def test_an_emptied_note_is_said_to_be_empty(client, cast):
    write(client, cast.manager, "First.")
    write(client, cast.manager, "", version="1")
    assert "Nothing: it was emptied." in page_of(
        write(client, cast.admin, "Mine.", version="1"), 409
    )


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "1\0"])
def test_a_version_that_was_lost_is_asked_about(client, cast, version):
    write(client, cast.manager, "First.")
    assert write(client, cast.admin, "Second.", version=version).status_code == 409
    assert MeetingNote.objects.get().text == "First."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("x" * 2001, "A note has at most 2,000 characters."),
        ("Phones\0", "Write it again without special characters."),
    ],
)
def test_refuses_what_cannot_stand_and_keeps_it(client, cast, typed, sentence):
    before = stored()
    text = page_of(write(client, cast.manager, typed, version="3"), 422)
    assert sentence in text
    assert f"{typed}</textarea>" in text
    assert 'name="version" value="3"' in text
    response = write(client, cast.manager, typed, headers=JSON)
    assert (response.status_code, response.json()) == (422, {"refusal": sentence})
    assert stored() == before


def test_a_closed_meeting_takes_none_and_keeps_what_was_typed(client, cast):
    response = answer_once_closed(
        client, cast, "meeting-note", "numbers", "leads", text="Too late.", version="0"
    )
    text = page_of(response, 422)
    assert CLOSED in text
    assert "What you wrote on Leads" in text
    assert "Too late.</textarea>" in text


def test_a_busy_week_keeps_what_was_typed(client, cast, monkeypatch):
    def busy(**_):
        raise Busy("Someone else is saving here right now.")

    monkeypatch.setattr(notes, "write", busy)
    text = page_of(write(client, cast.manager, "Phones were down."), 503)
    assert '<input type="hidden" name="text" value="Phones were down.">' in text
