"""The screen on the wall: it rotates, refreshes, and ends when revoked."""

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from funnel.actions import screens
from funnel.models import Practice, Staff
from tests.browser.conftest import NOW
from tests.browser.looking import DRAWN
from tests.factories import WEEK, make_entry, make_kpi, make_screen, make_target, seat_for

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

TURN_MS, REFRESH_MS = 20_000, 60_000
WALL = {"width": 1920, "height": 1080}
LOADED = "window.isTheSamePage = true"
# Each drawing of the funnel takes a new canvas where the numbers changed, and none where they did
# not.
CANVAS = "document.querySelector('#funnel-chart')"


@pytest.fixture
def lumina():
    return Practice.objects.get(slug="lumina")


@pytest.fixture
def screen(lumina):
    return make_screen(lumina)


@pytest.fixture
def wall(page, screen):
    """The page of a screen with a stopped clock."""
    page.set_viewport_size(WALL)
    page.clock.install(time=datetime.fromisoformat(NOW))
    page.goto(f"/tv/{screen[1]}/")
    page.evaluate(LOADED)
    return page


def pass_time(page, milliseconds):
    """Advance the page's clock, and return its requests."""
    with page.expect_response(re.compile("/tv/[^/]+/$")) as answered:
        page.clock.run_for(milliseconds)
    return answered.value.status


def refused(page, status):
    """The server or its proxy answers with that status from now on."""
    page.route("**/tv/*/", lambda route: route.fulfill(status=status, body="Bad gateway"))


def shown(page):
    return page.locator(".view.is-shown").get_attribute("id")


def test_the_views_take_turns_until_someone_pauses_them(wall):
    turns = [shown(wall)]
    for _ in range(3):
        wall.clock.run_for(TURN_MS)
        turns.append(shown(wall))
    assert turns == ["funnel", "scorecard", "gap", "funnel"]
    expect(wall.get_by_role("heading", name="Where the gap came from")).to_be_hidden()

    pause = wall.get_by_role("button", name="Pause")
    pause.click()
    wall.clock.run_for(2 * TURN_MS)
    assert shown(wall) == "funnel"
    wall.get_by_role("button", name="Gap").click()
    wall.clock.run_for(2 * TURN_MS)
    assert shown(wall) == "gap"
    expect(wall.get_by_role("button", name="Gap")).to_have_attribute("aria-pressed", "true")
    wall.get_by_role("button", name="Go on").click()
    wall.clock.run_for(TURN_MS)
    assert shown(wall) == "funnel"

    wall.locator("main").focus()
    wall.keyboard.press("ArrowRight")
    wall.keyboard.press("ArrowRight")
    wall.keyboard.press("ArrowLeft")
    assert shown(wall) == "scorecard"
    wall.keyboard.press("Space")
    expect(wall.get_by_role("button", name="Go on")).to_be_visible()
    wall.clock.run_for(2 * TURN_MS)
    assert shown(wall) == "scorecard"
    # In the table the arrows move the table.
    wall.locator(".table-wrap").focus()
    wall.keyboard.press("ArrowRight")
    assert shown(wall) == "scorecard"


def test_the_change_fades_only_where_movement_is_welcome(wall):
    is_moving = "() => document.getAnimations().length > 0"
    wall.emulate_media(reduced_motion="no-preference")
    wall.get_by_role("button", name="Gap").click()
    assert wall.evaluate(is_moving)
    wall.emulate_media(reduced_motion="reduce")
    wall.get_by_role("button", name="Scorecard").click()
    assert not wall.evaluate(is_moving)


def test_full_screen_and_back(wall):
    wall.get_by_role("button", name="Full screen").click()
    leave = wall.get_by_role("button", name="Leave full screen")
    expect(leave).to_be_visible()
    assert wall.evaluate("document.fullscreenElement === document.documentElement")
    leave.click()
    expect(wall.get_by_role("button", name="Full screen", exact=True)).to_be_visible()


def test_a_number_entered_meanwhile_comes_in_without_the_page_being_loaded_again(wall, lumina):
    wall.get_by_role("button", name="Scorecard").click()
    wall.get_by_role("button", name="Pause").click()
    headline = wall.get_by_role("heading", level=1)
    expect(headline).to_contain_text("waiting for Patient coordinator")
    assert pass_time(wall, REFRESH_MS) == 200
    wall.evaluate(f"window.canvas = {CANVAS}")
    assert pass_time(wall, REFRESH_MS) == 304
    assert wall.evaluate(f"window.canvas === {CANVAS}")

    make_entry(lumina.kpis.get(slug="patients-acquired"), 15)
    assert pass_time(wall, REFRESH_MS) == 200
    expect(headline).to_contain_text("15 patients acquired, 5 fewer than expected.")
    expect(wall.locator("#scorecard tbody tr").last.locator("td").last).to_contain_text("15")
    assert shown(wall) == "scorecard"
    assert wall.evaluate("window.isTheSamePage")
    assert wall.evaluate(f"window.canvas !== {CANVAS} && {CANVAS}.style.width !== ''")
    assert wall.evaluate(f"Chart.getChart({CANVAS}).data.datasets[0].data[2][1]") == 7.5


