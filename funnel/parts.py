"""Rendered parts of pages, cached by the version of their practice."""

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

# Beside the texts, what an entry costs: its key, a date, the links of the dictionaries.
OVERHEAD = 1_500
# Around the name of a place. Random, so that nobody writes one into a note.
MARK = f"place-{secrets.token_hex(16)}-"
PLACE = re.compile(f"{MARK}([^!]+)!")


@dataclass(frozen=True, slots=True)
class PartKey:
    """Everything that a part of a page depends on.

    `day` is today where the practice is, `about` the week or the slug of the KPI shown, "" where
    the part shows none, `query` what the address asks for in its normal form, and `rights` what the
    reader may do (`Seat.rights`). `version` is the practice's as of the statement that loaded the
    reader, None for one that was loaded without it.

    What depends on more, as the reader's name, their missing numbers, a CSRF token or the time of
    the day, is put in a `place` of the part for each request.
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
        """The key of that part for the reader in the seat; `about` a week or a slug."""
        return cls(part, seat.practice.pk, seat.version, day, str(about), query, seat.rights)


@dataclass(frozen=True, slots=True)
class Part:
    """A rendered part: its texts by the block of the page they belong to, and the facts from which
    the places in them are filled for each reader. Facts are small and immutable."""

    texts: Mapping[str, SafeString] = field(default_factory=dict)
    facts: Any = None

    @classmethod
    def of(cls, context: Mapping[str, Any], *, facts: Any = None, **templates: str) -> "Part":
        """The part of that context, from a template a block. Its CSRF token is a place."""
        given = {**context, "csrf_token": place("csrf")}
        return cls({name: render_to_string(path, given) for name, path in templates.items()}, facts)

    def filled(self, **places: str) -> dict[str, SafeString]:
        """The texts with each place filled by the text of its name. KeyError for one that is
        missing."""
        return {name: _filled(text, places) for name, text in self.texts.items()}


def place(name: str) -> SafeString:
    """Marks where a text of a part has something of the reader's own, as "csrf" their token."""
    return mark_safe(f"{MARK}{name}!")  # noqa: S308 - the name is ours


def _filled(text: SafeString, places: Mapping[str, str]) -> SafeString:
    if MARK not in text:
        return text
    filled = PLACE.sub(lambda found: places[found[1]], text)
    return mark_safe(filled)  # noqa: S308 - rendered by templates, as is what fills it


class PartsCache:
    """Parts by key, the least recently used given up first, in at most so many bytes.

    Safe for threads: what two render at once is rendered twice and stored once.
    """

    def __init__(self) -> None:
        self._parts: OrderedDict[PartKey, tuple[Part, int]] = OrderedDict()
        self._lock = Lock()
        self.size = 0

    def __len__(self) -> int:
        return len(self._parts)

    def get(self, key: PartKey) -> Part | None:
        """The part stored under exactly this key."""
        with self._lock:
            if key not in self._parts:
                return None
            self._parts.move_to_end(key)
            return self._parts[key][0]

    def put(self, key: PartKey, part: Part, *, most: int) -> None:
        """Store a part, unless it alone is larger than `most` bytes, and give up others until all
        of them are within it."""
        size = size_of(key, part)
        with self._lock:
            self._drop(key)
            if size <= most:
                self._parts[key] = part, size
                self.size += size
            while self.size > most:
                self._drop(next(iter(self._parts)))

    def clear(self) -> None:
        """Give up everything."""
        with self._lock:
            self._parts.clear()
            self.size = 0

    def _drop(self, key: PartKey) -> None:
        """The lock is held."""
        _, size = self._parts.pop(key, (None, 0))
        self.size -= size


def size_of(key: PartKey, part: Part) -> int:
    """About how many bytes a part takes; its facts as many as their text."""
    texts = [key.query, *part.texts.values(), "" if part.facts is None else repr(part.facts)]
    return OVERHEAD + sum(map(sys.getsizeof, texts))


# One a process, empty at its start.
cache = PartsCache()


def rendered(key: PartKey, render: Callable[[], Part]) -> Part:
    """The part as it was rendered for the same key, else rendered now and stored.

    Nobody reads a part older than the last write that was committed before their request: the key
    has the version that the request's first statement read. `settings.PARTS_CACHE_MB` bounds the
    memory of each process; 0 stores nothing. No query of its own.
    """
    part = known(key)
    if part is None:
        part = render()
        store(key, part)
    return part


def known(key: PartKey) -> Part | None:
    """The part stored for the key; None where there is none."""
    return None if key.version is None else cache.get(key)


def store(key: PartKey, part: Part) -> None:
    """Store a part that was rendered now, for a key with a version."""
    if key.version is not None:
        cache.put(key, part, most=settings.PARTS_CACHE_MB * 2**20)
