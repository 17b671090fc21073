"""A double click on "Create its address": two requests at once, one screen."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from funnel.actions import screens
from funnel.models import Screen
from tests.cast import make_cast
from tests.factories import seat_for
from tests.races.rendezvous import at_once, meet_before, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def double_click(monkeypatch):
    ana = seat_for(make_cast().manager)
    meet_before(monkeypatch, (Screen, "full_clean"))

    def make():
        expires_on = timezone.localdate() + timedelta(days=9)
        given = {"name": "Hall", "expires_on": expires_on, "shows_names": False, "once": "k"}
        return screens.make(by=ana, **given)

    return at_once(make, make)


def test_both_are_told_the_same_screen_and_the_same_token(monkeypatch):
    first, second = double_click(monkeypatch)
    assert first == second
    assert Screen.objects.count() == 1


def test_without_locks_one_of_them_is_refused(monkeypatch):
    without_locks(monkeypatch)
    refused = [it for it in double_click(monkeypatch) if isinstance(it, Exception)]
    assert [type(it) for it in refused] in ([ValidationError], [IntegrityError])
    assert Screen.objects.count() == 1
