"""Conventions of the code base, checked in the source."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from funnel.models import JobRun, Message
from tests.house import MAY_IMPORT, PARTS, REPORTS_MAY_IMPORT, TEMPLATES

ROOT = Path(__file__).resolve().parent.parent
FUNNEL = ROOT / "funnel"

WRITERS = {"actions", "outbox", "admin", "demo", "migrations"}
WRITES = {
    "save",
    "create",
    "bulk_create",
    "get_or_create",
    "update",
    "bulk_update",
    "update_or_create",
    "delete",
}
READ_THE_CLOCK = {"views", "api", "management", "admin", "actions", "migrations"}
CLOCK = {"now", "today", "utcnow", "localdate", "localtime"}


def room_of(path):
    """The first step of a module's path below funnel/: its room."""
    return path.relative_to(FUNNEL).parts[0].removesuffix(".py")


def modules(*rooms):
    """(path, tree) of each module of those rooms, of all without any."""
    found = [(path, tree) for path, tree in every_module() if not rooms or room_of(path) in rooms]
    assert found
    return found


@cache
def every_module():
    """As `modules()`; read once for all tests, which change no tree."""
    return tuple(
        (path, ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(FUNNEL.rglob("*.py"))
        if path != FUNNEL / "__init__.py"
    )


def imports(tree):
    """Every module that is imported anywhere in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "Imports say the whole path."
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(tree, names):
    """(line, name) of each call of a method or function of those names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = getattr(called, "attr", None) or getattr(called, "id", None)
            if name in names:
                yield node.lineno, name


def where(path, line):
    return f"{path.relative_to(ROOT)}:{line}"


# Rooms


def test_every_room_imports_only_rooms_below_it():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path, tree in modules()
        for name in imports(tree)
        if name.startswith("funnel.") and name.split(".")[1] not in MAY_IMPORT[room_of(path)]
    ]
    assert wrong == []


def test_every_room_of_reports_imports_the_series_and_few_others():
    wrong = []
    for path, tree in modules("reports"):
        room, *rest = path.relative_to(FUNNEL / "reports").parts
        if not rest:
            continue
        for name in imports(tree):
            parts = name.split(".")
            is_room = parts[:2] == ["funnel", "reports"] and parts[2] in REPORTS_MAY_IMPORT
            if is_room and parts[2] not in REPORTS_MAY_IMPORT[room]:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_the_product_does_not_know_its_configuration():
    assert not [
        (path.name, name)
        for path, tree in modules()
        for name in imports(tree)
        if name.split(".")[0] == "kpi_practice"
    ]


def test_the_domain_is_plain_python():
    foreign = {
        name
        for _, tree in modules("domain")
        for name in imports(tree)
        if name.split(".")[0] not in sys.stdlib_module_names | {"funnel", "babel"}
    }
    assert foreign == set()


def test_only_actions_and_the_admins_own_rows_are_written():
    written = [
        f"{where(path, line)} {name}"
        for path, tree in modules(*set(MAY_IMPORT) - WRITERS - {"models"})
        for line, name in calls(tree, WRITES)
    ]
    assert written == []


def test_whoever_may_not_is_refused_in_one_place():
    raised = [
        where(path, node.lineno)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and "PermissionDenied" in ast.unparse(node)
    ]
    assert len(raised) == 1
    assert raised[0].startswith("funnel/access.py")
    checks = [
        where(path, node.lineno)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and re.match(r"_?check_(admin|manager)", node.name)
    ]
    assert checks == []


def test_a_secret_is_hashed_in_one_place():
    """SHA-256 of contents is not of a secret: ETags, and the check sums of an archive."""
    hashing = {"sha256", "salted_hmac", "scrypt", "pbkdf2", "blake2b", "md5", "sha1"}
    of_contents = {"funnel/etags.py", "funnel/views/tv.py", "funnel/sheets/archive.py"}
    found = {
        path.relative_to(ROOT).as_posix() for path, tree in modules() if any(calls(tree, hashing))
    }
    assert found - of_contents == {"funnel/models/secret.py"}


