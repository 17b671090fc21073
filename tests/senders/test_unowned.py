"""senders/unowned.py: the admins learn of KPIs without an owner, once a week."""

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from funnel import jobs
from funnel.actions import ownership
from funnel.models import Practice, Staff
from tests.cast import make_cast
from tests.factories import TODAY, make_ownership, make_practice, make_staff, root_seat
from tests.sending import send_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T15:00Z", tick=False) as traveller:
        yield traveller


@pytest.fixture
def unowned():
    """At Lumina nobody owns appointments since yesterday; at Harbor nobody owns anything."""
    cast = make_cast()
    day = TODAY.replace(day=23)
    ownership.end(by=root_seat(cast.practice), kpi=cast.appointments, ends_on=day)
    Staff.objects.filter(pk=cast.stranger.pk).update(access="member")
    return cast


def run():
    """How many mails were sent."""
    jobs.queue_unowned(timezone.now)
    return send_all().get("delivered", 0)


def test_tells_the_admins_which_kpi_has_no_owner(unowned):
    assert run() == 1
    (letter,) = mail.outbox
    assert letter.to == ["ada@lumina.example"]
    assert letter.subject == "Appointments has no owner at Lumina Aesthetics"
    assert "- Appointments (role: Front desk)" in letter.body
    assert "Leads" not in letter.body
    assert "http://testserver/practices/lumina/responsibilities/" in letter.body


def test_names_every_unowned_kpi_in_one_mail_to_each_admin():
    harbor = make_practice("harbor", name="Harbor Skin & Laser")
    for name in ("Hal", "Otto"):
        make_staff(harbor, name, access=Staff.Access.ADMIN)
    run()
    letter, other = mail.outbox
    assert [letter.to, other.to] == [["hal@harbor.example"], ["otto@harbor.example"]]
    assert letter.subject == "3 numbers have no owner at Harbor Skin & Laser"
    assert letter.body.index("Leads") < letter.body.index("Patients acquired")


def test_a_second_run_in_the_same_week_sends_nothing(unowned, clock):
    run()
    clock.move_to("2026-11-30T04:59Z")  # Sunday evening at Lumina, in America/New_York
    assert run() == 0
    assert len(mail.outbox) == 1


def test_the_next_week_they_are_told_again(unowned, clock):
    run()
    clock.move_to("2026-11-30T10:59Z")  # Monday before six at Lumina
    assert run() == 0
    clock.move_to("2026-11-30T11:00Z")
    run()
    assert [letter.to for letter in mail.outbox].count(["ada@lumina.example"]) == 2


def test_with_every_owner_in_place_no_mail_goes_and_the_week_stays_open():
    cast = make_cast()
    Staff.objects.filter(pk=cast.stranger.pk).update(access="member")
    run()
    assert mail.outbox == []
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=TODAY.replace(day=23))
    run()
    assert len(mail.outbox) == 1


def test_only_active_admins_of_the_practice_are_told(unowned):
    Staff.objects.filter(pk=unowned.admin.pk).update(is_active=False)
    assert run() == 0
    assert mail.outbox == []


def test_a_practice_without_admin_is_told_as_soon_as_it_has_one(unowned):
    Staff.objects.filter(pk=unowned.admin.pk).update(is_active=False)
    run()
    Staff.objects.filter(pk=unowned.admin.pk).update(is_active=True)
    assert run() == 1


def test_an_owner_who_came_before_it_is_sent_cancels_it(unowned):
    jobs.queue_unowned(timezone.now)
    make_ownership(unowned.appointments, unowned.owner, TODAY)
    assert send_all() == {"cancelled": 1}


def test_after_a_cancelled_one_another_of_the_same_week_is_sent(unowned, clock):
    test_an_owner_who_came_before_it_is_sent_cancels_it(unowned)
    seat = root_seat(unowned.practice)
    ownership.end(by=seat, kpi=unowned.appointments, ends_on=TODAY)
    clock.shift(24 * 60 * 60)
    assert run() == 1


def test_an_admin_who_is_none_any_more_gets_none(unowned):
    jobs.queue_unowned(timezone.now)
    Staff.objects.filter(pk=unowned.admin.pk).update(access="member")
    assert send_all() == {"cancelled": 1}


def test_a_practice_in_its_first_week_is_not_mailed(unowned):
    Practice.objects.update(began_on=TODAY)
    assert run() == 0


def test_that_it_was_sent_is_no_change_of_the_practice(unowned):
    before = unowned.practice.history.count()
    run()
    assert unowned.practice.history.count() == before


def test_a_line_break_in_a_name_begins_no_header(unowned):
    Practice.objects.filter(slug="lumina").update(name="Lumina\nBcc: all@lumina.example")
    run()
    assert mail.outbox[0].subject == "Appointments has no owner at Lumina Bcc: all@lumina.example"
