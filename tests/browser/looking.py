"""Looks at a page as its readers do: with assistive technology, in the dark, on a phone."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError

from tests.browser.pages import Page

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
# Preloading, axe would write styles into the page, which the page's own policy forbids.
ALL_RULES = {"resultTypes": ["violations"], "preload": False}
CONTRAST = ALL_RULES | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
SETTLED = "() => Promise.all(document.getAnimations().map((it) => it.finished))"
# Chart.js has drawn as soon as a canvas is there with its own size.
IS_DRAWN = "() => [...document.querySelectorAll('canvas')].every(it => it.style.width)"
STICKING_OUT = """() => [...document.querySelectorAll("body *")]
  .filter((it) => it.getBoundingClientRect().right > innerWidth + 1 && !it.closest(".table-wrap"))
  .map((it) => it.outerHTML.slice(0, 80)).slice(0, 3)"""


def look(page, watch, seen: Page, *, is_admin_site: bool = False) -> list[str]:
    """Opens it and says what is wrong with it, nothing when all is well."""
    if seen.status != 200:
        watch.expect(seen.path.split("?")[0], seen.status)
    page.set_viewport_size(LAPTOP)
    page.emulate_media(color_scheme="light")
    answer = page.goto(seen.path)
    page.wait_for_function(IS_DRAWN)
    faults = watch.take_faults()
    if answer.status != seen.status:
        faults.append(f"status {answer.status} instead of {seen.status}")
    if "/login/" in page.url and "/login/" not in seen.path:
        faults.append(f"led to {page.url}")
    faults += axe_faults(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate(SETTLED)
    faults += [f"dark: {fault}" for fault in axe_faults(page, CONTRAST)]
    page.set_viewport_size(PHONE)
    if not is_admin_site:
        faults += too_wide(page)
    return faults


def too_wide(page) -> list[str]:
    """What makes the page scroll sideways, once its charts have taken their new width."""
    try:
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=3000)
    except TimeoutError:
        return [f"wider than {page.viewport_size['width']} px: {page.evaluate(STICKING_OUT)}"]
    return []


def axe_faults(page, options=ALL_RULES) -> list[str]:
    """axe's violations, each with where it stands."""
    found = Axe().run(page, options=options)
    return [
        f"axe {rule['id']} ({rule['impact']}): {[node['html'][:160] for node in rule['nodes'][:3]]}"
        for rule in found.response["violations"]
    ]