def test_without_a_network_the_last_numbers_stay_and_say_since_when(wall, watch):
    pass_time(wall, REFRESH_MS)
    note = wall.locator("#note")
    expect(note).to_be_empty()
    watch.expect(wall.url.removeprefix(watch.origin), 502)
    refused(wall, 502)
    pass_time(wall, REFRESH_MS)
    # The time is the practice's, not the television's.
    expect(note).to_have_text("Not refreshed since 10:01 AM")
    pass_time(wall, REFRESH_MS)
    expect(note).to_have_text("Not refreshed since 10:01 AM")
    expect(wall.get_by_text("target 40, missed")).to_be_visible()
    wall.unroute_all()
    wall.route("**/tv/*/", lambda route: route.fulfill(status=200, body="Sign in to the Wi-Fi."))
    pass_time(wall, REFRESH_MS)
    expect(note).to_have_text("Not refreshed since 10:01 AM")
    wall.unroute_all()
    pass_time(wall, REFRESH_MS)
    expect(note).to_be_empty()
    assert wall.evaluate("window.isTheSamePage")


def test_a_screen_that_is_switched_off_says_so_and_asks_no_more(wall, watch, screen):
    watch.expect(f"/tv/{screen[1]}/", 404)
    screens.revoke(
        by=seat_for(Staff.objects.get(practice=screen[0].practice, name="Ana")), screen=screen[0]
    )
    assert pass_time(wall, REFRESH_MS) == 404
    expect(wall.get_by_role("heading", level=1)).to_have_text("This screen has been turned off.")
    expect(wall.locator("#wall")).to_have_count(0)
    asked = len(watch.requests)
    wall.clock.run_for(10 * REFRESH_MS)
    assert len(watch.requests) == asked


def test_a_new_version_of_the_page_is_loaded_but_never_out_of_full_screen(wall):
    newer = wall.request.get(wall.url).text().replace("js/tv.js", "js/tv.js?newer")
    wall.route("**/tv/*/", lambda route: route.fulfill(body=newer, content_type="text/html"))
    wall.get_by_role("button", name="Full screen").click()
    expect(wall.get_by_role("button", name="Leave full screen")).to_be_visible()
    pass_time(wall, REFRESH_MS)
    expect(wall.locator("#note")).to_have_text(
        "A newer page is ready: leave full screen, and it loads."
    )
    assert wall.evaluate("window.isTheSamePage")
    with wall.expect_navigation():
        wall.get_by_role("button", name="Leave full screen").click()
    assert wall.evaluate("window.isTheSamePage === undefined")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720)])
@pytest.mark.parametrize("stages", [3, 5])
def test_every_view_fits_the_screen_and_the_numbers_are_large(page, lumina, stages, width, height):
    """With five stages two of them are without an owner, which takes room as well."""
    for place in range(4, stages + 1):
        name = f"Seen for the {place}th time"
        kpi = make_kpi(lumina, name, "Doctor", stage=place, from_week=WEEK)
        make_target(kpi, 20 - place, WEEK)
        make_entry(kpi, 15)
    _, token = make_screen(lumina, shows_names=True)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"/tv/{token}/")
    page.evaluate(DRAWN)
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    size = page.locator(".wall-stage__number").first.evaluate(
        "(it) => parseFloat(getComputedStyle(it).fontSize)"
    )
    assert size >= (72 if stages == 3 else 64) * height / 1080


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_a_script_all_views_stand_one_under_another(page, screen):
    page.goto(f"/tv/{screen[1]}/")
    for heading in ("Funnel", "The last 13 weeks", "Where the gap came from"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    tops = [view.bounding_box()["y"] for view in page.locator(".view").all()]
    assert tops == sorted(set(tops))
    expect(page.get_by_role("button")).to_have_count(0)
    # The browser itself loads it again.
    expect(page.locator("meta[http-equiv=refresh]")).to_have_attribute("content", "60")
    assert WEEK.label in page.title()


def test_a_manager_makes_a_screen_copies_its_address_and_switches_it_off(page, context, sign_in):
    sign_in(context, "manager@lumina.example")
    page.goto("/practices/lumina/screens/")
    page.get_by_label("Where it hangs").fill("Break room")
    make = page.get_by_role("button", name="Create its address")
    make.evaluate("(it) => { it.click(); it.click(); }")
    address = page.get_by_label("The address", exact=True)
    expect(address).to_have_value(re.compile(r"/tv/[\w-]{32}/$"))
    expect(page.locator(".screen")).to_have_count(1)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address.input_value()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Open it").click()
    expect(opened.value.get_by_text("Lumina Aesthetics · ")).to_be_visible()
    opened.value.close()
    page.get_by_text("Revoke it").click()
    page.get_by_role("button", name="Revoke Break room").click()
    expect(page.get_by_role("status")).to_contain_text("Break room is revoked.")
    expect(page.get_by_text("revoked by Ana")).to_be_visible()
