"""What the Content-Security-Policy would block, and what would let text become markup."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))

FORBIDDEN = {
    "marks text as safe": re.compile(r"\|\s*safe\b|\bsafeseq\b|\{%\s*autoescape\s+off"),
    "has an inline style": re.compile(r"<[^>]*\sstyle\s*=|<style\b", re.I),
    "has an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "has an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.I),
    "leaves the site": re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.I),
}
SAMPLES = {
    "marks text as safe": "{{ note|safe }}",
    "has an inline style": '<p style="color: red">',
    "has an inline handler": '<button onclick="go()">',
    "has an inline script": "<script>go()</script>",
    "leaves the site": '<script src="https://cdn.example/x.js"></script>',
}


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


@pytest.mark.parametrize("fault", FORBIDDEN)
def test_no_template(fault):
    guilty = [name(path) for path in PAGES if FORBIDDEN[fault].search(path.read_text())]
    assert PAGES
    assert not guilty, f"{fault}: {guilty}"


@pytest.mark.parametrize("fault", FORBIDDEN)
def test_the_search_finds(fault):
    assert FORBIDDEN[fault].search(SAMPLES[fault])


@pytest.mark.parametrize("page", [name(path) for path in PAGES])
def test_compiles(page):
    assert get_template(page)


def test_the_page_of_a_broken_server_needs_nothing_to_render():
    text = (TEMPLATES / "500.html").read_text()
    assert "{%" not in text
    assert "{{" not in text
