"""manage.py mail_unowned: an unowned KPI is told to the admins, once a week."""

from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command

from funnel.actions import ownership
from funnel.models import Practice, Staff
from tests.cast import make_cast
from tests.factories import TODAY, make_practice, make_staff, root_seat

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
    Practice.objects.filter(slug="harbor").update(unowned_mailed_week=TODAY.replace(day=23))
    return cast


def run(**options):
    out = StringIO()
    call_command("mail_unowned", stdout=out, **options)
    return out.getvalue().strip()


def test_tells_the_admins_which_kpi_has_no_owner(unowned):
    assert run() == "Told 1 admin at 1 practice which KPIs have no owner."
    (letter,) = mail.outbox
    assert letter.to == ["ada@lumina.example"]
    assert letter.subject == "Appointments has no owner at Lumina Aesthetics"
    assert "- Appointments (role: Front desk)" in letter.body
    assert "Leads" not in letter.body
    assert "http://testserver/practices/lumina/responsibilities/" in letter.body


def test_names_every_unowned_kpi_in_one_mail_to_all_admins():
    harbor = make_practice("harbor", name="Harbor Skin & Laser")
    for name in ("Otto", "Hal"):
        make_staff(harbor, name, access=Staff.Access.ADMIN)
    run()
    (letter,) = mail.outbox
    assert letter.to == ["hal@harbor.example", "otto@harbor.example"]
    assert letter.subject == "3 numbers have no owner at Harbor Skin & Laser"
    assert letter.body.index("Leads") < letter.body.index("Patients acquired")


def test_a_second_run_in_the_same_week_sends_nothing(unowned, clock):
    run()
    clock.move_to("2026-11-30T04:59Z")  # Sunday evening at Lumina, in America/New_York
    assert run().startswith("Told 0 admins")
    assert len(mail.outbox) == 1


def test_the_next_week_they_are_told_again(unowned, clock):
    run()
    clock.move_to("2026-11-30T05:01Z")  # Monday at Lumina
    run()
    assert [letter.to for letter in mail.outbox].count(["ada@lumina.example"]) == 2


def test_with_every_owner_in_place_no_mail_goes_and_the_week_stays_open():
    cast = make_cast()
    Practice.objects.filter(slug="harbor").update(unowned_mailed_week=TODAY.replace(day=23))
    run()
    assert mail.outbox == []
    ownership.end(by=root_seat(cast.practice), kpi=cast.leads, ends_on=TODAY.replace(day=23))
    run()
    assert len(mail.outbox) == 1


def test_only_active_admins_of_the_practice_are_told(unowned):
    Staff.objects.filter(pk=unowned.admin.pk).update(is_active=False)
    assert run().startswith("Told 0 admins")
    assert mail.outbox == []


def test_a_practice_without_admin_is_told_as_soon_as_it_has_one(unowned):
    Staff.objects.filter(pk=unowned.admin.pk).update(is_active=False)
    run()
    Staff.objects.filter(pk=unowned.admin.pk).update(is_active=True)
    assert run().startswith("Told 1 admin ")


def test_a_dry_run_says_how_many_and_sends_nothing(unowned):
    assert run(dry_run=True).startswith("Would tell 1 admin at 1 practice ")
    assert mail.outbox == []
    assert run().startswith("Told 1 admin ")


def test_a_mail_that_fails_is_tried_again_and_holds_up_no_other_practice(unowned, monkeypatch):
    Practice.objects.filter(slug="harbor").update(unowned_mailed_week=None)
    real = EmailMessage.send

    def send(letter, *args, **kwargs):
        if letter.to == ["ada@lumina.example"]:
            raise ConnectionRefusedError("no mail server")
        return real(letter, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", send)
    with pytest.raises(CommandError, match="lumina"):
        run()
    assert [letter.to for letter in mail.outbox] == [["hal@harbor.example"]]
    monkeypatch.setattr(EmailMessage, "send", real)
    assert run().startswith("Told 1 admin ")


def test_that_it_was_sent_is_no_change_of_the_practice(unowned):
    before = unowned.practice.history.count()
    run()
    assert unowned.practice.history.count() == before


def test_a_line_break_in_a_name_begins_no_header(unowned):
    Practice.objects.filter(slug="lumina").update(name="Lumina\nBcc: all@lumina.example")
    run()
    assert mail.outbox[0].subject == "Appointments has no owner at Lumina Bcc: all@lumina.example"
