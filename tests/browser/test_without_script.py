"""Without JavaScript: numbers are entered and corrected, and the dashboard shows them all."""

import pytest
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("demo"),
    pytest.mark.browser_context_args(java_script_enabled=False),
]


def test_a_number_is_entered_and_corrected_and_its_history_shown(page, log_in):
    log_in(page, "coordinator@lumina.example")
    page.goto("/practices/lumina/enter/")
    card = page.get_by_role("article", name="Patients acquired")
    number = card.get_by_role("textbox", name="Patients acquired")
    number.fill("11")
    card.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(number).to_have_value("11")

    number.fill("12")
    card.get_by_role("button", name="Save the correction").click()
    expect(number).to_have_value("12")
    expect(card.get_by_text("Corrected 1 time")).to_be_visible()
    expect(card.get_by_role("listitem").filter(has_text="→")).to_contain_text("11 → 12, Dana")


def test_a_refused_number_says_why_beside_its_field(page, sign_in):
    sign_in(page.context, "coordinator@lumina.example")
    page.goto("/practices/lumina/enter/")
    number = page.get_by_role("textbox", name="Patients acquired")
    number.fill("-3")
    page.get_by_role("button", name="Save").click()
    expect(number).to_have_value("-3")
    expect(number).to_have_accessible_description(
        "Enter 0 or more. This number cannot be negative."
    )


def test_the_dashboard_says_headline_numbers_and_funnel(page, sign_in):
    sign_in(page.context, "viewer@lumina.example")
    page.goto("/practices/lumina/2026-W46/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("patients acquired")
    stages = page.get_by_role("region", name="The funnel", exact=True).locator("ol > li")
    expect(stages).to_have_count(3)
    page.get_by_text("The funnel as a table").click()
    table = page.get_by_role("table", name="Nov 9 – 15, 2026")
    shown = [stage.locator(".stage__number").inner_text() for stage in stages.all()]
    rows = table.locator("tbody tr")
    assert [row.get_by_role("cell").first.inner_text() for row in rows.all()] == shown
    assert all(number.isdigit() for number in shown)
    page.get_by_text("The trend as a table").click()
    expect(page.locator("#trend-table tbody tr")).to_have_count(13)


def test_what_needs_a_script_is_not_offered(page):
    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name="Dark colours")).to_be_hidden()
