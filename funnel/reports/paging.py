from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """Pages count from 1."""

    page: int
    pages: int

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None


def nearest_page(page: int, *, count: int, size: int) -> tuple[int, int]:
    """Return the nearest existing page, and the number of pages (at least 1)."""
    pages = max(1, -(-count // size))
    return max(1, min(page, pages)), pages
