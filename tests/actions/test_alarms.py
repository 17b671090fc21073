"""funnel/actions/alarms.py; what the mail says is in tests/management/test_mail_unowned.py."""

import threading

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import QuerySet

from funnel.actions import alarms
from funnel.domain.weeks import Week
from funnel.models import Practice, Staff
from tests.factories import TODAY, make_kpi, make_ownership, make_practice, make_staff
from tests.kept import kept

# Longer than the other host needs when nothing holds it back.
PATIENCE = 0.7
BOUND = 15


@kept
def practice():
    harbor = make_practice("harbor")
    make_staff(harbor, "Hal", access=Staff.Access.ADMIN)
    return harbor


@pytest.mark.django_db
def test_asks_the_database_as_often_however_many_are_unowned(practice, django_assert_num_queries):
    with django_assert_num_queries(4 + 2):
        assert alarms.mail_unowned(practice=practice, today=TODAY) == 1


@pytest.mark.django_db
def test_a_kpi_whose_first_week_has_not_begun_is_not_mailed(practice):
    for kpi in practice.kpis.all():
        make_ownership(kpi, make_staff(practice, f"Owner{kpi.pk}", kpi.role.name))
    make_kpi(practice, "Reviews", from_week=Week.running(TODAY).next)
    assert alarms.mail_unowned(practice=practice, today=TODAY) == 0
    assert alarms.mail_unowned(practice=practice, today=Week.running(TODAY).next.monday) == 1


@pytest.mark.django_db
def test_keeps_the_week_in_which_the_mail_went(practice):
    alarms.mail_unowned(practice=practice, today=TODAY)
    assert Practice.objects.get().unowned_mailed_week == TODAY.replace(day=23)


def two_hosts_at_once(practice, monkeypatch):
    """How many admins each told; the second begins while the first one's mail is on its way."""
    real = EmailMessage.send
    told = []

    def tell():
        told.append(alarms.mail_unowned(practice=practice, today=TODAY))

    def other_host():
        try:
            tell()
        finally:
            connection.close()

    other = threading.Thread(target=other_host)

    def send(letter, *args, **kwargs):
        if not other.ident:
            other.start()
            other.join(PATIENCE)
        return real(letter, *args, **kwargs)

    monkeypatch.setattr(EmailMessage, "send", send)
    tell()
    other.join(BOUND)
    return told


@pytest.mark.django_db(transaction=True)
def test_two_hosts_at_once_send_one_mail(practice, monkeypatch):
    assert sorted(two_hosts_at_once(practice, monkeypatch)) == [0, 1]
    assert len(mail.outbox) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_send(practice, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    assert two_hosts_at_once(practice, monkeypatch) == [1, 1]
