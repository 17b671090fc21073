import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import invitations, staff
from tests.cast import make_cast
from tests.factories import TODAY, root_seat, seat_for

pytestmark = pytest.mark.django_db
NOON = "2026-11-24T12:00Z"


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def newcomer(cast):
    """Nora, added by Ada, with an address nobody knew."""
    return staff.add(by=seat_for(cast.admin), email="nora@lumina.example", name="Nora")


@pytest.fixture
def invite(cast, django_capture_on_commit_callbacks):
    """Invites as Ada; returns the mail that went out."""

    def send(person):
        with django_capture_on_commit_callbacks(execute=True):
            invitations.invite(by=seat_for(cast.admin), staff=person)
        return mail.outbox[-1]

    return send


def link_in(message):
    return re.search(r"http://testserver(/\S+)", message.body)[1]


def choose_password(client, link, password):
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0] if form.redirect_chain else link
    return client.post(address, {"password1": password, "password2": password})


def test_says_who_invites_to_what(invite, newcomer):
    message = invite(newcomer)
    assert message.to == ["nora@lumina.example"]
    assert message.subject == "Ada invites you to Lumina Aesthetics's weekly KPI meeting"
    assert "Hello Nora" in message.body
    assert "works once, for 3 days" in message.body


def test_the_link_sets_a_password_and_the_person_can_sign_in(client, invite, newcomer):
    choose_password(client, link_in(invite(newcomer)), "a-long-new-word-7")
    newcomer.user.refresh_from_db()
    assert newcomer.user.check_password("a-long-new-word-7")
    form = {"login": "nora@lumina.example", "password": "a-long-new-word-7"}
    client.post("/accounts/login/", form)
    assert client.get("/practices/lumina/").status_code == 200


def test_the_link_works_once(client, invite, newcomer):
    link = link_in(invite(newcomer))
    choose_password(client, link, "a-long-new-word-7")
    client.session.flush()
    choose_password(client, link, "another-long-word-8")
    newcomer.user.refresh_from_db()
    assert newcomer.user.check_password("a-long-new-word-7")


def test_the_link_expires(client, invite, newcomer):
    with time_machine.travel(NOON, tick=False) as clock:
        link = link_in(invite(newcomer))
        clock.shift(timedelta(days=3, minutes=1))
        choose_password(client, link, "a-long-new-word-7")
    newcomer.user.refresh_from_db()
    assert not newcomer.user.has_usable_password()


def test_whoever_has_a_password_gets_the_way_to_sign_in(invite, cast):
    message = invite(cast.owner)
    assert message.subject == "You now have a place at Lumina Aesthetics"
    assert link_in(message) == "/accounts/login/?next=%2Fpractices%2Flumina%2F"
    assert "reset" not in message.body


def test_a_name_is_text_and_makes_no_header(invite, cast, newcomer):
    cast.practice.name = "Lumina\nBcc: all@x.example & Sons"
    cast.practice.save()
    message = invite(newcomer)
    assert "\n" not in message.subject
    assert "& Sons" in message.body


def test_mails_nothing_before_the_commit(cast, newcomer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks():
        invitations.invite(by=seat_for(cast.admin), staff=newcomer)
    assert mail.outbox == []


@pytest.mark.parametrize("who", ["owner", "manager", "viewer", "stranger"])
def test_only_an_admin_of_the_practice_invites(cast, newcomer, who):
    with pytest.raises(PermissionDenied):
        invitations.invite(by=seat_for(getattr(cast, who)), staff=newcomer)


def test_refuses_someone_who_no_longer_works_there(cast, newcomer):
    seat = root_seat(cast.practice)
    former = staff.deactivate(by=seat, staff=newcomer, today=TODAY)
    with pytest.raises(ValidationError, match="Nora no longer works here"):
        invitations.invite(by=seat, staff=former)


def test_notes_who_invited_whom_and_when(cast, invite, newcomer):
    with time_machine.travel(NOON, tick=False):
        invite(newcomer)
    newcomer.refresh_from_db()
    assert newcomer.invited_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert newcomer.invited_by == cast.admin.user


# The whole team


@pytest.fixture
def invite_team(cast, django_capture_on_commit_callbacks):
    """Invites the team as Ada; returns what came of it. Outside of a test each mail goes out when
    its own turn comes."""

    def send(again=()):
        with django_capture_on_commit_callbacks(execute=True):
            return invitations.invite_team(by=seat_for(cast.admin), again=again)

    return send


def invited():
    return sorted(message.to[0].split("@")[0] for message in mail.outbox)


TEAM = ["ana", "dana", "lee", "maya", "sam", "tom", "vic"]


def test_the_team_is_everyone_else_who_works_there(cast, invite_team):
    staff.deactivate(by=root_seat(cast.practice), staff=cast.viewer, today=TODAY)
    posted = invite_team()
    assert invited() == [name for name in TEAM if name != "vic"]
    assert sorted(posted.told) == ["Ana", "Dana", "Lee", "Maya", "Sam", "Tom"]
    assert posted.refused == ()


def test_nobody_is_invited_twice_without_being_asked_for(cast, invite_team):
    invite_team()
    mail.outbox.clear()
    assert invite_team().told == ()
    assert mail.outbox == []
    assert invite_team(again=[cast.owner]).told == ("Maya",)
    assert invited() == ["maya"]


def test_whoever_the_mail_server_refuses_is_still_to_be_invited(cast, invite_team, monkeypatch):
    real = invitations.invite

    def refuse_maya(*, by, staff):
        if staff == cast.owner:
            raise OSError("mailbox full")
        real(by=by, staff=staff)

    monkeypatch.setattr(invitations, "invite", refuse_maya)
    posted = invite_team()
    assert posted.refused == ("Maya",)
    cast.owner.refresh_from_db()
    assert (cast.owner.invited_at, cast.owner.invited_by) == (None, None)
    monkeypatch.undo()
    assert invite_team().told == ("Maya",)


@pytest.mark.parametrize("who", ["owner", "manager", "viewer"])
def test_only_an_admin_invites_the_team(cast, who):
    with pytest.raises(PermissionDenied):
        invitations.invite_team(by=seat_for(getattr(cast, who)))
    assert mail.outbox == []
