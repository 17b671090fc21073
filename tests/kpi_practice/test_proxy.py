"""deploy/nginx.conf and gunicorn.conf.py as shipped, run for real: no log has a secret."""

import hashlib
import os
import re
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.urls import URLPattern, get_resolver

from kpi_practice.logs import SECRET_PATHS, masked, nginx_map
from tests.conftest import NGINX

ROOT = Path(settings.BASE_DIR)
SHIPPED = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
HOST = "127.0.0.1"
BOUND = 30


def secret(kind):
    return hashlib.sha256(kind.encode()).hexdigest()[:40]


# By kind: the address, and headers.
KINDS = {
    "screen": ("/tv/{}/", {}),
    "one-number link": ("/e/{}/?x=1", {}),
    "calendar": ("/calendar/{}.ics", {}),
    "new address": ("/address/{}/", {}),
    "reset key": ("/accounts/password/reset/key/1-{}/", {}),
    "invitation": ("/accounts/password/reset/key/2-{}/?next=/join/lumina/", {}),
    "vendor page": ("/v/{}/", {}),
    "token in a path": ("/api/v1/practices/kpi_{}/", {}),
    "token in a query": ("/api/v1/practices/?token=kpi_{}", {}),
    "token in its header": ("/api/v1/practices/", {"Authorization": "Bearer kpi_{}"}),
    "page behind a link": ("/start/?next=%2Fe%2F{}%2F", {}),
    "referer": ("/missing/", {"Referer": "http://127.0.0.1/accounts/password/reset/key/3-{}/"}),
}
LOGS = ("gunicorn access", "app", "nginx access", "nginx error")


def test_the_proxy_has_the_list_of_the_app():
    assert nginx_map() in SHIPPED
    logs = re.findall(r"(?m)^ *(access_log|error_log) +(.+);$", SHIPPED)
    assert logs == 2 * [
        ("access_log", "/var/log/nginx/access.log loggable"),
        ("error_log", "/dev/null emerg"),
    ]


def test_every_address_with_a_key_is_on_the_list():
    keyed = [route for route in _routes(get_resolver()) if re.search(r":token>|<key>|:key>", route)]
    assert len(keyed) >= 6
    for route in keyed:
        path = route.replace("^", "")
        assert any(path.startswith(f"{listed}/") for listed in SECRET_PATHS), route


def _routes(resolver, before=""):
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from _routes(entry, route)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_masked_wherever_it_stands(kind):
    path, headers = KINDS[kind]
    for text in (path, *headers.values()):
        line = f'"GET {text.format(secret(kind))} HTTP/1.1" 404'
        assert secret(kind) not in masked(line)
        assert masked(line).endswith("404")


# For real


class Logs:
    """What each of the four logs has, over all states."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {name: folder / f"{name.replace(' ', '-')}.log" for name in LOGS}
        for file in self.files.values():
            file.touch()

    def found(self):
        """(log, kind) of each secret in a log."""
        texts = {name: file.read_text(errors="replace") for name, file in self.files.items()}
        return {
            (name, kind) for name, text in texts.items() for kind in KINDS if secret(kind) in text
        }


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextmanager
def gunicorn(logs, database, *options):
    """The app's port, served with the shipped configuration."""
    port = free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kpi_practice.settings",
        "DATABASE_URL": database,
        "SITE_URL": f"http://{HOST}:{port}",
        "LOG_LEVEL": "INFO",
        "PORT": str(port),
        "ANNOUNCEMENT": "ready",
    }
    command = [sys.executable, "-m", "gunicorn", *options]
    command += ["--access-logfile", str(logs.files["gunicorn access"]), "kpi_practice.wsgi"]
    with logs.files["app"].open("ab") as app:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=app
        )
        try:
            assert process.stdout.readline() == b"ready\n"
            yield port
        finally:
            process.terminate()
            process.wait(BOUND)
            process.stdout.close()


