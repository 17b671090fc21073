"""The secrets in addresses, and how they stay out of every log.

The one list for the app, gunicorn and the proxy: deploy/nginx.conf has `nginx_map()` in it, which a
test compares.
"""

import logging
import re
from collections.abc import Iterator
from typing import Any

# Below each of these paths the next part of the address opens something without a sign-in.
SECRET_PATHS = (
    "tv",  # the wall's board
    "e",  # one number of one week
    "calendar",  # a person's dates
    "address",  # a new e-mail address
    "v",  # a vendor's own page
    "accounts/password/reset/key",  # a new password, also of who was invited
    "accounts/confirm-email",
)
# A token of the API belongs into a header, but someone will put one into an address.
API_PREFIX = r"kpi_(?=[\w-]{32})"
MASK = "…"
# Shorter ones would be taken out of words.
SHORTEST = 8

_PATHS = "|".join(path.replace("/", "(?:/|%2F)") for path in SECRET_PATHS)
# Slashes are encoded where an address is in the query of another.
_SECRET = re.compile(
    rf"(?P<before>(?:/|%2F)(?:{_PATHS})(?:/|%2F)|{API_PREFIX})(?P<secret>(?:(?!%2F)[^/\s?&\"'])+)",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """The text without the secrets of the addresses in it."""
    return _SECRET.sub(rf"\g<before>{MASK}", text)


def secrets_in(text: str) -> Iterator[str]:
    """The secrets of the addresses in the text."""
    return (found["secret"] for found in _SECRET.finditer(text) if len(found["secret"]) >= SHORTEST)


class MaskingFormatter(logging.Formatter):
    """Masks secrets in the whole line, its traceback included.

    Where the record has Django's request, also without their address before them, as in what an
    exception says of its arguments.
    """

    def format(self, record: logging.LogRecord) -> str:
        text = masked(super().format(record))
        for secret in self._of_request(getattr(record, "request", None)):
            text = text.replace(secret, MASK)
        return text

    @staticmethod
    def _of_request(request: Any) -> Iterator[str]:
        meta = getattr(request, "META", {})
        for name in ("PATH_INFO", "QUERY_STRING", "HTTP_REFERER"):
            yield from secrets_in(str(meta.get(name, "")))


def nginx_map() -> str:
    """The path of a request as nginx may log it: of the normalized path, without any query."""
    paths = "|".join(SECRET_PATHS)
    return f"""\
map $uri $loggable_path {{
    default $uri;
    "~*^(?<before_secret>.*?/(?:{paths})/)" "${{before_secret}}...";
    "~*^(?<before_token>.*?kpi_)[\\w-]{{32}}" "${{before_token}}...";
}}
"""
