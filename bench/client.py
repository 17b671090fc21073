"""A minimal HTTP client."""

import gzip
import socket
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """Lowercase header names, body as sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


@dataclass(frozen=True, slots=True)
class Visit:
    """POST with `fields`, else GET."""

    path: str
    session: str = ""
    accepts: str = "gzip, br"
    fields: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def encoded(self, port: int) -> bytes:
        token = "b" * 32
        cookies = f"sessionid={self.session}; csrftoken={token}"
        body = urlencode({**self.fields, "csrfmiddlewaretoken": token}) if self.fields else ""
        lines = [
            f"{'POST' if self.fields else 'GET'} {self.path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            f"Accept-Encoding: {self.accepts}",
            f"Authorization: Bearer {self.token}" if self.token else f"Cookie: {cookies}",
        ]
        if self.fields:
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
            ]
        return "\r\n".join([*lines, "", body]).encode("ascii")


# Not http.client: reading headers there costs a tenth of the floor, and would flatter every ratio.
class Connection:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, request: bytes) -> bytes:
        """Raises ConnectionError if the server closes the connection."""
        self._socket.sendall(request)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more()
        missing = end + 4 + _length(received[:end]) - len(received)
        parts = [received]
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return b"".join(parts)

    def _more(self) -> bytes:
        some = self._socket.recv(65536)
        if not some:
            raise ConnectionError("The server hung up.")
        return some


def fetch(port: int, visit: Visit) -> Answer:
    with Connection(port) as connection:
        return parse(connection.send(visit.encoded(port)))


def parse(received: bytes) -> Answer:
    """The last of repeated headers wins."""
    head, body = received.split(b"\r\n\r\n", 1)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    return Answer(int(first.split()[1]), headers, body)


def _length(head: bytes) -> int:
    start = head.lower().find(b"\r\ncontent-length:")
    if start < 0:
        raise ConnectionError(f"An answer without a length: {head[:200]!r}")
    return int(head[start + 17 :].split(b"\r\n", 1)[0])
