"""Looks at a page as its readers do: with assistive technology, in the dark, on a phone."""

from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import Page

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# Chart.js has drawn as soon as a canvas is there with its own size.
IS_DRAWN = "() => [...document.querySelectorAll('canvas')].every(it => it.style.width)"
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
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
    faults += axe_faults(page, is_admin_site=is_admin_site)
    page.emulate_media(color_scheme="dark")
    faults += [f"dark: {fault}" for fault in axe_faults(page, COLOURS)]
    page.set_viewport_size(PHONE)
    if not is_admin_site and page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append(f"wider than a phone: {page.evaluate(TOO_WIDE)}")
    return faults


def axe_faults(page, options=None, *, is_admin_site: bool = False) -> list[str]:
    """axe's violations, each with where it stands."""
    found = Axe().run(page, options=options or {"resultTypes": ["violations"]})
    return [
        f"axe {rule['id']} ({rule['impact']}): {[node['html'][:160] for node in rule['nodes'][:3]]}"
        for rule in found.response["violations"]
    ]
