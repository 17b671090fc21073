import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from funnel.actions import invitations, staff
from funnel.models import Message
from tests.cast import make_cast
from tests.factories import TODAY, root_seat, seat_for
from tests.sending import send_all

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
def invite(cast):
    """Invites as Ada; returns the mail that went out."""

    def send(person):
        invitations.invite(by=seat_for(cast.admin), staff=person)
        send_all()
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
    assert message.subject == "You now have access to Lumina Aesthetics"
    assert link_in(message) == "/accounts/login/?next=%2Fpractices%2Flumina%2F"
    assert "reset" not in message.body


def test_a_name_is_text_and_makes_no_header(invite, cast, newcomer):
    cast.practice.name = "Lumina\nBcc: all@x.example & Sons"
    cast.practice.save()
    message = invite(newcomer)
    assert "\n" not in message.subject
    assert "& Sons" in message.body


def test_sends_nothing_within_the_request(cast, newcomer):
    invitations.invite(by=seat_for(cast.admin), staff=newcomer)
    assert mail.outbox == []
    assert send_all() == {"delivered": 1}


def test_while_one_waits_no_other_is_queued(cast, newcomer):
    for _ in range(3):
        invitations.invite(by=seat_for(cast.admin), staff=newcomer)
    assert send_all() == {"delivered": 1}
    invitations.invite(by=seat_for(cast.admin), staff=newcomer)
    assert send_all() == {"delivered": 1}


def test_while_one_waits_for_the_mail_server_no_other_is_queued(cast, newcomer):
    invitations.invite(by=seat_for(cast.admin), staff=newcomer)
    Message.objects.update(attempts=3)
    invitations.invite(by=seat_for(cast.admin), staff=newcomer)
    assert send_all() == {"delivered": 1}


def test_the_way_in_is_that_of_the_moment_it_is_sent(cast, newcomer):
    invitations.invite(by=seat_for(cast.admin), staff=newcomer)
    newcomer.user.set_password("a-long-new-word-7")
    newcomer.user.save()
    send_all()
    assert link_in(mail.outbox[0]).startswith("/accounts/login/")


def test_a_person_who_left_before_it_is_sent_gets_none(cast, newcomer):
    invitations.invite(by=seat_for(cast.admin), staff=newcomer)
    staff.deactivate(by=root_seat(cast.practice), staff=newcomer, today=TODAY)
    assert send_all() == {"cancelled": 1}


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
def invite_team(cast):
    """Invites the team as Ada; returns whom, by name."""

    def send(again=()):
        invited = invitations.invite_team(by=seat_for(cast.admin), again=again)
        send_all()
        return [person.name for person in invited]

    return send


def invited():
    return sorted(message.to[0].split("@")[0] for message in mail.outbox)


TEAM = ["ana", "dana", "lee", "maya", "sam", "tom", "vic"]


def test_the_team_is_everyone_else_who_works_there(cast, invite_team):
    staff.deactivate(by=root_seat(cast.practice), staff=cast.viewer, today=TODAY)
    assert invite_team() == ["Ana", "Dana", "Lee", "Maya", "Sam", "Tom"]
    assert invited() == [name for name in TEAM if name != "vic"]


def test_nobody_is_invited_twice_without_being_asked_for(cast, invite_team):
    invite_team()
    mail.outbox.clear()
    assert invite_team() == []
    assert mail.outbox == []
    assert invite_team(again=[cast.owner]) == ["Maya"]
    assert invited() == ["maya"]


@pytest.mark.parametrize("who", ["owner", "manager", "viewer"])
def test_only_an_admin_invites_the_team(cast, who):
    with pytest.raises(PermissionDenied):
        invitations.invite_team(by=seat_for(getattr(cast, who)))
    assert mail.outbox == []
