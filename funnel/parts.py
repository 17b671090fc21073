"""Rendered page parts, cached by practice version."""

import re
import secrets
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from funnel.access import Seat

# Approximate bytes per entry besides its texts: key, date, dictionary links.
OVERHEAD = 1_500
# Prefix of placeholders. Random, so that no note can contain it.
MARK = f"place-{secrets.token_hex(16)}-"
PLACE = re.compile(f"{MARK}([^!]+)!")


@dataclass(frozen=True, slots=True)
class PartKey:
    """Everything a part depends on.

    Anything else (name, CSRF token, time) must be a `place`, filled per request.
    """

    part: str
    practice_id: int
    version: int | None
    day: date
    about: str
    query: str
    rights: str

    @classmethod
    def of(
        cls, part: str, seat: Seat, *, day: date, about: object = "", query: str = ""
    ) -> "PartKey":
        return cls(part, seat.practice.pk, seat.version, day, str(about), query, seat.rights)


@dataclass(frozen=True, slots=True)
class RenderedPart:
    """Texts by block, and `facts` to fill places."""

    texts: Mapping[str, SafeString] = field(default_factory=dict)
    facts: Any = None

    @classmethod
    def of(
        cls, context: Mapping[str, Any], *, facts: Any = None, **templates: str
    ) -> "RenderedPart":
        """One template per block; the CSRF token is a place."""
        given = {**context, "csrf_token": place("csrf")}
        return cls({name: render_to_string(path, given) for name, path in templates.items()}, facts)

    def filled(self, **places: str) -> dict[str, SafeString]:
        """Raises KeyError for a missing place."""
        return {name: _filled(text, places) for name, text in self.texts.items()}


def place(name: str) -> SafeString:
    """Placeholder for reader-specific text."""
    return mark_safe(f"{MARK}{name}!")  # noqa: S308 - the name is ours


def _filled(text: SafeString, places: Mapping[str, str]) -> SafeString:
    if MARK not in text:
        return text
    filled = PLACE.sub(lambda found: places[found[1]], text)
    return mark_safe(filled)  # noqa: S308 - rendered by templates, as is what fills it


class PartsCache:
    """LRU, bounded in bytes. Thread-safe; concurrent misses may render twice."""

    def __init__(self) -> None:
        self._parts: OrderedDict[PartKey, tuple[RenderedPart, int]] = OrderedDict()
        self._lock = Lock()
        self.size = 0

    def __len__(self) -> int:
        return len(self._parts)

    def get(self, key: PartKey) -> RenderedPart | None:
        with self._lock:
            if key not in self._parts:
                return None
            self._parts.move_to_end(key)
            return self._parts[key][0]

    def put(self, key: PartKey, part: RenderedPart, *, most: int) -> None:
        size = size_of(key, part)
        with self._lock:
            self._drop(key)
            if size <= most:
                self._parts[key] = part, size
                self.size += size
            while self.size > most:
                self._drop(next(iter(self._parts)))

    def clear(self) -> None:
        with self._lock:
            self._parts.clear()
            self.size = 0

    def _drop(self, key: PartKey) -> None:
        _, size = self._parts.pop(key, (None, 0))
        self.size -= size


def size_of(key: PartKey, part: RenderedPart) -> int:
    texts = [key.query, *part.texts.values(), "" if part.facts is None else repr(part.facts)]
    return OVERHEAD + sum(map(sys.getsizeof, texts))


# One per process.
cache = PartsCache()


def rendered(key: PartKey, render: Callable[[], RenderedPart]) -> RenderedPart:
    """Return the cached part, or render and store it.

    Never older than the last write before the request. `settings.PARTS_CACHE_MB` is per process; 0
    disables it.
    """
    part = known(key)
    if part is None:
        part = render()
        store(key, part)
    return part


def known(key: PartKey) -> RenderedPart | None:
    return None if key.version is None else cache.get(key)


def store(key: PartKey, part: RenderedPart) -> None:
    """Ignores keys without a version."""
    if key.version is not None:
        cache.put(key, part, most=settings.PARTS_CACHE_MB * 2**20)
