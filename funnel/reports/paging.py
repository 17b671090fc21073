from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    page: int
    pages: int

    @property
    def previous(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None


def nearest_page(page: int, *, count: int, size: int) -> tuple[int, int]:
    """The nearest existing page from 1, and the number of pages."""
    pages = max(1, -(-count // size))
    return max(1, min(page, pages)), pages
