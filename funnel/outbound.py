"""The only place that calls other hosts.

DNS may lead to our own network: the address is resolved once, checked and called. No redirects;
only the status is read.
"""

import socket
import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from urllib.parse import urlsplit

from funnel.domain.addresses import is_public

SECONDS = 10.0
AGAIN = 0.05


@dataclass(frozen=True, slots=True)
class Response:
    """`status` is None without a response."""

    status: int | None
    sentence: str

    @property
    def is_yes(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    private_hosts: Collection[str],
    seconds: float = SECONDS,
) -> Response:
    """Only `private_hosts` may be private or without TLS. Takes about `seconds` plus DNS."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_allowed = host in private_hosts
    if parts.scheme != "https" and not (parts.scheme == "http" and is_allowed):
        return Response(None, "Only https addresses are called.")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        return Response(None, "There is no such address.")
    addresses = [str(sockaddr[0]) for *_, sockaddr in found]
    if not is_allowed and not all(map(is_public, addresses)):
        return Response(None, "The address is of a private network, which is not called.")
    context = ssl.create_default_context() if parts.scheme == "https" else None
    connection = _Pinned(host, port, addresses[0], context, seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _at_most(seconds, connection):
            connection.request("POST", target, body, dict(headers))
            status = connection.getresponse().status
    except TimeoutError:
        return Response(None, "No answer in time.")
    except ssl.SSLError as error:
        return Response(None, f"Its certificate is not trusted: {error.reason or 'no TLS'}.")
    except (OSError, HTTPException, ValueError) as error:
        return Response(None, f"No answer: {type(error).__name__}.")
    finally:
        connection.close()
    return Response(status, f"It answered {status}.")


class _Pinned(HTTPConnection):
    """Connects to the checked address."""

    def __init__(
        self,
        host: str,
        port: int,
        address: str,
        context: ssl.SSLContext | None,
        seconds: float,
    ) -> None:
        super().__init__(host, port, timeout=seconds)
        self.address = address
        self.context = context
        self.default_port = 443 if context else 80

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.context is not None:
            # Assigned before the handshake, so that this can be cut off too.
            self.sock = self.context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()


@contextmanager
def _at_most(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """Close the connection in time: each byte renews socket timeouts. Raises TimeoutError."""
    is_late = False
    is_over = Event()

    def end() -> None:
        nonlocal is_late
        if is_over.wait(seconds):
            return
        is_late = True
        # Repeated, because it may get a socket at this very moment.
        while True:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
            if is_over.wait(AGAIN):
                return

    watch = Thread(target=end, daemon=True)
    watch.start()
    try:
        yield
    except (OSError, HTTPException) as error:
        if is_late:
            raise TimeoutError from error
        raise
    finally:
        is_over.set()
        watch.join()
    if is_late:  # A truncated response may look complete.
        raise TimeoutError