@contextmanager
def nginx(logs, configuration, upstream, patience):
    """The proxy's port in front of that one, with a shipped or changed configuration."""
    port, plain = free_port(), free_port()
    site = re.sub(r"(?m)^ *(ssl_.*|listen \[.*)\n", "", configuration)
    for old, new in (
        ("listen 443 ssl http2;", f"listen {HOST}:{port};"),
        ("listen 80;", f"listen {HOST}:{plain};"),
        ("127.0.0.1:8000", f"{HOST}:{upstream}"),
        ("/var/log/nginx/access.log", str(logs.files["nginx access"]).replace(" ", r"\ ")),
        ("proxy_read_timeout 35s", f"proxy_read_timeout {patience}"),
    ):
        assert old in site
        site = site.replace(old, new)
    folder = logs.folder / f"nginx-{port}"
    folder.mkdir()
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid;\nworker_processes 1;\nevents {{}}\nhttp {{\n"
        + "".join(f"{it}_temp_path {folder};\n" for it in ("client_body", "proxy", "fastcgi"))
        + f"uwsgi_temp_path {folder};\nscgi_temp_path {folder};\n{site}}}\n",
        encoding="utf-8",
    )
    errors = logs.files["nginx error"]
    command = [NGINX, "-e", str(errors), "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    command += ["-g", f"error_log {errors};"]
    # It returns once it listens.
    subprocess.run(command, check=True, timeout=BOUND)
    try:
        yield port, plain
    finally:
        subprocess.run([*command, "-s", "quit"], check=True, timeout=BOUND)
        _await_end(folder / "pid")


def _await_end(pid_file):
    """Its last lines are written once it is gone."""
    try:
        pid = int(pid_file.read_text())
        while True:
            os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return


def ask(port, request):
    """The status of the answer to a raw request."""
    with socket.create_connection((HOST, port), timeout=BOUND) as client:
        client.sendall(request.encode())
        line = client.makefile("rb").readline().split()
        return int(line[1]) if len(line) > 1 else 0


def request(kind, method="GET", length=0, host=HOST):
    path, headers = KINDS[kind]
    given = {"Host": host, "Connection": "close", "Content-Length": str(length), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".format(secret(kind))


def url_of_the_test_database():
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def go_through(logs, configuration, names, *options):
    """Asks for every kind while the app is up, failing, silent and down; the statuses by state."""
    answers = {}
    broken = f"sqlite:///{logs.folder}/empty.sqlite3"
    databases = {"up": url_of_the_test_database(), "failing": broken}
    with ExitStack() as servers:
        silent = servers.enter_context(socket.create_server((HOST, 0), backlog=100))
        states = {"silent": silent.getsockname()[1], "down": free_port()}
        for state, database in databases.items():
            if state in names:
                states[state] = servers.enter_context(gunicorn(logs, database, *options))
        for state in names:
            patience = "100ms" if state == "silent" else "30s"
            with nginx(logs, configuration, states[state], patience) as (port, plain):
                answers[state] = {
                    status
                    for kind in KINDS
                    for status in (
                        ask(port, request(kind)),
                        ask(port, request(kind, "DELETE")),
                        ask(port, request(kind, "POST")),
                        ask(port, request(kind, host="elsewhere")),
                        # Refused by its length, before any of it is read.
                        ask(port, request(kind, "POST", 9_000_000)),
                        ask(plain, request(kind)),
                    )
                }
        for kind in KINDS:
            # Without a version: gunicorn quotes the line in its error.
            path = KINDS[kind][0].format(secret(kind))
            ask(states["failing"], f"GET {path}\r\n\r\n")
    return answers


@pytest.fixture
def logs(tmp_path):
    return Logs(tmp_path)


@pytest.mark.nginx
@pytest.mark.django_db(transaction=True)
def test_no_log_has_a_secret_whatever_state_the_app_is_in(logs):
    answers = go_through(logs, SHIPPED, ("up", "failing", "silent", "down"))
    assert answers["up"] >= {404, 405, 403, 400, 413, 301}
    assert answers["failing"] >= {500, 413, 301}
    assert answers["silent"] == {504, 413, 301}
    assert answers["down"] == {502, 413, 301}
    assert logs.found() == set()
    access = logs.files["nginx access"].read_text()
    assert len(access.splitlines()) == 4 * 6 * len(KINDS)
    assert '"GET /tv/... HTTP/1.1" 502' in access
    assert '"GET /missing/ HTTP/1.1" 404' in access
    assert "Internal Server Error: /calendar/…" in logs.files["app"].read_text()
    assert "GET /tv/…" in logs.files["gunicorn access"].read_text()


@pytest.mark.nginx
@pytest.mark.django_db(transaction=True)
def test_without_the_list_every_log_has_some(logs):
    plain = logs.folder / "plain.py"
    plain.write_text(
        "import logging, os\n"
        "bind = f\"127.0.0.1:{os.environ['PORT']}\"\n"
        "def when_ready(server):\n    print('ready', flush=True)\n"
        "def post_worker_init(worker):\n"
        "    for handler in logging.getLogger().handlers:\n"
        "        handler.setFormatter(logging.Formatter())\n",
        encoding="utf-8",
    )
    unmasked = SHIPPED.replace("error_log /dev/null emerg;", "")
    unmasked = unmasked.replace("access.log loggable;", "access.log combined;")
    go_through(logs, unmasked, ("failing",), "--config", str(plain))
    found = logs.found()
    assert {log for log, _ in found} == set(LOGS)
    assert {kind for _, kind in found} == set(KINDS) - {"token in its header"}
