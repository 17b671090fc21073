"""A spreadsheet comes in by the browser: asked about, looked at, imported with its progress in
sight, and undone; with the script and without it."""

import threading

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from funnel.actions import importing
from funnel.domain.weeks import Week
from funnel.models import WeeklyEntry
from tests.browser.conftest import PATIENCE_MS
from tests.browser.pages import PAST
from tests.factories import TODAY

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("demo")]

MANAGER = "manager@lumina.example"
RUNNING = Week.running(TODAY)


def file_of(text):
    return {"name": "numbers.csv", "mimeType": "text/csv", "buffer": text.encode()}


def choose(page, text):
    page.goto("/practices/lumina/import/?next=/practices/lumina/")
    page.get_by_label("Spreadsheet").set_input_files(file_of(text))
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("heading", name="numbers.csv").wait_for()


def numbers():
    return WeeklyEntry.objects.filter(practice__slug="lumina").count()


def ask_and_import(page):
    """A file with a question of each kind: the dates are European, the numbers American."""
    before = numbers()
    choose(page, f"Week;Leads;Walk-ins\n{RUNNING.monday:%d/%m/%Y};1,234;5\n01/12/2025;7;5\n")
    page.get_by_label("with a point before decimals").check()
    page.get_by_label("Walk-ins").select_option("Leave it out")
    page.get_by_role("button", name="Show what would be imported").click()
    expect(page.get_by_text("1 new and 1 changed numbers")).to_be_visible()
    expect(page.get_by_text("Left out: Walk-ins.")).to_be_visible()
    assert numbers() == before
    page.get_by_role("button", name="Import 2 numbers").click()
    expect(page.get_by_text("Imported")).to_be_visible()
    assert numbers() == before + 1
    page.get_by_text("Undo this import").click()
    page.get_by_role("button", name="Undo the import of 2 numbers").click()
    expect(page.get_by_text("The numbers have their earlier values again.")).to_be_visible()
    assert numbers() == before
    page.get_by_role("link", name="Back to the start").click()
    page.wait_for_url("**/practices/lumina/")


def test_by_script(page, sign_in, watch):
    sign_in(page.context, MANAGER)
    ask_and_import(page)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_script(page, log_in):
    log_in(page, MANAGER)
    ask_and_import(page)


WATCH_THE_BAR = """() => {
    const progress = document.querySelector("[data-progress]");
    const [words, bar] = [progress.querySelector("p"), progress.querySelector("progress")];
    const tell = () => window.told([bar.value, bar.max, words.textContent]);
    new MutationObserver(tell).observe(progress, {subtree: true, childList: true});
}"""


def test_the_progress_is_told_while_the_numbers_are_written(page, sign_in, monkeypatch):
    told, is_told, real = [], threading.Event(), importing._write

    def tell(step):
        told.append(step)
        is_told.set()

    def write(by, draft, lines, *rest):
        if lines[0].line > 2:
            # The second number is written only once the first is seen to be.
            assert is_told.wait(PATIENCE_MS / 1000)
        real(by, draft, lines, *rest)

    monkeypatch.setattr(importing, "BATCH", 1)
    monkeypatch.setattr(importing, "_write", write)
    sign_in(page.context, MANAGER)
    choose(page, f"Week,KPI,Value\n{RUNNING},Google rating,4.1\n{PAST},Google rating,4.2\n")
    page.expose_function("told", tell)
    page.evaluate(WATCH_THE_BAR)
    page.get_by_role("button", name="Import 2 numbers").click()
    expect(page.get_by_text("Imported")).to_be_visible()
    assert told == [[1, 2, "1 of 2 numbers"], [2, 2, "2 of 2 numbers"]]


def test_what_was_saved_meanwhile_is_shown_before_anything_is_imported(page, sign_in):
    sign_in(page.context, MANAGER)
    choose(page, f"Week,Leads\n{RUNNING},61\n")
    page.get_by_role("button", name="Import 1 number").wait_for()
    other = page.context.new_page()
    other.goto(reverse("enter", args=["lumina", RUNNING]))
    card = other.get_by_role("article", name="Leads")
    card.get_by_role("textbox", name="Leads").fill("60")
    card.get_by_label("Why you enter it").fill("Tom is ill.")
    card.get_by_role("button", name="Save").click()
    other.get_by_role("status").wait_for()
    page.get_by_role("button", name="Import 1 number").click()
    expect(page.get_by_role("alert")).to_contain_text("Numbers were saved in the meantime")
    expect(page.get_by_text("0 new and 1 changed number")).to_be_visible()
