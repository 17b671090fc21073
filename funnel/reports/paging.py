"""Lists of which a page is shown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """One page of a list: its number, from 1, and how many there are."""

    page: int
    pages: int

    @property
    def previous(self) -> int | None:
        """The page before, None on the first."""
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        """The page after, None on the last."""
        return self.page + 1 if self.page < self.pages else None


def nearest_page(page: int, *, count: int, size: int) -> tuple[int, int]:
    """The page nearest to the one asked for of so many rows, and how many there are: one without
    any row."""
    pages = max(1, -(-count // size))
    return max(1, min(page, pages)), pages
