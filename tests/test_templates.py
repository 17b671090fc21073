"""What the Content-Security-Policy would block, what would let text become markup, and that HTML is
written in templates alone."""

import ast
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


A_TAG = re.compile(r"</?[a-z][a-z0-9]*(?=[\s>/]|$)", re.IGNORECASE)
MAKES_SAFE = {"format_html", "format_html_join", "mark_safe", "SafeString", "SafeText"}
# Each writes one value: the dash of a missing number, the warning beside a field.
FORMATTERS = {"funnel/templatetags/numbers.py", "funnel/admin/base.py"}


def html_in(source):
    """The lines of Python that make HTML: a tag in a string, or a call that declares text to be
    safe. Docstrings may name a tag."""
    tree = ast.parse(source)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = node not in docstrings and A_TAG.search(node.value)
        elif isinstance(node, ast.Call):
            found = getattr(node.func, "attr", getattr(node.func, "id", "")) in MAKES_SAFE
        else:
            continue
        if found:
            yield node.lineno


def test_python_writes_no_html_except_one_value_formatters():
    root = Path(settings.BASE_DIR)
    files = [path for room in ("funnel", "kpi_practice") for path in (root / room).rglob("*.py")]
    writers = {
        f"{path.relative_to(root)}" for path in files for _ in html_in(path.read_text("utf-8"))
    }
    assert writers == FORMATTERS


@pytest.mark.parametrize(
    "source",
    [
        "x = '<p>'",
        "x = f'<td class=n>{v}</td>'",
        "x = '</li>'",
        "x = '<span ' + kind",
        "x = '<br>'",
        "format_html('{}', v)",
        "html.mark_safe(v)",
        "SafeString(v)",
    ],
)
def test_html_is_found(source):
    assert list(html_in(source))


@pytest.mark.parametrize("source", ["x = 'a < b'", "x = '<'", "x = '1 <2'", "def f():\n    '<b>'"])
def test_what_is_not_html_is_not_found(source):
    assert not list(html_in(source))
