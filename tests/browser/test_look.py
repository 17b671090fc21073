"""Light and dark by the system's wish or the reader's, paper always light, nothing in motion."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.usefixtures("demo")]

DASHBOARD = "/practices/lumina/2026-W46/"
PAINTED = """() => {
  const style = getComputedStyle(document.body);
  return [style.color, style.backgroundColor];
}"""
INK_OF_CHART = "() => Chart.getChart('trend-chart').options.plugins.legend.labels.color"
MOVING = """() => [...document.querySelectorAll("*")].filter((it) => {
  const style = getComputedStyle(it);
  return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
}).map((it) => it.className)"""


@pytest.fixture
def dashboard(page, sign_in):
    sign_in(page.context, "viewer@lumina.example")
    return page


def is_dark(page):
    """Whether the page is light on dark."""
    ink, paper = (
        sum(int(part) for part in re.findall(r"\d+", colour)) for colour in page.evaluate(PAINTED)
    )
    assert abs(ink - paper) > 300
    return ink > paper


def chart_is_dark(page):
    """Whether the words in the chart are those of the dark colours."""
    return int(page.evaluate(INK_OF_CHART).lstrip("#"), 16) > 0x808080


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_and_charts_follow_the_system(dashboard, scheme):
    dashboard.emulate_media(color_scheme=scheme)
    dashboard.goto(DASHBOARD)
    assert is_dark(dashboard) == chart_is_dark(dashboard) == (scheme == "dark")


def test_the_switch_outlives_a_reload_and_the_systems_wish(dashboard):
    dashboard.emulate_media(color_scheme="light")
    dashboard.goto(DASHBOARD)
    dashboard.get_by_role("button", name="Dark colours").click()
    assert is_dark(dashboard)
    assert chart_is_dark(dashboard)
    dashboard.reload()
    assert is_dark(dashboard)
    dashboard.get_by_role("button", name="Light colours").click()
    dashboard.emulate_media(color_scheme="dark")
    dashboard.reload()
    expect(dashboard.get_by_role("button", name="Dark colours")).to_be_visible()
    assert not is_dark(dashboard)


def test_paper_is_light_whatever_the_screen_is(dashboard):
    dashboard.emulate_media(color_scheme="dark")
    dashboard.goto(DASHBOARD)
    dashboard.emulate_media(color_scheme="dark", media="print")
    assert not is_dark(dashboard)
    expect(dashboard.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(dashboard.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("path", [DASHBOARD, "/practices/lumina/responsibilities/"])
def test_nothing_moves_for_those_who_asked_for_that(dashboard, path):
    dashboard.emulate_media(reduced_motion="reduce")
    dashboard.goto(path)
    assert dashboard.evaluate(MOVING) == []
