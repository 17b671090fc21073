"""The files that tools read: editors, installers, hooks."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from kpi_practice.env import BASE_DIR

ROOMS = (".ci", "bench", "deploy", "docs", "funnel", "kpi_practice", "static", "templates", "tests")
BINARY = {".pyc", ".png", ".xlsx"}
PYPROJECT = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())


def text_files():
    files = [file for file in BASE_DIR.glob("*.*") if file.suffix in {".md", ".toml", ".in"}]
    for room in ROOMS:
        files += [
            file
            for file in (BASE_DIR / room).rglob("*")
            if file.is_file() and file.suffix not in BINARY
        ]
    assert len(files) > 500
    return files


def test_every_file_is_as_editorconfig_asks():
    wrong = []
    for file in text_files():
        text = file.read_bytes().decode()
        if re.search(r"[ \t]+$|\r|^ *\t", text, flags=re.M) or (text and text[-1:] != "\n"):
            wrong.append(str(file.relative_to(BASE_DIR)))
    assert wrong == []


def test_the_license_is_named_where_tools_and_people_look():
    assert (BASE_DIR / "LICENSE").read_text().startswith("BSD 3-Clause License\n")
    assert PYPROJECT["project"]["license"] == "BSD-3-Clause"
    assert "[LICENSE](LICENSE)" in (BASE_DIR / "README.md").read_text()


def test_the_hook_before_a_commit_runs_the_checks_of_lint_and_no_others():
    config = yaml.safe_load((BASE_DIR / ".pre-commit-config.yaml").read_text())
    hooks = [(repo["repo"], hook) for repo in config["repos"] for hook in repo["hooks"]]
    assert [(repo, hook["entry"]) for repo, hook in hooks] == [("local", "python3 dev.py lint")]
    [(_, hook)] = hooks
    # Whichever files a commit has, all of them are checked.
    assert hook["always_run"]
    assert not hook["pass_filenames"]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("no-unused-vars", "const unused = 1;"),
        ("no-undef", "later();"),
        ("no-undef", "leaked = 1;"),
        ("eqeqeq", "if (document.title == null) document.title = String();"),
        ("no-implicit-globals", "})(); var leaked = 1; (() => {"),
        ("no-implicit-globals", "})(); function leaked() {} (() => {"),
        ("no-console", "console.log(1);"),
    ],
)
def test_a_script_with_a_fault_is_refused(rule, line, tmp_path):
    script = tmp_path / "script.js"
    script.write_text(f'(() => {{\n  "use strict";\n  {line}\n}})();\n')
    oxlint = Path(sys.executable).with_name("oxlint")
    done = subprocess.run(
        [oxlint, "--config", BASE_DIR / ".oxlintrc.json", "--format", "unix", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"({rule})" in done.stdout
