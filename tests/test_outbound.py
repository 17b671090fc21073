"""Calls to other machines, against servers of this one."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from funnel import outbound

HERE = ("127.0.0.1",)


class Listener(BaseHTTPRequestHandler):
    """Answer with the status in the path, and record the request."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        self.send_response(int(self.path.strip("/").split("?")[0] or 200))
        self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_):
        """Log nothing."""


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        server.heard = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def post(url, body=b"{}", **how):
    return outbound.post(url, body, {"X-Said": "yes"}, **{"private_hosts": HERE, **how})


def test_posts_what_it_was_given_and_tells_the_answer(server):
    answer = post(f"{server.url}/200?a=1", b'{"a": 1}')
    assert (answer.status, answer.sentence, answer.is_yes) == (200, "It answered 200.", True)
    [(path, headers, body)] = server.heard
    assert (path, body, headers["X-Said"]) == ("/200?a=1", b'{"a": 1}', "yes")
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("status", "is_yes"), [(204, True), (404, False), (410, False), (500, False)]
)
def test_only_the_two_hundreds_are_a_yes(server, status, is_yes):
    answer = post(f"{server.url}/{status}")
    assert (answer.status, answer.is_yes) == (status, is_yes)


def test_follows_nothing(server):
    answer = post(f"{server.url}/302")
    assert (answer.status, answer.is_yes) == (302, False)
    assert [path for path, *_ in server.heard] == ["/302"]


def test_calls_nothing_of_a_private_network_unless_the_host_allows_it(server, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("It was called."))
    url = server.url.replace("http:", "https:")
    for host in ("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1"):
        answer = post(url.replace("127.0.0.1", host), private_hosts=())
        assert answer.status is None
        assert answer.sentence in {
            "The address is of a private network, which is not called.",
            "There is no such address.",
        }


def test_a_name_that_leads_into_a_private_network_is_not_called(monkeypatch):
    """Also if only one of its addresses does: the system might call that one."""

    def found(*addresses):
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (it, 443)) for it in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)

    monkeypatch.setattr(socket, "create_connection", lambda *_: pytest.fail("It was called."))
    for addresses in (["10.0.0.7"], ["93.184.216.34", "10.0.0.7"]):
        found(*addresses)
        answer = post("https://rebound.example/kpi", private_hosts=())
        assert answer.sentence == "The address is of a private network, which is not called."


def test_calls_the_very_address_that_was_looked_at(monkeypatch):
    """A name that leads elsewhere a moment later changes nothing: it is not asked again."""
    asked, called = [], []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    def create_connection(address, timeout):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)
    answer = post("https://example.com/kpi", private_hosts=())
    assert (asked, called) == (["example.com"], [("93.184.216.34", 443)])
    assert answer.sentence == "No answer: ConnectionRefusedError."


@pytest.mark.parametrize(
    "url", ["http://example.com/", "ftp://example.com/", "file:///etc/passwd", "example.com", ""]
)
def test_calls_by_https_alone(url):
    assert post(url, private_hosts=()).sentence == "Only https addresses are called."


@pytest.mark.parametrize("url", ["https://nowhere.invalid/", "https://127.0.0.1:99999/"])
def test_what_is_nowhere_is_an_answer_too(url, monkeypatch):
    def getaddrinfo(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert post(url).sentence == "There is no such address."


@contextmanager
def speaking(*words):
    """A server that sends those words to the first client, and then nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def speak():
            caller, _ = listening.accept()
            with caller:
                for word in words:
                    caller.sendall(word)
                over.wait(10)

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        over.set()
        thread.join()


def test_waits_for_no_answer_longer_than_it_said():
    with speaking() as url:
        assert post(url, seconds=0.2).sentence == "No answer in time."


def test_an_answer_that_never_ends_is_none(monkeypatch):
    """Each byte comes in time for the socket; the whole does not."""
    monkeypatch.setattr(outbound._Pinned, "timeout", None, raising=False)
    with speaking(b"HTTP/1.1 200 OK\r\n", b"X: ") as url:
        connect = socket.create_connection
        monkeypatch.setattr(socket, "create_connection", lambda address, _: connect(address))
        assert post(url, seconds=0.2).sentence == "No answer in time."


def test_nonsense_is_no_answer():
    with speaking(b"SSH-2.0-OpenSSH_9.2\r\n") as url:
        assert post(url, seconds=5).sentence == "No answer: BadStatusLine."


def test_without_tls_on_the_other_side_there_is_no_trust(server):
    answer = post(server.url.replace("http:", "https:"))
    assert answer.status is None
    assert answer.sentence.startswith("Its certificate is not trusted: ")
