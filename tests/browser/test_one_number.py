"""A one-number link on a phone: from the mail to saved by the keyboard alone, not signed in."""

import pytest
from playwright.sync_api import expect

from funnel.models import KPI, Staff, WeeklyEntry
from tests.browser.looking import PHONE, axe_faults, too_wide
from tests.factories import WEEK, link_for

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]


@pytest.mark.browser_context_args(viewport=PHONE, has_touch=True)
def test_the_missing_number_takes_a_link_two_digits_and_enter(page, now, watch):
    now.move_to("2026-11-24T13:00Z")  # An hour before Lumina's meeting.
    kpi = KPI.objects.get(practice__slug="lumina", slug="patients-acquired")
    dana = Staff.objects.get(practice__slug="lumina", name="Dana")
    path = link_for(dana, kpi)
    page.goto(path)
    field = page.get_by_role("textbox", name="Patients acquired")
    expect(field).to_be_focused()
    assert field.get_attribute("inputmode") == "numeric"
    # Within reach of one thumb, without scrolling.
    page.keyboard.type("270")
    button = page.get_by_role("button", name="Save 270 patients acquired")
    assert button.bounding_box()["y"] + button.bounding_box()["height"] <= PHONE["height"]
    page.keyboard.press("Enter")
    expect(page.get_by_text("That is far from the usual numbers. Is 270 right?")).to_be_visible()
    assert axe_faults(page) == []
    assert too_wide(page) == []
    expect(field).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("● 11 patients acquired saved.")
    assert axe_faults(page) == []
    assert too_wide(page) == []
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("● 11 patients acquired saved.")
    entry = WeeklyEntry.objects.get(kpi=kpi, week=WEEK.monday)
    assert (entry.value, entry.version, entry.entered_by) == (11, 1, dana.user)
    watch.expect(path, 410)
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link has expired.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_visible()
