"""What the Content-Security-Policy would block, what would let text become markup, and that HTML is
written in templates alone."""

import ast
import io
import re
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import reverse

from funnel.domain.weeks import Week
from funnel.models import Meeting, Practice, User
from tests.factories import TODAY, WEEK

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


# The name of a group in a pattern, as in (?P<whole>…), is no tag.
A_TAG = re.compile(r"(?<!\?P)(?<!\(\?)(?<!\\g)</?[a-z][a-z0-9]*(?=[\s>/]|$)", re.IGNORECASE)
MAKES_SAFE = {"format_html", "format_html_join", "mark_safe", "SafeString", "SafeText"}
# Each writes one value: the dash of a missing number, the warning beside a field.
FORMATTERS = {"funnel/templatetags/numbers.py", "funnel/admin/base.py"}
# Puts what templates rendered into what templates rendered: it declares that safe, and has no tag.
JOINERS = {"funnel/parts.py"}


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
    assert writers == FORMATTERS | JOINERS
    for path in JOINERS:
        assert not A_TAG.search((root / path).read_text("utf-8"))


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


# The names of the rules of one number over time: pages say better or worse than usual instead.
NAMES_OF_RULES = re.compile(r"\b(?:shifted|leaning|outside(?! the funnel))\b", re.IGNORECASE)
WORDS_FOR_USERS = (
    *(path for path in TEMPLATES.rglob("*") if path.is_file()),
    *(Path(settings.BASE_DIR) / "static/js").glob("*.js"),
    *(Path(settings.BASE_DIR) / "docs").glob("*.md"),
    Path(settings.BASE_DIR) / "README.md",
)
# What a browser shows of a page beside its text.
SHOWN = re.compile(r'(?:aria-label|title|alt|placeholder)="([^"]*)"')


def shown_by(page):
    """The words of a page: its text, its attributes that are read, and the data of its charts."""
    text = re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL)
    return " ".join([*SHOWN.findall(text), re.sub(r"<[^>]*>", " ", text)])


def test_no_template_script_or_document_names_a_rule():
    """docs/measures.md may, where it explains how one number is judged."""
    found = {}
    for path in WORDS_FOR_USERS:
        text = path.read_text("utf-8")
        if path.name == "measures.md":
            before, _, rest = text.partition("## Behaviour of one number over time")
            text = before + rest.partition("\n## ")[2]
        if names := NAMES_OF_RULES.findall(text):
            found[path.name] = names
    assert found == {}


@pytest.mark.parametrize(
    ("sentence", "is_found"),
    [
        ("It has shifted: 8 weeks", True),
        ("Outside, leaning", True),
        ("outside what is usual", True),
        ("a KPI outside the funnel", False),
        ("the shift of Monday", False),
    ],
)
def test_the_name_of_a_rule_is_found(sentence, is_found):
    assert bool(NAMES_OF_RULES.search(shown_by(f'<p title="{sentence}">x</p>'))) == is_found


@pytest.mark.django_db
def test_no_page_or_mail_of_the_demo_names_a_rule(client, mailoutbox):
    with time_machine.travel("2026-11-24T13:00Z", tick=False):
        call_command("demo", today=TODAY, stdout=io.StringIO())
        client.force_login(User.objects.get(email="root@example.com"))
        pages = ["/", *(path for practice in Practice.objects.all() for path in pages_of(practice))]
        texts = {path: client.get(path, follow=True) for path in pages}
        for command in ("send_reminders", "mail_unowned", "mail_recaps"):
            call_command(command, stdout=io.StringIO())
    assert {answer.status_code for answer in texts.values()} == {200}
    found = {
        path: names
        for path, answer in texts.items()
        if (names := NAMES_OF_RULES.findall(shown_by(answer.content.decode())))
    }
    assert found == {}
    assert "usual" in shown_by(texts[reverse("dashboard", args=["lumina"])].content.decode())
    assert mailoutbox
    assert not [mail.body for mail in mailoutbox if NAMES_OF_RULES.search(mail.body)]


def pages_of(practice):
    """The pages of a practice that say how its numbers are."""
    slug = practice.slug
    for name in ("dashboard", "meeting", "scorecard", "enter", "responsibilities", "meetings"):
        yield reverse(name, args=[slug])
    for week in WEEK.back(4):
        yield reverse("dashboard", args=[slug, week])
    for meeting in Meeting.objects.closed().filter(practice=practice):
        yield reverse("recap", args=[slug, Week(meeting.week)])
    yield reverse("dashboard", args=[slug, WEEK.next])
    for by in ("month", "quarter"):
        yield f"{reverse('scorecard', args=[slug])}?by={by}"
    for kpi in practice.kpis.all():
        yield f"{reverse('history', args=[slug, kpi.slug])}?weeks=all"
