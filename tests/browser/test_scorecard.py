"""The scorecard: by keyboard on a laptop, under a thumb on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import PHONE, axe_faults, too_wide
from tests.factories import WEEK

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

SCORECARD = "/practices/lumina/scorecard/"
AT = """() => {
  const cell = document.activeElement.closest("td, th");
  const row = cell.parentElement;
  const name = row.cells[0].querySelector("a");
  return [name ? name.textContent : row.cells[0].textContent, cell.cellIndex];
}"""
LEFT_OF_FIRST = """() => {
  const wrap = document.querySelector(".table-wrap");
  wrap.scrollLeft = 200;
  const first = document.querySelector("tbody tr:nth-child(2) th");
  return [wrap.scrollLeft, first.getBoundingClientRect().left, wrap.getBoundingClientRect().left];
}"""
STOPS = "() => document.querySelectorAll('table [tabindex=\"0\"]').length"
COVERED = """() => {
  const wrap = document.querySelector(".table-wrap").getBoundingClientRect();
  const first = document.activeElement.closest("tr").cells[0].getBoundingClientRect();
  const at = document.activeElement.getBoundingClientRect();
  if (at.left >= first.right - 8 && at.right <= wrap.right + 1) return null;
  return [at.left, first.right, at.right, wrap.right];
}"""


def test_arrow_keys_move_and_enter_opens_the_entry_form(page, sign_in):
    sign_in(page.context, "coordinator@lumina.example")
    page.goto(SCORECARD)
    assert page.evaluate(STOPS) == 1
    page.get_by_role("link", name="Leads", exact=True).focus()
    moves = [
        ("ArrowRight", ["Leads", 1]),
        ("ArrowDown", ["Leads to appointments", 1]),
        ("ArrowUp", ["Leads", 1]),
        ("ArrowLeft", ["Leads", 0]),
        ("ArrowLeft", ["Leads", 0]),
        ("End", ["Leads", 18]),
        ("ArrowRight", ["Leads", 18]),
        ("Home", ["Leads", 0]),
        ("PageDown", ["Marketing spend", 0]),
        ("PageUp", ["Leads", 0]),
        ("Control+End", ["Google rating", 18]),
        ("Control+Home", ["Number and owner", 0]),
        ("PageDown", ["Patients acquired", 0]),
        ("ArrowRight", ["Patients acquired", 1]),
        ("ArrowRight", ["Patients acquired", 2]),
        ("ArrowRight", ["Patients acquired", 3]),
    ]
    for key, where in moves:
        page.keyboard.press(key)
        assert page.evaluate(AT) == where, key
        assert page.evaluate(STOPS) == 1
    assert axe_faults(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/enter/{WEEK}/#patients-acquired")
    expect(page.get_by_role("textbox", name="Patients acquired")).to_be_visible()


@pytest.mark.browser_context_args(viewport=PHONE, has_touch=True)
def test_the_first_column_stays_while_the_weeks_pass_on_a_phone(page, sign_in):
    sign_in(page.context, "viewer@lumina.example")
    for query in ("", "?by=month"):
        page.goto(SCORECARD + query)
        assert too_wide(page) == []
        scrolled, first, wrap = page.evaluate(LEFT_OF_FIRST)
        assert scrolled == 200
        assert first == wrap
    page.get_by_role("link", name="Leads", exact=True).focus()
    for key in ["ArrowRight"] * 9 + ["ArrowLeft"] * 6:
        page.keyboard.press(key)
        assert page.evaluate(COVERED) is None