@pytest.mark.parametrize("column", ["revoked_at", "revoked_by", "last_used", "token_hash"])
def test_one_model_says_what_a_secret_is(column):
    declared = {
        path.name
        for path, tree in modules("models")
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if getattr(target, "id", None) == column
    }
    assert declared == {"secret.py"}


# The libraries that call other hosts.
CALLS_OUT = (
    "socket",
    "ssl",
    "http.client",
    "urllib.request",
    "requests.",
    "smtplib",
    "django.core.mail",
)


def test_other_machines_are_called_in_one_place():
    """Webhooks are called and mails are handed over in one place each. `urllib.parse` and the like
    only take addresses apart."""
    called = {
        path.name
        for path, tree in modules()
        for name in imports(tree)
        if name.startswith(CALLS_OUT)
    }
    assert called == {"outbound.py", "mail.py"}


def test_the_clock_is_read_by_pages_commands_and_actions_alone():
    read = [
        f"{where(path, line)} {name}"
        for path, tree in modules(*set(MAY_IMPORT) - READ_THE_CLOCK)
        for line, name in calls(tree, CLOCK)
    ]
    assert read == []


def listens_to_signals(tree):
    """Whether it imports signals, of Django or of a library, or hangs something on one. A function
    of ours may be called so."""
    return any(calls(tree, {"connect", "receiver"})) or any(
        name.startswith("django.dispatch")
        or ("signals" in name.split(".") and not name.startswith("funnel."))
        for name in imports(tree)
    )


def test_no_logic_hides_in_signals():
    assert not [path.name for path, tree in modules() if listens_to_signals(tree)]


@pytest.mark.parametrize(
    "source",
    [
        "from django.db.models.signals import post_save",
        "from django.db.models import signals",
        "import django.db.models.signals",
        "from allauth.account.signals import user_signed_up",
        "from django.dispatch import receiver",
        "from django.db import models\nmodels.signals.post_save.connect(later)",
    ],
)
def test_signals_are_found_however_they_are_come_by(source):
    assert listens_to_signals(ast.parse(source))


# Sizes and names


def python_files():
    files = [
        path
        for folder in ("funnel", "kpi_practice", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]
    assert len(files) > 50
    return files


def test_a_file_has_at_most_500_lines():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files()
    }
    assert {path: length for path, length in lengths.items() if length > 500} == {}


def test_a_view_is_shorter_than_50_lines():
    functions = [
        (where(path, node.lineno), node.end_lineno - node.lineno + 1)
        for path, tree in modules("views")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    ]
    assert [function for function in functions if function[1] >= 50] == []


def test_no_room_is_called_utils():
    assert not [path for path in python_files() if path.stem in {"utils", "helpers", "common"}]


def view_names():
    return [p.stem for p, _ in modules("views") if p.stem not in {"__init__", "seated"}]


def test_every_view_has_its_url_and_its_tests():
    routed = (FUNNEL / "urls.py").read_text(encoding="utf-8")
    for view in view_names():
        assert f"from funnel.views.{view} import {view}\n" in routed
        assert (ROOT / "tests/views" / f"test_{view}.py").exists()


def rendered_pages(tree):
    """The names of the pages' templates in a view; it has none where it redirects or calls the
    view of another page."""
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {
        found[1]
        for text in texts
        if isinstance(text, str) and (found := re.fullmatch(r"funnel/(\w+)\.html", text))
    }


def test_every_page_is_rendered_by_the_view_of_its_name():
    pages = {path.stem for path in (ROOT / "templates/funnel").glob("*.html")}
    renders = {path.stem: rendered_pages(tree) for path, tree in modules("views")}
    for view, rendered in renders.items():
        assert rendered <= {TEMPLATES.get(view, view)}, view
    assert set().union(*renders.values()) == pages
    assert TEMPLATES.keys() <= renders.keys()


