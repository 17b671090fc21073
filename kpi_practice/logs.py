"""Mask secrets of URLs in logs of app, gunicorn and proxy."""

import logging
import re
from collections.abc import Iterator
from typing import Any

# Path prefixes before secrets that need no sign-in.
SECRET_PATHS = (
    "tv",  # a board
    "e",  # a number of a week
    "calendar",  # a person's dates
    "address",  # a new e-mail address
    "v",  # a vendor's page
    "accounts/password/reset/key",  # a new password, also of invited people
    "accounts/confirm-email",
)
# API tokens belong in a header, but may occur in URLs.
API_PREFIX = r"kpi_(?=[\w-]{32})"
MASK = "…"
# Shorter ones could be parts of words.
SHORTEST = 8

_PATHS = "|".join(path.replace("/", "(?:/|%2F)") for path in SECRET_PATHS)
# Slashes are encoded in URLs within a query.
_SECRET = re.compile(
    rf"(?P<before>(?:/|%2F)(?:{_PATHS})(?:/|%2F)|{API_PREFIX})(?P<secret>(?:(?!%2F)[^/\s?&\"'])+)",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    return _SECRET.sub(rf"\g<before>{MASK}", text)


def secrets_in(text: str) -> Iterator[str]:
    return (found["secret"] for found in _SECRET.finditer(text) if len(found["secret"]) >= SHORTEST)


class MaskingFormatter(logging.Formatter):
    """Includes tracebacks; of Django's request also bare secrets."""

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
    """For normalized paths, without query."""
    paths = "|".join(SECRET_PATHS)
    return f"""\
map $uri $loggable_path {{
    default $uri;
    "~*^(?<before_secret>.*?/(?:{paths})/)" "${{before_secret}}...";
    "~*^(?<before_token>.*?kpi_)[\\w-]{{32}}" "${{before_token}}...";
}}
"""
