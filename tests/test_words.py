"""The English of docstrings and documents, and the names of classes."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_practice.env import BASE_DIR

PRODUCT = ("funnel", "kpi_practice", "bench", "dev.py", "gunicorn.conf.py")
TREE = ("funnel", "kpi_practice")
MOST_PRIVATE = 2  # in 1,000 words
MOST_WORDS = 12_000
SHORT = 500

# Each has a standard word: shows, states; stored, enforced; the owner; outcome, total; calculated;
# started, ended; is; again; so that … not; fix.
PRIVATE = re.compile(
    r"""\b(?:
        told|tells|said|says
        |kept|keeps
        |whoever|whose|(?:by|of)[ ]which|what[ ](?:becomes|came)[ ]of|what[ ]it[ ]comes[ ]to
        |comes?[ ]about|came[ ]about|begun|(?:is|are)[ ]over|as[ ]it[ ]goes|once[ ]nothing[ ]is
        |stands?(?!-ins?\b|[ ]in[ ]for\b)
        |anew|meanwhile|lest|none[ ]of|mend(?:s|ed)?
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
# One of each file, or of each outer class.
EVERYWHERE = {"Command", "Migration"}


def sources(*paths: str) -> list[Path]:
    found = []
    for path in (BASE_DIR / name for name in paths):
        found += [path] if path.suffix == ".py" else sorted(path.rglob("*.py"))
    assert found
    return found


def docstrings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def words(text: str) -> int:
    return len(re.findall(r"[A-Za-z’']+", text))


def spoken(text: str) -> list[str]:
    return PRIVATE.findall(" ".join(text.split()))


def too_private(texts: dict[str, str]) -> dict[str, list[str]]:
    """The private words by file, empty if they are few enough of all words."""
    found = {name: spoken(text) for name, text in texts.items()}
    most = MOST_PRIVATE * sum(map(words, texts.values())) / 1000
    if sum(map(len, found.values())) <= most:
        return {}
    return {name: of_file for name, of_file in found.items() if of_file}


def docstrings_of(*paths: str) -> dict[str, str]:
    return {
        str(file.relative_to(BASE_DIR)): "\n".join(docstrings(file.read_text()))
        for file in sources(*paths)
    }


def class_names(source: str) -> Iterator[str]:
    """The names of classes, nested ones after the outer one: `Message.State`."""

    def below(node: ast.AST, outer: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                yield outer + child.name
                yield from below(child, f"{outer}{child.name}.")
            else:
                yield from below(child, outer)

    return below(ast.parse(source), "")


@pytest.mark.parametrize("paths", [PRODUCT, ("tests",)], ids=["product", "tests"])
def test_docstrings_have_standard_words(paths):
    assert too_private(docstrings_of(*paths)) == {}


def test_documents_have_standard_words():
    files = [*BASE_DIR.glob("*.md"), *BASE_DIR.glob("docs/**/*.md")]
    texts = {str(file.relative_to(BASE_DIR)): file.read_text() for file in files}
    assert texts
    assert too_private(texts) == {}
    long = {name: text for name, text in texts.items() if words(text) > SHORT}
    assert {name: spoken(text) for name, text in long.items() if too_private({name: text})} == {}


def test_docstrings_are_short():
    assert sum(map(words, docstrings_of(*TREE).values())) <= MOST_WORDS


def test_a_class_name_has_one_meaning():
    defined = defaultdict(set)
    for file in sources(*TREE):
        for name in class_names(file.read_text()):
            defined[name].add(str(file.relative_to(BASE_DIR)))
    found = {name: files for name, files in defined.items() if len(files) > 1}
    assert {name: files for name, files in found.items() if name not in EVERYWHERE} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The page says whose number is kept.", ["says", "whose", "kept"]),
        ("Once the week is\nover, none of them stands.", ["is over", "none of", "stands"]),
        ("A stand-in stands in for the owner.", []),
        ("It commends standards, understands and keepsakes.", []),
    ],
)
def test_finds_the_private_words(text, found):
    assert spoken(text) == found


def test_finds_docstrings_and_classes():
    source = (
        '"""A."""\nclass B:\n    """C."""\n    class Meta: ...\n'
        '    async def d(self):\n        """E."""\n        class F: ...\n'
    )
    assert [text for text in docstrings(source) if text] == ["A.", "C.", "E."]
    assert list(class_names(source)) == ["B", "B.Meta", "B.F"]
