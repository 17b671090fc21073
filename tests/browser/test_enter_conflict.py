"""The 409 page: someone saved in between, and the second chooses between two numbers."""

import pytest
from playwright.sync_api import expect

from funnel.models import WeeklyEntry
from tests.browser.looking import PHONE, axe_faults, too_wide
from tests.factories import WEEK

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

ADDRESS = f"/practices/lumina/enter/{WEEK}/patients-acquired/"


def stored():
    """The stored number and those before it, newest first."""
    entry = WeeklyEntry.objects.get(
        practice__slug="lumina", kpi__slug="patients-acquired", week=WEEK.monday
    )
    return int(entry.value), [int(past.value) for past in entry.history.all()]


@pytest.fixture
def clash(new_context, sign_in, watch):
    """The page of the one who pressed Save second: 12, where the manager had saved 11. It shows
    both, and neither is lost."""
    watch.expect(ADDRESS, 409)
    owner, manager = (
        _open(new_context(), sign_in, email)
        for email in ("coordinator@lumina.example", "manager@lumina.example")
    )
    card = manager.get_by_role("article", name="Patients acquired")
    card.get_by_role("textbox", name="Patients acquired").fill("11")
    card.get_by_label("Why you enter it").fill("Dana is on a plane.")
    card.get_by_role("button", name="Save").click()
    expect(manager.get_by_role("status")).to_contain_text("Saved")
    owner.get_by_role("textbox", name="Patients acquired").fill("12")
    owner.get_by_role("button", name="Save 12").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text(
        "Ana saved Patients acquired in the meantime."
    )
    theirs = owner.get_by_role("region", name="Saved now")
    expect(theirs).to_contain_text("11 patients")
    expect(theirs).to_contain_text("By Ana for Dana")
    mine = owner.get_by_role("region", name="Yours, not saved")
    expect(mine).to_contain_text("12 patients")
    assert stored() == (11, [11])
    return owner


def _open(context, sign_in, email):
    sign_in(context, email)
    page = context.new_page()
    page.goto("/practices/lumina/enter/")
    return page


def test_choosing_mine_saves_it_over_theirs(clash):
    clash.get_by_role("button", name="Save 12").click()
    expect(clash.get_by_role("heading", name="Done")).to_be_visible()
    expect(clash.get_by_role("textbox", name="Patients acquired")).to_have_value("12")
    assert stored() == (12, [12, 11])


def test_choosing_theirs_keeps_it(clash):
    clash.get_by_role("link", name="Keep 11").click()
    expect(clash.get_by_role("heading", name="Done")).to_be_visible()
    expect(clash.get_by_role("textbox", name="Patients acquired")).to_have_value("11")
    assert stored() == (11, [11])


def test_the_question_is_readable_by_everyone_and_on_a_phone(clash):
    assert axe_faults(clash) == []
    clash.set_viewport_size(PHONE)
    assert too_wide(clash) == []
