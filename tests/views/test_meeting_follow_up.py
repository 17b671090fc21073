from datetime import timedelta

import pytest
import time_machine

from funnel.actions import follow_ups
from funnel.actions.refusals import Busy
from funnel.models import FollowUp
from tests.cast import make_cast
from tests.factories import TODAY, WEEK
from tests.views.meeting_room import (
    address,
    answer_once_closed,
    only_a_manager_sends,
    page_of,
    reading_leads_to_the_meeting,
    send,
    stored,
    told,
)

pytestmark = pytest.mark.django_db

DUE = TODAY + timedelta(days=7)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def typed(cast, **other):
    return {"text": "Call back", "owner": cast.owner.pk, "due_on": DUE, "kpi": "leads", **other}


def promise(client, cast, **other):
    return send(client, cast.manager, address("meeting-follow-up"), **typed(cast, **other))


def kept(text, cast):
    """Whether the form holds what was typed."""
    return (
        'name="text" value="Call back"' in text
        and f'<option value="{cast.owner.pk}" selected>Maya' in text
        and '<option value="leads" selected>' in text
    )


def test_keeps_a_promise_and_leads_back(client, cast):
    response = promise(client, cast)
    assert (told(response), response.url) == (["Maya: Call back"], address("meeting"))
    made = FollowUp.objects.get()
    assert (made.owner, made.text, made.due_on, made.kpi) == (
        cast.owner,
        "Call back",
        DUE,
        cast.leads,
    )
    assert made.meeting.week == WEEK.monday
    assert page_of(client.get(response.url)).count('<li class="promise"> Call back') == 2


def test_a_promise_may_be_about_no_kpi(client, cast):
    promise(client, cast, kpi="")
    assert FollowUp.objects.get().kpi is None


def test_only_a_manager_promises(client, cast):
    only_a_manager_sends(client, cast, "meeting-follow-up", **typed(cast))
    reading_leads_to_the_meeting(client, cast, "meeting-follow-up")


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"text": ""}, "Enter what is to be done."),
        ({"text": "Call\0"}, "Write it again without special characters."),
        ({"text": "x" * 301}, "Use at most 300 characters."),
        ({"owner": ""}, "Choose who does it."),
        ({"owner": "9" * 30}, "Choose someone who works here."),
        ({"owner": "1\0"}, "Null characters are not allowed."),
        ({"kpi": "nothing"}, "Choose a KPI of this practice."),
        ({"kpi": "leads\0"}, "Null characters are not allowed."),
        ({"due_on": ""}, "Choose a due date."),
        ({"due_on": "soon"}, "Choose a day, as in 2026-12-01."),
        (
            {"due_on": TODAY - timedelta(days=1)},
            "This day is in the past. Choose today or a later one.",
        ),
    ],
)
def test_refuses_what_cannot_stand_and_keeps_the_rest(client, cast, other, sentence):
    before = stored()
    text = page_of(promise(client, cast, **other))
    assert sentence in text.split('id="follow-up-refusals"')[1].split("</div>")[0]
    if "due_on" in other:
        assert kept(text, cast)
    for name, value in other.items():
        if name in {"text", "due_on"} and "\0" not in str(value):
            assert f'name="{name}" value="{value}"' in text
    assert stored() == before


def test_next_doors_person_is_nobody_here(client, cast):
    before = stored()
    assert "Choose someone who works here." in page_of(
        promise(client, cast, owner=cast.stranger.pk)
    )
    assert stored() == before


def test_a_closed_meeting_takes_none_and_keeps_what_was_typed(client, cast):
    response = answer_once_closed(client, cast, "meeting-follow-up", **typed(cast))
    text = page_of(response)
    assert "closed" in text.split('id="follow-up-refusals"')[1].split("</div>")[0]
    assert kept(text, cast)


def test_a_busy_week_keeps_what_was_typed(client, cast, monkeypatch):
    def busy(**_):
        raise Busy("Someone else is saving here right now.")

    monkeypatch.setattr(follow_ups, "promise", busy)
    text = page_of(promise(client, cast), 503)
    assert '<input type="hidden" name="text" value="' in text
    assert f'<input type="hidden" name="owner" value="{cast.owner.pk}">' in text
