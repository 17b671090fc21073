"""The admin names an owner for Harbor's appointments, and the team's alarm falls silent."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]


@pytest.fixture
def kpis(page, sign_in):
    """The admin's list of KPIs, reached from the alarm on the dashboard."""
    sign_in(page.context, "admin@harbor.example")
    page.goto("/practices/harbor/")
    expect(page.get_by_text("Appointments has no owner")).to_be_visible()
    page.get_by_role("link", name="Name an owner").click()
    expect(page.get_by_role("row", name="Appointments")).to_contain_text("No owner")
    return page


def assert_owned(page, owner):
    """The list, the dashboard and the responsibilities agree on who owns appointments."""
    page.goto("/admin/funnel/kpi/")
    expect(page.get_by_role("row", name="Appointments")).to_contain_text(owner)
    page.goto("/practices/harbor/")
    expect(page.locator("#stage-appointments")).to_contain_text(f"{owner}, Front desk")
    expect(page.get_by_text("has no owner")).to_have_count(0)
    page.goto("/practices/harbor/responsibilities/")
    expect(page.get_by_text("Every number has its owner.")).to_be_visible()


def test_on_the_page_of_the_kpi_among_those_who_hold_the_role(kpis):
    kpis.get_by_role("link", name="Appointments").click()
    owner = kpis.get_by_label("New owner")
    expect(owner.locator("option")).to_have_text(["no change", "Finn"])
    owner.select_option("Finn")
    kpis.get_by_role("button", name="Save", exact=True).click()
    expect(kpis.get_by_text("was changed successfully")).to_be_visible()
    assert_owned(kpis, "Finn")


def test_in_bulk_from_the_list(kpis):
    kpis.get_by_role("row", name="Appointments").get_by_role("checkbox").check()
    kpis.get_by_role("combobox", name="Action").select_option("Assign an owner…")
    kpis.get_by_role("button", name="Go", exact=True).click()
    expect(kpis.get_by_role("row", name="Appointments")).to_contain_text("nobody")
    kpis.get_by_label("Owner").select_option("Finn")
    kpis.get_by_role("button", name="Make them the owner").click()
    expect(kpis.get_by_text("Finn owns Appointments from Nov 24, 2026.")).to_be_visible()
    assert_owned(kpis, "Finn")
