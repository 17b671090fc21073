"""From an empty installation to a practice that is ready: by keyboard on a phone, in few inputs."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from funnel.models import Ownership, Practice, Target
from tests.browser.looking import PHONE, axe_faults, too_wide
from tests.sending import send_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-long-new-word-7"
MOST_INPUTS = 25
# Two keys a second is someone who looks for each; of five minutes one is left to read and decide.
MOST_KEYS = 2 * 4 * 60


def field(place, label):
    """The field of that label, whether or not the label marks it as needed."""
    return place.get_by_label(re.compile(rf"^\s*{label}\s*\*?\s*$"))


class Hands:
    """Someone at the keyboard: counts what they fill in, choose and press, and every key."""

    def __init__(self, page):
        self.page = page
        self.inputs = self.keys = 0

    def reach(self, target):
        """Goes to it by the Tab key, as far as it takes."""
        for _ in range(40):
            if target.evaluate("it => it === document.activeElement"):
                return
            self.key("Tab")
        raise AssertionError(f"{target} is not reached by the Tab key")

    def key(self, name):
        """Presses a key."""
        self.page.keyboard.press(name)
        self.keys += 1

    def write(self, label, text, within=None):
        """Fills in a field, or chooses from a list by the beginning of its name."""
        self.reach(field(within or self.page, label))
        self.page.keyboard.type(text)
        self.keys += len(text)
        self.inputs += 1

    def press(self, target, key="Enter"):
        """Presses a button, or chooses one of several by the space bar."""
        self.reach(target)
        self.key(key)
        self.inputs += 1

    def go_on(self, button, heading):
        """Presses the button and is at the next page."""
        self.press(self.page.get_by_role("button", name=button))
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        assert too_wide(self.page) == []


def test_a_practice_is_ready_in_25_inputs_by_keyboard_on_a_phone(new_context):
    page = new_context(viewport=PHONE, timezone_id="America/Chicago").new_page()
    page.goto("/")
    hands = Hands(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome! Create the first admin")
    hands.write("Your e-mail address", "ana@newton.example")
    hands.write("Password", PASSWORD)
    hands.write("Password again", PASSWORD)
    hands.go_on("Create the first admin", "Start a practice")

    expect(page.get_by_label("Time zone")).to_have_value("America/Chicago")
    hands.write("Name of the practice", "Newton Skin")
    hands.write("Your name there", "Ana")
    hands.write("Meeting day", "Tue")
    hands.write("Value of one acquired patient", "3200")
    hands.go_on("Next: who does what", "Who does what?")

    leads, booked, patients = page.locator("[data-question]").all()
    hands.write("Owner of Leads", "Ana", leads)
    expect(field(leads, "Name")).to_be_hidden()
    hands.write("Name", "Maya", booked)
    hands.write("Job title", "Receptionist", booked)
    hands.write("E-mail address", "maya@newton.example", booked)
    hands.press(patients.get_by_label("The doctor"), "Space")
    hands.write("Name", "Dee", patients)
    hands.write("Job title", "MD", patients)
    hands.write("E-mail address", "dee@newton.example", patients)
    hands.go_on("Next: targets", "What are your weekly targets?")

    hands.write("Leads", "100")
    hands.write("Appointments", "40")
    hands.write("Patients acquired", "20")
    hands.go_on("Next: spreadsheet", "Do you have the numbers of earlier weeks?")
    hands.go_on("Skip", "Newton Skin is ready")

    hands.press(page.get_by_role("button", name="Send 2 invitations and finish"))
    expect(page).to_have_url(re.compile(r"/practices/newton-skin/$"))
    expect(page.get_by_role("status")).to_contain_text("An invitation is on its way to Dee, Maya.")
    assert too_wide(page) == []

    send_all()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "dee@newton.example",
        "maya@newton.example",
    ]
    practice = Practice.objects.get()
    assert (practice.time_zone, practice.get_meeting_weekday_display()) == (
        "America/Chicago",
        "Tuesday",
    )
    assert dict(Ownership.objects.values_list("kpi__slug", "staff__name")) == {
        "leads": "Ana",
        "appointments": "Maya",
        "patients-acquired": "Dee",
    }
    assert Target.objects.count() == 3
    assert hands.inputs < MOST_INPUTS
    assert hands.keys < MOST_KEYS


def test_someone_new_is_shown_where_chosen_and_no_one_is_loud(new_context):
    page = new_context(viewport=PHONE).new_page()
    page.goto("/start/")
    page.get_by_label("Your e-mail address").fill("ana@newton.example")
    field(page, "Password").fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Create the first admin").click()
    page.get_by_label("Name of the practice").fill("Newton Skin")
    page.get_by_label("Your name there").fill("Ana")
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_role("button", name="Next: who does what").click()

    leads = page.locator("[data-question]").first
    name = field(leads, "Name")
    name.fill("Tom")
    leads.get_by_label("Owner of Leads").select_option("No one yet")
    expect(name).to_be_hidden()
    cost = leads.get_by_text("No one yet?")
    expect(cost).to_have_css("font-weight", "600")
    # What was typed is there again, and is not sent while it is hidden.
    leads.get_by_label("Owner of Leads").select_option("Someone new")
    expect(name).to_have_value("Tom")
    leads.get_by_label("Owner of Leads").select_option("Ana")
    for question in page.locator("[data-question]").all()[1:]:
        question.locator("select").select_option("No one yet")
    page.get_by_role("button", name="Next: targets").click()
    role = page.get_by_role("group", name="Who plays the larger role")
    expect(role).to_contain_text("Choose the doctor or the patient coordinator.")
    expect(page.get_by_label("The doctor")).to_be_focused()
    assert axe_faults(page) == []
    page.get_by_label("The doctor").check()
    page.get_by_role("button", name="Next: targets").click()
    page.get_by_role("button", name="Start without").click()
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Newton Skin is ready, except for 2 owners"
    )
    page.get_by_role("link", name="Who does what").click()
    expect(page.get_by_label("Owner of Appointments")).to_have_value("none")
    expect(page.get_by_label("The doctor")).to_be_checked()
