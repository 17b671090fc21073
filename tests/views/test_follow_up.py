from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from funnel.actions import follow_ups
from funnel.actions.refusals import Busy
from funnel.models import FollowUp
from tests.cast import make_cast
from tests.factories import TODAY, make_follow_up, seat_for

pytestmark = pytest.mark.django_db

DUE = TODAY + timedelta(days=7)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def made(cast):
    return make_follow_up(cast.owner, "Call back", DUE, cast.appointments)


def url(made, slug="lumina"):
    return reverse("follow-up", args=[slug, made.pk])


def get(client, person, made):
    client.force_login(person.user)
    response = client.get(url(made))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def post(client, person, made, do, **typed):
    client.force_login(person.user)
    return client.post(url(made), {"do": do, **typed})


def changed(made, **typed):
    given = {"text": made.text, "owner": made.owner_id, "due_on": str(made.due_on), "version": 1}
    return given | typed


def state(made):
    """(version, is done, is dropped) as stored."""
    stored = FollowUp.objects.get(pk=made.pk)
    return stored.version, stored.done_at is not None, stored.dropped_at is not None


def test_everyone_sees_what_became_of_it(client, cast, made):
    text = get(client, cast.viewer, made)
    for shown in ("<h1>Call back</h1>", "Maya", "due Dec 1", "Appointments", "Promised"):
        assert shown in text
    assert 'name="do"' not in text


def test_its_owner_may_mark_it_as_done_and_no_more(client, cast, made):
    text = get(client, cast.owner, made)
    assert 'value="finish"' in text
    assert 'value="change"' not in text
    assert 'value="drop"' not in text


def test_a_manager_may_do_everything(client, cast, made):
    text = get(client, cast.manager, made)
    assert all(f'value="{do}"' in text for do in ("finish", "change", "drop"))
    follow_ups.drop(by=seat_for(cast.manager), follow_up=made, reason="No budget.")
    text = get(client, cast.manager, made)
    assert 'value="reopen"' in text
    assert "dropped: No budget." in text
    assert 'value="change"' not in text


def test_marks_it_as_done_and_opens_it_again(client, cast, made):
    assert post(client, cast.owner, made, "finish").url == url(made)
    assert state(made) == (2, True, False)
    assert "Done: Call back" in get(client, cast.owner, made)
    post(client, cast.owner, made, "reopen")
    assert state(made) == (3, False, False)


def test_leads_back_to_where_it_was_tapped_and_never_to_another_site(client, cast, made):
    there = reverse("follow-ups", args=["lumina"]) + "?show=mine"
    assert post(client, cast.owner, made, "finish", next=there).url == there
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert post(client, cast.owner, made, "finish", next=elsewhere).url == url(made)


def test_a_second_tap_changes_nothing(client, cast, made):
    for _ in range(2):
        assert post(client, cast.owner, made, "finish").status_code == 302
    assert state(made) == (2, True, False)


def test_changes_it(client, cast, made):
    typed = changed(made, text="Call all back", owner=cast.marketer.pk)
    assert post(client, cast.manager, made, "change", **typed).url == url(made)
    stored = FollowUp.objects.get()
    assert (stored.text, stored.owner, stored.version) == ("Call all back", cast.marketer, 2)


def test_drops_it_with_a_reason(client, cast, made):
    post(client, cast.manager, made, "drop", reason="No budget.")
    assert state(made) == (2, False, True)


@pytest.mark.parametrize(
    ("do", "typed", "sentence", "kept"),
    [
        ("change", {"text": " "}, "Enter what is to be done.", str(DUE)),
        ("change", {"text": "Mine", "due_on": "soon"}, "Choose a day, as in", 'value="Mine"'),
        ("change", {"text": "Mine", "owner": "0"}, "Choose someone who works here.", "Mine"),
        ("drop", {"reason": ""}, "Enter a reason for dropping it.", "Drop it"),
        ("drop", {"reason": "x" * 201}, "A reason has at most 200 characters.", "x" * 201),
    ],
)
def test_a_refused_form_is_shown_again_with_what_was_typed(
    client, cast, made, do, typed, sentence, kept
):
    response = post(client, cast.manager, made, do, **changed(made, **typed))
    text = response.content.decode()
    assert response.status_code == 200
    assert sentence in text
    assert kept in text
    assert state(made) == (1, False, False)


