"""dev.py: the two commands a newcomer types."""

import builtins
import os
import socket
import stat
import subprocess
import sys

import pytest

import dev


@pytest.fixture
def nothing_installed(monkeypatch):
    """Fails the test when a verb goes on to install."""

    def refuse(**kwargs):
        raise AssertionError("went on to install")

    monkeypatch.setattr(dev, "install", refuse)


def test_needs_nothing_but_the_standard_library():
    done = subprocess.run(
        [sys.executable, "-I", "-S", "dev.py", "--help"],
        cwd=dev.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "screenshots" in done.stdout


def test_a_taken_port_gives_the_next_free_one_and_says_so(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = dev.free_port(port)
    assert found > port
    assert f"Port {port} is taken; using {found}." in capsys.readouterr().out


def test_a_free_port_is_used_without_a_word(capsys):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert dev.free_port(port) == port
    assert capsys.readouterr().out == ""


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(monkeypatch, tmp_path):
    monkeypatch.setattr(dev, "SECRET_KEY_FILE", tmp_path / "key")
    first = dev.kept_secret_key()
    assert len(first) >= 50
    assert dev.kept_secret_key() == first
    assert stat.S_IMODE(os.stat(tmp_path / "key").st_mode) == 0o600


def test_the_environment_wins_over_the_trials_defaults(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "mine")
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    environment = dev.trial_environment(8123)
    assert environment["SECRET_KEY"] == "mine"
    assert environment["DATABASE_URL"] == "postgres://somewhere/else"
    assert environment["PORT"] == "8123"


def test_a_step_runs_again_only_when_its_source_changed(tmp_path):
    source, stamp = tmp_path / "requirements.txt", tmp_path / "stamp"
    source.write_text("one")
    seen = []
    for text in ("one", "one", "two"):
        source.write_text(text)
        with dev.once(stamp, source) as is_due:
            seen.append(is_due)
    assert seen == [True, False, True]


def test_a_step_that_failed_runs_again(tmp_path):
    source, stamp = tmp_path / "requirements.txt", tmp_path / "stamp"
    source.write_text("one")
    with pytest.raises(dev.Failure), dev.once(stamp, source):
        raise dev.Failure("no network")
    with dev.once(stamp, source) as is_due:
        assert is_due


def test_a_missing_venv_module_names_the_package_to_install(monkeypatch, tmp_path):
    real_import = builtins.__import__

    def without_ensurepip(name, *args, **kwargs):
        if name == "ensurepip":
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(dev, "PYTHON", tmp_path / "absent")
    monkeypatch.setattr(builtins, "__import__", without_ensurepip)
    with pytest.raises(dev.Failure, match="apt-get install -y python3-venv"):
        dev.make_venv()


def test_a_failed_program_tells_all_it_said():
    with pytest.raises(dev.Failure, match="the reason"):
        dev.call([sys.executable, "-c", "import sys; sys.exit('the reason')"])


@pytest.mark.usefixtures("nothing_installed")
def test_in_ci_a_missing_postgresql_is_a_failure(monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    assert dev.main(["test"]) == 1
    assert "PostgreSQL must be tested too" in capsys.readouterr().err


@pytest.mark.usefixtures("nothing_installed")
def test_in_ci_a_missing_chromium_is_a_failure(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("TEST_DATABASE_URL", "postgres://127.0.0.1/kpi")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dev.main(["test"]) == 1
    assert "chromium is not installed" in capsys.readouterr().err


def prepare(monkeypatch, probe):
    """The manage.py commands that are run on a database the probe describes so."""
    ran = []

    def call(command, *, env):
        if "-c" in command:
            return probe
        ran.append(command[2])
        return ""

    monkeypatch.setattr(dev, "call", call)
    dev.prepare_database({})
    return ran


def test_an_empty_database_is_migrated_and_filled(monkeypatch):
    assert prepare(monkeypatch, "empty given 40\n") == ["migrate", "demo"]


def test_a_database_with_a_practice_gets_no_demo_data(monkeypatch, capsys):
    assert prepare(monkeypatch, "practice own 0\n") == []
    assert "holds a practice already" in capsys.readouterr().out


def test_this_clones_own_database_is_brought_up_to_date(monkeypatch):
    assert prepare(monkeypatch, "practice own 2\n") == ["migrate"]


def test_somebody_elses_database_with_a_practice_is_not_even_migrated(monkeypatch):
    with pytest.raises(dev.Failure, match="left untouched"):
        prepare(monkeypatch, "practice given 2\n")


def test_the_announcement_names_the_address_the_accounts_and_the_password():
    text = dev.announcement(8123)
    assert "http://127.0.0.1:8123/" in text
    assert "weekly-demo-1" in text
    for name in ("marketing", "frontdesk", "coordinator", "doctor", "viewer", "manager", "admin"):
        assert f"{name}@lumina.example" in text
    assert "root@example.com" in text


def test_an_unknown_verb_lists_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        dev.main(["deploy"])
    assert "run" in capsys.readouterr().err


@pytest.mark.parametrize("failing", ["", "postgres"])
def test_tests_run_on_sqlite_and_on_the_given_postgresql_and_one_failure_fails_both(
    monkeypatch, capsys, failing
):
    monkeypatch.setenv("TEST_DATABASE_URL", "postgres://kpi:secret@127.0.0.1:5433/kpi")
    monkeypatch.setattr(dev, "install", lambda **kwargs: None)
    monkeypatch.setattr(dev.os, "cpu_count", lambda: 4)
    urls = []

    class Run:
        def __init__(self, command, *, cwd, env, stdout):
            assert command[-1] == "-x"
            assert command[command.index("-n") + 1] == "auto"
            assert env["PYTEST_XDIST_AUTO_NUM_WORKERS"] == "3"
            self.url = env["KPI_TEST_DATABASE_URL"]
            urls.append(self.url)
            # What cannot tell them apart is left to the first.
            assert bool(env["KPI_TEST_DATABASE_ALONE"]) == (len(urls) > 1)
            if stdout is not None:
                stdout.write("7 passed")

        def wait(self):
            return 3 if self.url.partition(":")[0] == failing else 0

    monkeypatch.setattr(dev.subprocess, "Popen", Run)
    assert dev.main(["test", "-x"]) == 3
    assert urls == ["", "postgres://kpi:secret@127.0.0.1:5433/kpi"]
    out = capsys.readouterr().out
    assert out.index("Tests on PostgreSQL at 127.0.0.1:5433") < out.index("Tests on SQLite")
    assert out.endswith("7 passed")
    assert "secret" not in out


@pytest.mark.parametrize(("tests", "report", "code"), [(0, 0, 0), (1, 0, 1), (0, 2, 2)])
def test_coverage_fails_with_a_failed_test_and_with_too_few_branches(
    monkeypatch, tests, report, code
):
    monkeypatch.setattr(dev, "install", lambda **kwargs: None)
    ran = []

    def call(command, **kwargs):
        ran.append(command[3])
        return {"run": tests, "report": report}.get(command[3])

    monkeypatch.setattr(dev, "call", call)
    monkeypatch.setattr(dev.subprocess, "call", call)
    assert dev.main(["coverage"]) == code
    assert ran == ["erase", "run", "combine", "report"]
