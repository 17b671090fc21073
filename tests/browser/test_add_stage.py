"""The admin adds *Attended* between two stages in six steps; earlier weeks stay as they were."""

import re

import pytest
from playwright.sync_api import expect

from funnel.domain.weeks import Week
from tests.factories import TODAY, WEEK

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

MOST = 6
RUNNING = Week.running(TODAY)
EARLIER = [WEEK, WEEK.previous, WEEK.plus(-12)]
# New in each response.
TOKEN = re.compile(r'(csrfmiddlewaretoken" value=")[^"]+')


class Counted:
    """A page that counts clicks, typed fields and choices."""

    def __init__(self, page):
        self.page = page
        self.steps = 0

    def click(self, role, name, within=None):
        self.steps += 1
        (within or self.page).get_by_role(role, name=name, exact=True).click()

    def type(self, label, text):
        self.steps += 1
        self.page.get_by_label(label, exact=False).first.fill(text)

    def choose(self, label, option):
        self.steps += 1
        self.page.get_by_label(label).select_option(option)


def shown(page, week):
    """The main part of the dashboard of that week as the server sends it."""
    response = page.request.get(f"/practices/lumina/{week}/")
    assert response.ok
    (main,) = re.findall(r"<main.*</main>", response.text(), re.DOTALL)
    return TOKEN.sub(r"\1", main)


@pytest.mark.parametrize("start", ["/practices/lumina/", "/practices/lumina/scorecard/"])
def test_attended_takes_six_steps_and_earlier_weeks_stay(page, sign_in, start):
    sign_in(page.context, "admin@lumina.example")
    before = {week: shown(page, week) for week in EARLIER}
    page.goto(start)
    person = Counted(page)
    person.click("link", "Admin")
    person.click("link", "Add", within=page.get_by_role("row", name="KPIs").first)
    person.type("Name", "Attended")
    person.choose("Stage of the funnel?", "Yes, between Appointments and Patients acquired")
    person.click("button", "Save")
    expect(page.get_by_text("Attended is added. Now assign an owner.")).to_be_visible()
    assert person.steps <= MOST
    assert {week: shown(page, week) for week in EARLIER} == before
    stages = re.findall(r'id="stage-([a-z-]+)"', shown(page, RUNNING))
    assert stages == ["leads", "appointments", "attended", "patients-acquired"]
