"""From the mail that invites someone to their first look at the practice."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from funnel.access import take_seat
from funnel.actions import invitations, staff
from funnel.models import User
from tests.browser.looking import LAPTOP, PHONE, axe_faults, too_wide
from tests.sending import send_all

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]


def test_an_invited_person_sets_a_password_and_sees_the_practice(page, log_in):
    ada = take_seat(User.objects.get(email="admin@lumina.example"), "lumina")
    nora = staff.add(by=ada, email="nora@lumina.example", name="Nora")
    invitations.invite(by=ada, staff=nora)
    send_all()
    page.goto(re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1])

    expect(page.get_by_role("heading", level=1)).to_have_text("Set your password")
    page.set_viewport_size(PHONE)
    assert axe_faults(page) == []
    assert too_wide(page) == []
    page.set_viewport_size(LAPTOP)
    for field in page.locator("input[type=password]").all():
        field.fill("a-long-new-word-7")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your password is set")

    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("nora@lumina.example")
    page.get_by_label("Password").fill("a-long-new-word-7")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/practices/lumina/$"))