def test_who_was_overtaken_sees_both_and_chooses(client, cast, made):
    follow_ups.change(
        by=seat_for(cast.admin),
        follow_up=made,
        version=1,
        text="Theirs",
        owner=cast.owner,
        due_on=DUE,
    )
    response = post(client, cast.manager, made, "change", **changed(made, text="Mine"))
    text = response.content.decode()
    assert response.status_code == 409
    assert "<h1>Theirs</h1>" in text
    assert 'value="Mine"' in text
    assert "Someone changed it in the meantime" in text
    assert 'name="version" value="2"' in text
    assert FollowUp.objects.get().text == "Theirs"
    post(client, cast.manager, made, "change", **changed(made, text="Mine", version=2))
    assert FollowUp.objects.get().text == "Mine"


def test_what_was_dropped_in_between_says_so(client, cast, made):
    follow_ups.drop(by=seat_for(cast.manager), follow_up=made, reason="No budget.")
    response = post(client, cast.owner, made, "finish")
    assert "Someone dropped it in the meantime." in response.content.decode()
    assert state(made) == (2, False, True)


def test_a_change_of_what_is_over_says_so(client, cast, made):
    follow_ups.finish(by=seat_for(cast.owner), follow_up=made)
    response = post(client, cast.manager, made, "change", **changed(made, text="Mine", version=2))
    assert "This follow-up is closed. Reopen it to change it." in response.content.decode()
    assert state(made) == (2, True, False)


@pytest.mark.parametrize("do", ["", "delete"])
def test_what_cannot_be_done_says_so(client, cast, made, do):
    response = post(client, cast.manager, made, do)
    assert "Choose what to do with it." in response.content.decode()
    assert state(made) == (1, False, False)


def test_someone_else_is_saving(client, cast, made, monkeypatch):
    def busy(**_):
        raise Busy("Locked.")

    monkeypatch.setattr(follow_ups, "change", busy)
    response = post(client, cast.manager, made, "change", **changed(made, text="Mine"))
    assert response.status_code == 503
    assert '<input type="hidden" name="text" value="Mine">' in response.content.decode()


@pytest.mark.parametrize(
    ("who", "do", "status"),
    [
        ("owner", "change", 403),
        ("owner", "drop", 403),
        ("viewer", "finish", 403),
        ("marketer", "finish", 403),
        ("stranger", "finish", 404),
        ("stranger", "drop", 404),
    ],
)
def test_nobody_else_does_anything(client, cast, made, who, do, status):
    response = post(client, getattr(cast, who), made, do, reason="x", text="y")
    assert response.status_code == status
    assert state(made) == (1, False, False)


def test_one_of_next_door_is_nowhere_here(client, cast):
    theirs = make_follow_up(cast.stranger, "Secret")
    client.force_login(cast.manager.user)
    assert client.get(url(theirs)).status_code == 404
    assert client.post(url(theirs), {"do": "finish"}).status_code == 404
    assert client.get(url(theirs, "harbor")).status_code == 404
    assert state(theirs) == (1, False, False)


def test_anonymous_is_asked_to_sign_in(client, made):
    for response in (client.get(url(made)), client.post(url(made), {"do": "finish"})):
        assert response.url.startswith(reverse("account_login"))


def test_no_other_method(client, cast, made):
    client.force_login(cast.manager.user)
    assert client.delete(url(made)).status_code == 405


def test_the_pages_own_token_is_needed(cast, made):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    assert client.post(url(made), {"do": "finish"}).status_code == 403
    assert state(made) == (1, False, False)


@pytest.mark.parametrize("changes", [0, 12])
def test_six_statements_however_often_it_was_changed(
    client, cast, made, django_assert_num_queries, changes
):
    seat = seat_for(cast.manager)
    for number in range(changes):
        follow_ups.change(
            by=seat,
            follow_up=made,
            version=number + 1,
            text=f"Call {number}",
            owner=cast.owner,
            due_on=DUE,
        )
    client.force_login(cast.manager.user)
    with django_assert_num_queries(6):
        client.get(url(made))
