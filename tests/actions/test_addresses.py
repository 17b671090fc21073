from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError

from funnel.actions import addresses
from funnel.models import AddressChange, PracticeVersion, User
from tests.factories import make_practice
from tests.sending import send_all

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
OLD, NEW = "maya@lumina.example", "maya.k@lumina.example"


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def maya():
    return User.objects.create_user(OLD, "a-long-enough-one")


def ask(user, email=NEW):
    change = addresses.ask(by=user, email=email, now=NOW)
    send_all()
    return change


def links(mailoutbox):
    """By recipient, the token of the latest mail's link."""
    return {
        mail.to[0]: mail.body.split("/address/")[1].split("/")[0].strip() for mail in mailoutbox
    }


def confirm(token):
    change, mailbox = addresses.find(token)
    return addresses.confirm(change=change, mailbox=mailbox, now=NOW)


def test_each_mailbox_gets_a_link_of_its_own(maya, mailoutbox):
    ask(maya, f" {NEW.upper()} ")
    assert sorted(links(mailoutbox)) == sorted([OLD, NEW])
    assert len(set(links(mailoutbox).values())) == 2
    to_old = next(mail for mail in mailoutbox if mail.to == [OLD])
    assert "someone else is using your login" in to_old.body


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_the_address_changes_once_both_have_confirmed(maya, mailoutbox, order):
    practice = make_practice("lumina")
    version = PracticeVersion.objects.get(practice=practice).number
    EmailAddress.objects.create(user=maya, email=OLD, primary=True, verified=True)
    ask(maya)
    tokens = links(mailoutbox)
    confirm(tokens[order[0]])
    maya.refresh_from_db()
    assert maya.email == OLD
    confirm(tokens[order[0]])
    maya.refresh_from_db()
    assert maya.email == OLD
    change = confirm(tokens[order[1]])
    maya.refresh_from_db()
    assert (maya.email, change.done) == (NEW, NOW)
    assert not EmailAddress.objects.exists()
    assert PracticeVersion.objects.get(practice=practice).number == version + 1
    assert maya.check_password("a-long-enough-one")


def test_a_link_is_over_once_it_was_used_for_good(maya, mailoutbox):
    ask(maya)
    tokens = links(mailoutbox)
    for token in tokens.values():
        confirm(token)
    assert [addresses.find(token) for token in tokens.values()] == [None, None]


def test_asking_again_ends_the_links_of_before(maya, mailoutbox):
    ask(maya, "third@lumina.example")
    before = links(mailoutbox)
    ask(maya)
    assert [addresses.find(token) for token in before.values()] == [None, None]
    assert AddressChange.objects.get().new_email == NEW


def test_a_link_works_for_a_day(maya, mailoutbox):
    ask(maya)
    (token, _) = links(mailoutbox).values()
    with time_machine.travel(NOW + timedelta(hours=23), tick=False):
        assert addresses.find(token)
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        assert addresses.find(token) is None


@pytest.mark.parametrize("token", ["", "wrong", "WzEsIm5ldyJd.x.y", "é"])
def test_a_token_that_is_not_ours_is_none(maya, token):
    ask(maya)
    assert addresses.find(token) is None


def test_someone_who_was_switched_off_in_the_meantime_changes_nothing(maya, mailoutbox):
    ask(maya)
    User.objects.update(is_active=False)
    assert {addresses.find(token) for token in links(mailoutbox).values()} == {None}


def test_an_address_that_somebody_signs_in_with_is_refused_at_the_end(maya, mailoutbox):
    User.objects.create_user(NEW)
    ask(maya)
    tokens = links(mailoutbox)
    confirm(tokens[OLD])
    with pytest.raises(ValidationError, match="Someone already signs in with this address"):
        confirm(tokens[NEW])
    maya.refresh_from_db()
    assert maya.email == OLD


def test_refuses_the_present_address_and_none(maya, mailoutbox):
    with pytest.raises(ValidationError, match="You sign in with this address already"):
        ask(maya, OLD.upper())
    with pytest.raises(ValidationError):
        ask(maya, "maya")
    assert (mailoutbox, AddressChange.objects.count()) == ([], 0)


def test_a_new_password_ends_what_was_asked_for_before(maya, mailoutbox):
    """As the mail to the old address advises a user who did not ask."""
    ask(maya)
    maya.set_password("another-long-one")
    maya.save()
    assert {addresses.find(token) for token in links(mailoutbox).values()} == {None}


def test_a_change_that_was_given_up_a_moment_ago_is_refused(maya, mailoutbox):
    change = ask(maya)
    ask(maya, "third@lumina.example")
    with pytest.raises(ValidationError, match="use the newest mail"):
        addresses.confirm(change=change, mailbox="old", now=NOW)


def test_a_login_made_in_the_last_moment_is_refused_and_nothing_is_broken(
    maya, mailoutbox, monkeypatch
):
    change = ask(maya)
    addresses.confirm(change=change, mailbox="old", now=NOW)
    checked = User.full_clean

    def first_somebody_else(user, **how):
        checked(user, **how)
        User.objects.create_user(NEW)

    monkeypatch.setattr(User, "full_clean", first_somebody_else)
    with pytest.raises(ValidationError, match="Someone already signs in with this address"):
        addresses.confirm(change=change, mailbox="new", now=NOW)
    maya.refresh_from_db()
    assert maya.email == OLD


def test_waits_for_a_day(maya):
    change = ask(maya)
    assert addresses.waiting(maya, NOW + timedelta(hours=23)) == change
    assert addresses.waiting(maya, NOW + timedelta(hours=25)) is None
