"""Two at once at the guided start: two first visitors, and double clicks."""

import pytest

from funnel.actions import first_admin, invitations, practices, starts
from funnel.models import Message, Ownership, Practice, Staff, User
from tests.factories import NOW, TODAY, make_start, make_superuser, root_seat
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def two_first_visitors(monkeypatch):
    meet_before(monkeypatch, (User, "full_clean"))
    return at_once(
        *(
            lambda email=email: first_admin.make(email=email, password="a-long-new-word-7")
            for email in ("ana@a.example", "bo@b.example")
        )
    )


def test_of_two_first_visitors_one_becomes_the_first_admin(monkeypatch):
    told = two_first_visitors(monkeypatch)
    assert sorted(type(it).__name__ for it in told) == ["User", "ValidationError"]
    assert User.objects.count() == 1


def test_without_locks_both_become_the_first_admin(monkeypatch):
    without_locks(monkeypatch)
    two_first_visitors(monkeypatch)
    assert User.objects.count() == 2


def found_twice(monkeypatch):
    root = make_superuser()
    meet_before(monkeypatch, (practices, "found"))
    given = {"by": root, "name": "Newton Skin", "now": NOW, "time_zone": "UTC"}
    return at_once(lambda: starts.begin(**given), lambda: starts.begin(**given))


def test_a_double_click_founds_one_practice_and_both_go_on_with_it(monkeypatch):
    first, second = found_twice(monkeypatch)
    assert first == second == Practice.objects.get()


def answered_twice(monkeypatch):
    practice = make_start()
    leads = practice.kpis.get(slug="leads")
    meet_before(monkeypatch, (Staff, "full_clean"))

    def click():
        new = starts.Newcomer("Tom", "tom@newton.example")
        starts.answer(by=root_seat(practice), answers=[starts.Answer(leads, new)], today=TODAY)

    return at_once(click, click)


def test_a_double_click_adds_a_newcomer_once_and_refuses_nothing(monkeypatch):
    assert answered_twice(monkeypatch) == [None, None]
    assert Staff.objects.filter(name="Tom").count() == 1
    assert Ownership.objects.get().staff.name == "Tom"


def test_without_locks_one_click_is_refused(monkeypatch):
    without_locks(monkeypatch)
    refused = [it for it in answered_twice(monkeypatch) if it is not None]
    assert len(refused) == 1


def invited_twice(monkeypatch):
    practice = make_start()
    starts.answer(
        by=root_seat(practice),
        answers=[
            starts.Answer(
                practice.kpis.get(slug="leads"), starts.Newcomer("Tom", "tom@newton.example")
            )
        ],
        today=TODAY,
    )
    seat = root_seat(practice)
    meet_before(monkeypatch, (invitations, "latest"))

    def click():
        return [person.name for person in invitations.invite_team(by=seat)]

    return at_once(click, click)


def test_a_double_click_invites_each_person_once(monkeypatch):
    assert sorted(invited_twice(monkeypatch)) == [[], ["Tom"]]
    assert Message.objects.get().staff.name == "Tom"


def test_without_locks_both_clicks_invite_and_the_key_alone_makes_it_one_mail(monkeypatch):
    without_locks(monkeypatch)
    assert invited_twice(monkeypatch) == [["Tom"], ["Tom"]]
    assert Message.objects.count() == 1
