"""Rendered parts of pages, cached by the version of their practice."""

import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock

from django.conf import settings
from django.utils.safestring import SafeString

from funnel.access import Seat

# Beside the text, what an entry costs: its key, two dates, the links of the dictionary.
OVERHEAD = 1_000


@dataclass(frozen=True, slots=True)
class PartKey:
    """Everything that a part of a page depends on.

    `day` is today where the practice is, `about` the Monday of the week shown, None where the part
    shows none, `query` what the address asks for in its normal form, and `rights` what the reader
    may do (`Seat.rights`). `version` is the practice's as of the statement that loaded the reader,
    None for one that was loaded without it.

    A part that depends on more, as the reader's name, their missing numbers, a CSRF token or the
    time of the day, is not to be cached.
    """

    part: str
    practice_id: int
    version: int | None
    day: date
    about: date | None
    query: str
    rights: str

    @classmethod
    def of(
        cls, part: str, seat: Seat, *, day: date, about: date | None = None, query: str = ""
    ) -> "PartKey":
        """The key of that part for the reader in the seat."""
        return cls(part, seat.practice.pk, seat.version, day, about, query, seat.rights)


class PartsCache:
    """Texts by key, the least recently used given up first, in at most so many bytes.

    Safe for threads: what two render at once is rendered twice and stored once.
    """

    def __init__(self) -> None:
        self._texts: OrderedDict[PartKey, tuple[SafeString, int]] = OrderedDict()
        self._lock = Lock()
        self.size = 0

    def __len__(self) -> int:
        return len(self._texts)

    def get(self, key: PartKey) -> SafeString | None:
        """The text stored under exactly this key."""
        with self._lock:
            if key not in self._texts:
                return None
            self._texts.move_to_end(key)
            return self._texts[key][0]

    def put(self, key: PartKey, text: SafeString, *, most: int) -> None:
        """Store a text, unless it alone is larger than `most` bytes, and give up others until all
        of them are within it."""
        size = sys.getsizeof(text) + sys.getsizeof(key.query) + OVERHEAD
        with self._lock:
            self._drop(key)
            if size <= most:
                self._texts[key] = text, size
                self.size += size
            while self.size > most:
                self._drop(next(iter(self._texts)))

    def clear(self) -> None:
        """Give up everything."""
        with self._lock:
            self._texts.clear()
            self.size = 0

    def _drop(self, key: PartKey) -> None:
        """The lock is held."""
        _, size = self._texts.pop(key, (None, 0))
        self.size -= size


# One a process, empty at its start.
cache = PartsCache()


def rendered(key: PartKey, render: Callable[[], SafeString]) -> SafeString:
    """The part as it was rendered for the same key, else rendered now and stored.

    Nobody reads a part older than the last write that was committed before their request: the key
    has the version that the request's first statement read. `settings.PARTS_CACHE_MB` bounds the
    memory of each process; 0 stores nothing. No query of its own.
    """
    if key.version is None:
        return render()
    text = cache.get(key)
    if text is None:
        text = render()
        cache.put(key, text, most=settings.PARTS_CACHE_MB * 2**20)
    return text
