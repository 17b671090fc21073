"""kpi_practice/attempts.py: guessing a password, and locking out its owner, both simulated."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.adapter import DefaultAccountAdapter
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse

from funnel.models import User
from kpi_practice import attempts
from kpi_practice.attempts import COOKIE, Device
from tests.sending import send_all

pytestmark = pytest.mark.django_db

EIGHT = datetime(2026, 11, 30, 8, tzinfo=UTC)
MAYA = "maya@lumina.example"
PASSWORD = "a-long-enough-one"
NETWORKS = [f"203.0.{number}.7" for number in range(200)]
ALL = timedelta(hours=3)


@pytest.fixture(autouse=True)
def _nobody_has_tried():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def known(rf):
    """The cookies of a browser that Maya has signed in with."""
    response = HttpResponse()
    Device().remember(MAYA, response)
    return {COOKIE: response.cookies[COOKIE].value}


def request_from(rf, address, cookies=()):
    request = rf.post("/accounts/login/", REMOTE_ADDR=address)
    request.COOKIES.update(dict(cookies))
    return request


def moments(every):
    """Every so many seconds from eight on, for three hours."""
    return [EIGHT + timedelta(seconds=at) for at in range(0, int(ALL.total_seconds()), every)]


def test_from_two_hundred_networks_an_account_is_guessed_at_twenty_times_an_hour(rf):
    rng = random.Random(1)  # noqa: S311
    allowed = []
    with time_machine.travel(EIGHT, tick=False) as clock:
        for at in moments(20):
            clock.move_to(at)
            if attempts.count(request_from(rf, rng.choice(NETWORKS)), MAYA):
                allowed.append(at)
    hour = timedelta(hours=1)
    assert max(sum(at <= one < at + hour for one in allowed) for at in allowed) <= 20
    assert len(allowed) > 20


def refused(rf, cookies, is_too_many):
    """The share of right passwords from the practice, one a minute, that are refused while a
    stranger types a wrong one every twenty seconds, each time from another network."""
    rng = random.Random(2)  # noqa: S311
    answers = []
    with time_machine.travel(EIGHT, tick=False) as clock:
        for at in moments(20):
            clock.move_to(at)
            is_too_many(request_from(rf, rng.choice(NETWORKS)), is_right=False)
            if at.second == 0:
                answers.append(
                    is_too_many(request_from(rf, "198.51.100.4", cookies), is_right=True)
                )
    assert len(answers) == 180
    return sum(answers) / len(answers)


def test_a_stranger_locks_nobody_out_of_a_browser_that_they_have_signed_in_with(rf, known):
    def ours(request, is_right):
        tried = attempts.count(request, MAYA)
        if tried is not None and is_right:
            tried.rollback()
        return tried is None

    assert refused(rf, known, ours) <= 0.01


def test_as_the_library_counts_they_would_be_locked_out(rf, known, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key"}

    def naive(request, is_right):
        adapter = DefaultAccountAdapter()
        try:
            adapter.pre_authenticate(request, email=MAYA)
        except ValidationError:
            return True
        if is_right:
            adapter._rollback_login_failed_rl_usage()
        return False

    assert refused(rf, known, naive) > 0.5


def test_a_browser_is_known_for_those_who_have_signed_in_there(rf, known):
    device = Device.of(request_from(rf, "198.51.100.4", known))
    assert device.knows(MAYA.upper())
    assert not device.knows("dana@lumina.example")
    response = HttpResponse()
    device.remember("dana@lumina.example", response)
    both = Device.of(request_from(rf, "", {COOKIE: response.cookies[COOKIE].value}))
    assert both.name == device.name
    assert both.knows(MAYA)
    assert both.knows("dana@lumina.example")


@pytest.mark.parametrize("text", ["", "x", '["a", "b"]:forged', '["a"'])
def test_a_forged_cookie_makes_no_browser_known(rf, text):
    device = Device.of(request_from(rf, "", {COOKIE: text}))
    assert device.logins == ()
    assert len(device.name) > 10


def test_the_cookie_holds_no_address_and_so_many_logins_at_most(rf):
    device = Device()
    for number in range(60):
        response = HttpResponse()
        device.remember(f"p{number}@lumina.example", response)
        device = Device.of(request_from(rf, "", {COOKIE: response.cookies[COOKIE].value}))
    assert len(device.logins) == attempts.MOST_LOGINS
    assert "lumina" not in response.cookies[COOKIE].value
    assert len(response.cookies[COOKIE].value) < 1200
    assert response.cookies[COOKIE]["httponly"]


def test_whoever_has_signed_in_is_let_through_after_a_strangers_wrong_ones(client, known):
    User.objects.create_user(MAYA, PASSWORD)
    url = reverse("account_login")
    client.post(url, {"login": MAYA, "password": PASSWORD})
    cookie = client.cookies[COOKIE].value
    client.logout()
    client.cookies.clear()
    for number in range(30):
        given = {"login": MAYA, "password": "wrong"}
        client.post(url, given, REMOTE_ADDR=NETWORKS[number % 10])
    client.post(url, {"login": MAYA, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    client.cookies[COOKIE] = cookie
    client.post(url, {"login": MAYA, "password": PASSWORD})
    assert "_auth_user_id" in client.session


def test_a_new_password_by_mail_lets_in_whoever_was_locked_out(client, mailoutbox):
    User.objects.create_user(MAYA, PASSWORD)
    url = reverse("account_login")
    for number in range(30):
        given = {"login": MAYA, "password": "wrong"}
        client.post(url, given, REMOTE_ADDR=NETWORKS[number % 10])
    client.post(reverse("account_reset_password"), {"email": MAYA})
    send_all()
    path = re.search(r"/accounts/password/reset/key/\S+", mailoutbox[0].body)[0]
    page = client.get(path, follow=True)
    answer = {"password1": "another-long-one", "password2": "another-long-one"}
    client.post(page.request["PATH_INFO"], answer)
    client.post(url, {"login": MAYA, "password": "another-long-one"})
    assert "_auth_user_id" in client.session