@pytest.mark.parametrize(
    "room",
    ["domain", "sheets", "outbox", "actions", "reports", "senders", "forms", "templatetags"],
)
def test_every_file_has_its_tests_under_the_same_name(room):
    for path, _ in modules(room):
        file = path.relative_to(FUNNEL)
        if path.stem == "__init__" or file.with_suffix("").as_posix() in PARTS:
            continue
        if room == "forms" and path.stem.startswith("admin"):
            continue
        assert (ROOT / "tests" / file.parent / f"test_{path.name}").exists(), file


def test_every_form_of_the_admin_is_tested_on_the_page_that_has_it():
    """The admin makes such a form complete: without its page it has no `act`, no practice."""
    forms = {path.stem for path, _ in modules("forms") if path.stem.startswith("admin")}
    used = {
        name.split(".")[2]
        for path, tree in modules("admin")
        if (ROOT / "tests/admin" / f"test_{path.name}").exists()
        for name in imports(tree)
        if name.startswith("funnel.forms.")
    }
    assert forms
    assert forms <= used


def test_every_part_is_tested_where_the_list_says():
    for part, tests in PARTS.items():
        assert (FUNNEL / f"{part}.py").exists()
        assert (ROOT / "tests" / f"{tests}.py").exists()


# Sentences


def test_public_functions_have_a_docstring():
    functions = [
        (where(path, node.lineno), ast.get_docstring(node))
        for path, tree in modules("domain", "actions", "reports", "access")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]
    assert len(functions) > 200
    assert [place for place, docstring in functions if not docstring] == []


def test_nothing_is_printed():
    assert [where(p, line) for p, tree in modules() for line, _ in calls(tree, {"print"})] == []


def templates():
    found = sorted((ROOT / "templates").rglob("*.html"))
    assert found
    return found


@pytest.mark.parametrize(
    "forbidden",
    [
        r"\|\s*safe(seq)?\b",
        r"autoescape\s+off",
        r"\sstyle\s*=",
        r"<style\b",
        r"\son[a-z]+\s*=\s*[\"']",
        r"<script(?![^>]*\bsrc=)",
        r"(src|href)\s*=\s*[\"'](https?:)?//",
    ],
)
def test_templates_escape_everything_and_hold_no_style_and_no_script(forbidden):
    found = [
        str(path.relative_to(ROOT))
        for path in templates()
        if re.search(forbidden, path.read_text(encoding="utf-8"))
    ]
    assert found == []


# What is true


def our_models():
    return [
        model
        for model in apps.get_app_config("funnel").get_models()
        if not hasattr(model, "history_id")
    ]


def test_whoever_did_it_stands_beside_when():
    # What the app itself does has no one who did it.
    for model in set(our_models()) - {Message, JobRun}:
        names = {field.name for field in model._meta.get_fields()}
        at = {name.removesuffix("_at") for name in names if name.endswith("_at")} - {"joined"}
        assert at == {name.removesuffix("_by") for name in names if name.endswith("_by")}


def test_nothing_disappears_because_something_else_was_deleted():
    links = [
        field
        for model in our_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
    ]
    assert links
    assert {field.remote_field.on_delete for field in links} == {models.PROTECT}


def test_everything_that_decides_keeps_its_history():
    kept = {model.__name__ for model in our_models() if hasattr(model, "history")}
    assert kept == {
        "FollowUp",
        "KPI",
        "Ownership",
        "PatientValue",
        "Place",
        "Practice",
        "ShortWeek",
        "Staff",
        "StandIn",
        "Target",
        "WeeklyEntry",
    }


def test_constraints_and_indexes_are_named_after_the_app_and_say_a_fact():
    for model in our_models():
        for constraint in model._meta.constraints:
            assert re.fullmatch(r"funnel_[a-z]+_[a-z_]+", constraint.name)
