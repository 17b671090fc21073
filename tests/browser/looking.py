"""Looks at a page as its readers do: with assistive technology, in the dark, on a phone."""

import json

from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.pages import Page

LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
# Preloading, axe would write styles into the page, which the page's own policy forbids.
ALL_RULES = {"resultTypes": ["violations"], "preload": False}
CONTRAST = ALL_RULES | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
# axe answers with all it knows of each rule and element; this much of it is read.
WHAT_AND_WHERE = """({ violations }) => violations.map(({ id, impact, nodes }) => {
  return { id, impact, where: nodes.slice(0, 3).map((node) => node.html.slice(0, 160)) };
})"""
SETTLED = "() => Promise.all(document.getAnimations().map((it) => it.finished))"
# Each looks again at every frame: asked from outside, the page's own policy would refuse the second
# question. Chart.js gives a canvas its size when it draws it, and again after a change of width.
DRAWN = """async () => {
  const canvases = [...document.querySelectorAll("canvas")];
  for (let frame = 0; frame < 300 && !canvases.every((it) => it.style.width); frame += 1) {
    await new Promise(requestAnimationFrame);
  }
}"""
STICKING_OUT = """async () => {
  const isWide = () => document.documentElement.scrollWidth > innerWidth;
  for (let frame = 0; frame < 120 && isWide(); frame += 1) {
    await new Promise(requestAnimationFrame);
  }
  if (!isWide()) return [];
  const all = [...document.querySelectorAll("body *")];
  const wide = all.filter((it) => it.getBoundingClientRect().right > innerWidth);
  return ["the page", ...wide.map((it) => it.outerHTML.slice(0, 80))];
}"""


def look(page, watch, seen: Page, *, is_admin_site: bool = False) -> list[str]:
    """Open the page and return its faults."""
    if seen.status != 200:
        watch.expect(seen.path.split("?")[0], seen.status)
    page.set_viewport_size(LAPTOP)
    page.emulate_media(color_scheme="light")
    answer = page.goto(seen.path)
    page.evaluate(DRAWN)
    faults = watch.take_faults()
    if answer.status != seen.status:
        faults.append(f"status {answer.status} instead of {seen.status}")
    if not page.url.split("#")[0].endswith(seen.path):
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
    """What makes the page scroll sideways at its present width, once its charts have taken it."""
    width = page.viewport_size["width"]
    return [f"wider than {width} px: {html}" for html in page.evaluate(STICKING_OUT)[:4]]


def axe_faults(page, options=ALL_RULES) -> list[str]:
    """axe's violations with their selectors."""
    # Half a megabyte of script: once a page, not once a question.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate(f"axe.run({json.dumps(options)}).then({WHAT_AND_WHERE})")
    return [f"axe {it['id']} ({it['impact']}): {it['where']}" for it in violations]
