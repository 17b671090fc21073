"""The entry page: a number from sign-in to done, on a phone, with the keyboard alone."""

import pytest
from playwright.sync_api import expect

from funnel.management.commands.demo import PASSWORD
from funnel.models import WeeklyEntry
from tests.browser.looking import PHONE, axe_faults
from tests.factories import WEEK

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

OWNER = "coordinator@lumina.example"


def patients():
    """The stored number of patients acquired, None while it is missing."""
    entries = WeeklyEntry.objects.filter(
        practice__slug="lumina", kpi__slug="patients-acquired", week=WEEK.monday
    )
    return entries.values_list("value", flat=True).first()


def press_tab_to(page, locator, presses=30):
    """Moves the focus there by the Tab key; fails when no press of it leads there."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if locator.evaluate("it => it === document.activeElement"):
            return
    pytest.fail(f"the Tab key does not lead to {locator}")


@pytest.mark.browser_context_args(viewport=PHONE, has_touch=True)
def test_the_missing_number_takes_the_keyboard_alone_from_sign_in_to_the_complete_funnel(page):
    page.goto("/accounts/login/")
    press_tab_to(page, page.get_by_label("Email"))
    page.keyboard.type(OWNER)
    press_tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("missing")

    press_tab_to(page, page.get_by_role("link", name="Enter my number:"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Patients acquired")).to_be_focused()
    page.keyboard.type("11")
    expect(page.get_by_role("button", name="Save 11 patients")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    assert patients() == 11

    press_tab_to(page, page.get_by_role("region", name="Done").get_by_role("link"))
    page.keyboard.press("Enter")
    headline = page.get_by_role("heading", level=1)
    expect(headline).to_contain_text("11 patients acquired")
    expect(headline).not_to_contain_text("missing")


@pytest.mark.browser_context_args(viewport=PHONE, has_touch=True)
def test_the_number_and_its_button_are_in_sight_on_a_phone(page, sign_in):
    sign_in(page.context, OWNER)
    page.goto("/practices/lumina/enter/")
    number = page.get_by_role("textbox", name="Patients acquired")
    expect(number).to_be_focused()
    expect(number).to_have_attribute("inputmode", "numeric")
    expect(number).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport(ratio=1)


def test_an_improbable_number_is_saved_only_after_yes(page, sign_in):
    sign_in(page.context, OWNER)
    page.goto("/practices/lumina/enter/")
    page.get_by_role("textbox", name="Patients acquired").fill("270")
    page.get_by_role("button", name="Save 270").click()
    yes = page.get_by_role("button", name="Yes, 270 is right")
    expect(yes).to_be_visible()
    expect(page.get_by_role("textbox", name="Patients acquired")).to_have_value("270")
    assert patients() is None
    assert axe_faults(page) == []

    yes.click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    assert patients() == 270


def test_the_enter_key_never_confirms_an_improbable_number(page, sign_in):
    sign_in(page.context, OWNER)
    page.goto("/practices/lumina/enter/")
    number = page.get_by_role("textbox", name="Patients acquired")
    number.fill("270")
    number.press("Enter")
    expect(page.get_by_role("button", name="Yes, 270 is right")).to_be_visible()
    number.fill("12")
    number.press("Enter")
    expect(page.get_by_role("heading", name="Done")).to_be_visible()
    assert patients() == 12
