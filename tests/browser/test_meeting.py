"""The weekly meeting in a browser: by keyboard alone, on two devices, without a connection."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import expect

from funnel.models import FollowUp, Meeting, MeetingNote, User, WeeklyEntry
from tests.factories import WEEK

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

PATH = f"/practices/lumina/meeting/{WEEK}/"
MANAGER = "manager@lumina.example"


def title(page):
    return page.locator("[data-slide]:not([hidden]) [tabindex='-1']")


def press(page, key, times=1):
    for _ in range(times):
        page.keyboard.press(key)


def reach(page, name, key="Tab"):
    """Goes on by keyboard until that button has the focus."""
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement.textContent.trim()").startswith(name):
            return
    raise AssertionError(f"{name} is not reached by {key}")


def promise(page, text):
    page.keyboard.press("f")
    expect(page.get_by_label("What is to be done")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_whole_meeting_by_keyboard_alone(page, sign_in, now):
    sign_in(page.context, MANAGER)
    page.goto(PATH)
    expect(title(page)).to_have_text("Before it starts")

    reach(page, "Start the meeting")
    page.keyboard.press("Enter")
    expect(title(page)).to_contain_text("your number: Leads")
    expect(page.locator("#bar")).to_contain_text("running")

    promise(page, "Ask what the new advert costs")
    expect(page.locator("#leads")).to_contain_text("Ask what the new advert costs")
    press(page, "ArrowRight")
    expect(title(page)).to_contain_text("your number: Appointments")
    press(page, "ArrowRight")
    expect(title(page)).to_contain_text("your number: Patients acquired")

    missing = page.get_by_label("Patients acquired is missing")
    reach(page, "Save patients acquired")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(missing).to_be_focused()
    page.keyboard.type("12")
    page.keyboard.press("Tab")
    page.keyboard.type("Told in the meeting")
    page.keyboard.press("Enter")
    expect(page.locator("#patients-acquired .slide__number")).to_have_text("12")
    entry = entry_of_the_week()
    assert (entry.value, entry.reason) == (12, "Told in the meeting")

    press(page, "Escape")
    promise(page, "Call back everyone who did not decide")
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(page, "Escape")
    while not re.search("Issues and follow-ups", title(page).inner_text()):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".meeting-part.is-current")).to_contain_text("Issues and follow-ups")
    reach(page, "Close the week")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recap/")
    expect(page.get_by_role("main")).to_contain_text("Call back everyone who did not decide")

    meeting = Meeting.objects.get(practice__slug="lumina", week=WEEK.monday)
    assert meeting.is_closed
    assert meeting.snapshot.board["stages"][-1]["value"] == "12.00"
    made = FollowUp.objects.filter(meeting=meeting).order_by("id")
    assert [(f.text, f.kpi.slug) for f in made] == [
        ("Ask what the new advert costs", "leads"),
        ("Call back everyone who did not decide", "patients-acquired"),
    ]

    # The closed week refuses a number, its owner's too.
    assert "This week is closed" in corrected(15).content.decode()
    assert entry_of_the_week().value == 12

    # Next week's meeting shows what was promised.
    now.shift(timedelta(days=7))
    page.goto(f"/practices/lumina/meeting/{WEEK.next}/#issues")
    for text in ("Ask what the new advert costs", "Call back everyone who did not decide"):
        expect(page.locator("#issues")).to_contain_text(text)
    now.shift(timedelta(days=-7))

    # Opened again with a reason, a correction is marked with old and new.
    page.goto(f"{PATH}recap/")
    reach(page, "Reopen this week")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Dana counted again")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("is reopened")
    assert corrected(15).status_code == 302
    page.goto(f"/practices/lumina/{WEEK}/")
    expect(page.locator("#stage-patients-acquired")).to_contain_text(
        "corrected after the meeting from 12"
    )
    page.goto(f"{PATH}board/")
    expect(page.locator("#stage-patients-acquired .stage__number")).to_have_text("12")


def entry_of_the_week():
    return WeeklyEntry.objects.get(
        practice__slug="lumina", kpi__slug="patients-acquired", week=WEEK.monday
    )


def corrected(value):
    """What the owner's own POST of that number is answered."""
    client = Client()
    client.force_login(User.objects.get(email="coordinator@lumina.example"))
    typed = {"value": value, "version": 1, "note": "", "confirm": "yes"}
    return client.post(f"/practices/lumina/enter/{WEEK}/patients-acquired/", typed)


def open_meeting(new_context, sign_in, email):
    context = new_context()
    sign_in(context, email)
    page = context.new_page()
    page.goto(PATH + "#issues")
    return page


def decided(page):
    return page.get_by_label("What was decided")


def decision():
    """What is stored of the note that both write."""
    notes = MeetingNote.objects.filter(meeting__practice__slug="lumina", part="issues")
    return notes.get(meeting__week=WEEK.monday).text


def note_of(page):
    return page.locator("form[data-note='issues']")


def test_two_managers_on_two_devices_see_each_other_and_lose_nothing(new_context, sign_in, watch):
    watch.expect(f"{PATH}notes/issues/", 409)
    ana = open_meeting(new_context, sign_in, MANAGER)
    ada = open_meeting(new_context, sign_in, "admin@lumina.example")
    decided(ana).fill("Fix the phone line.")
    expect(note_of(ana)).to_contain_text("Saved.")
    expect(decided(ada)).to_have_value("Fix the phone line.")
    ana.locator("#ready [name=do]").dispatch_event("click")
    expect(ada.locator("#bar")).to_contain_text("running")
    ana.evaluate("location.hash = 'issues'")

    # Both write at once: Ada's device has not seen Ana's when hers is sent.
    ada.context.set_offline(True)
    decided(ada).fill("Fix the phone line by Friday.")
    expect(note_of(ada)).to_contain_text("Stored on this device")
    expect(ada.locator("[data-lost]")).to_contain_text("No connection since")
    decided(ana).fill("Order a new phone.")
    expect(note_of(ana)).to_contain_text("Saved.")
    ada.context.set_offline(False)
    expect(note_of(ada)).to_contain_text("Someone else changed this note in the meantime")
    expect(note_of(ada)).to_contain_text("Order a new phone.")
    expect(decided(ada)).to_have_value("Fix the phone line by Friday.")
    assert decision() == "Order a new phone."
    ada.get_by_role("button", name="Keep mine").click()
    expect(decided(ana)).to_have_value("Fix the phone line by Friday.")
    assert decision() == "Fix the phone line by Friday."
    assert_only_offline(watch)


def test_what_was_written_without_a_connection_is_still_there_after_a_reload(
    new_context, sign_in, watch
):
    page = open_meeting(new_context, sign_in, MANAGER)
    page.context.set_offline(True)
    decided(page).fill("Written in the cellar.")
    expect(note_of(page)).to_contain_text("Stored on this device")
    page.locator("#people button").first.dispatch_event("click")
    expect(page.locator("[data-lost]")).to_contain_text("No connection")
    page.context.set_offline(False)
    page.reload()
    expect(decided(page)).to_have_value("Written in the cellar.")
    # Back online the page writes it at once: that may be before the reload.
    expect(note_of(page)).to_contain_text(re.compile(r"Saved\.|Last written by Ana\."))
    assert decision() == "Written in the cellar."
    assert_only_offline(watch)


def assert_only_offline(watch):
    assert [
        fault for fault in watch.take_faults() if "ERR_INTERNET_DISCONNECTED" not in fault
    ] == []
