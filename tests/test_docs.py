"""The documents: what they name is there, and what is there is named."""

import re
from datetime import date
from pathlib import Path

import pytest

from kpi_practice.env import BASE_DIR

DOCUMENTS = sorted([*BASE_DIR.glob("*.md"), *BASE_DIR.glob("docs/**/*.md")])
SOURCES = [
    file
    for room in ("bench", "funnel", "kpi_practice", "tests")
    for file in sorted((BASE_DIR / room).rglob("*.py"))
] + [BASE_DIR / "dev.py", BASE_DIR / "gunicorn.conf.py"]
# gunicorn reads it itself.
ELSEWHERE = {"WEB_CONCURRENCY"}
# The path of the settings file cannot be set in it.
NOT_IN_THE_EXAMPLE = {"ENV_FILE"}


def name_of(file: Path) -> str:
    return str(file.relative_to(BASE_DIR))


def prose(file: Path) -> str:
    """The document without its code, in which `#` and `](` mean something else."""
    text = re.sub(r"```.*?```", "", file.read_text(), flags=re.S)
    return re.sub(r"^ {4}.*$", "", text, flags=re.M)


def anchors(file: Path) -> set[str]:
    """What a link to a heading may say after its #, as GitHub makes it from the heading."""
    headings = re.findall(r"^#+ +(.+?) *$", prose(file), flags=re.M)
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {word.replace(" ", "-") for word in words}


def variables_read() -> set[str]:
    """Every environment variable that the settings or gunicorn's file read."""
    read = set(ELSEWHERE)
    for name in ("kpi_practice/env.py", "kpi_practice/settings.py", "gunicorn.conf.py"):
        text = (BASE_DIR / name).read_text()
        read |= set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', text))
        read |= set(re.findall(r'os\.environ(?:\.get\(|\[)\s*"([A-Z_]+)"', text))
    # dev.py's own word to the server it starts.
    return read - {"ANNOUNCEMENT"}


def test_finds_the_variables_that_are_read():
    assert variables_read() >= {"SECRET_KEY", "PORT", "ENV_FILE", "DATABASE_LOCK_TIMEOUT_MS"}


def test_every_variable_stands_in_the_example():
    example = (BASE_DIR / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", example, flags=re.M))
    assert variables_read() - NOT_IN_THE_EXAMPLE == named


def test_every_variable_stands_in_the_readmes_table():
    chapter = (BASE_DIR / "README.md").read_text().split("## Configuration")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", chapter, flags=re.M)) == variables_read()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(document):
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_formula_that_the_code_names_is_in_the_measures():
    headings = anchors(BASE_DIR / "docs/measures.md")
    named = {
        (name_of(file), anchor)
        for file in SOURCES
        for anchor in re.findall(r"docs/measures\.md#([\w-]+)", file.read_text())
    }
    assert named
    assert {(file, anchor) for file, anchor in named if anchor not in headings} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_file_a_document_names_is_there(document):
    rooms = "funnel|kpi_practice|templates|static|tests|deploy|docs|bench"
    named = set(re.findall(rf"`((?:{rooms})/[\w./-]*)`", prose(document)))
    assert {name for name in named if not (BASE_DIR / name).exists()} == set()


def test_the_drawing_of_the_house_has_every_room():
    chapter = (BASE_DIR / "CONTRIBUTING.md").read_text().split("## The house")[1].split("\n## ")[0]
    rooms = {
        file.name + "/" * file.is_dir()
        for file in (BASE_DIR / "funnel").iterdir()
        if not file.name.startswith("__")
    }
    assert {room for room in rooms if room not in chapter} == {"apps.py", "migrations/", "urls.py"}


# Decisions

ADR = BASE_DIR / "docs/adr"
DECISIONS = {int(file.name[:4]): file for file in sorted(ADR.glob("[0-9]*.md"))}
STATUS = r"Date: (2\d{3}-\d\d-\d\d) · Status: (accepted|replaced by \d+)"


def listed_decisions():
    """The rows of the list: number, title, date and status, each with the name of its page, ""
    where that is gone."""
    rows = re.findall(
        r"^\| (?:\[(\d+)\]\((.+)\)|(\d+)) \| (.+) \| (.+) \| (.+) \|$",
        (ADR / "README.md").read_text(),
        flags=re.M,
    )
    return [(int(linked or gone), page, *rest) for linked, page, gone, *rest in rows]


def test_every_decision_has_a_number_of_its_own_and_is_listed():
    assert len(DECISIONS) == len(list(ADR.glob("*.md"))) - 1
    assert [row[0] for row in listed_decisions()] == list(range(1, max(DECISIONS) + 1))
    pages = {number: page for number, page, *_ in listed_decisions() if page}
    assert pages == {number: file.name for number, file in DECISIONS.items()}


@pytest.mark.parametrize("number", DECISIONS)
def test_a_page_has_its_number_a_date_and_a_status_which_the_list_repeats(number):
    title, _, line, *_ = DECISIONS[number].read_text().splitlines()
    found = re.fullmatch(STATUS, line)
    assert found
    date.fromisoformat(found[1])
    row = (number, DECISIONS[number].name, title.removeprefix(f"# {number}. "), *found.groups())
    assert row in listed_decisions()


def test_what_is_replaced_is_named_by_the_page_that_replaces_it():
    replaced = [row for row in listed_decisions() if row[4] != "accepted"]
    assert replaced
    for number, page, _, _, status in listed_decisions():
        if status == "accepted":
            assert page
        else:
            later = DECISIONS[int(status.removeprefix("replaced by "))].read_text()
            assert re.search(rf"^Replaces .*\b{number}\b", later, flags=re.M)
