"""reports/paging.py: pages of lists."""

import pytest

from funnel.reports.paging import Paged, nearest_page


@pytest.mark.parametrize(
    ("asked", "count", "found"),
    [
        (1, 0, (1, 1)),
        (2, 0, (1, 1)),
        (1, 100, (1, 1)),
        (1, 101, (1, 2)),
        (2, 101, (2, 2)),
        (9, 101, (2, 2)),
        (0, 101, (1, 2)),
        (-3, 101, (1, 2)),
    ],
)
def test_a_page_that_is_not_there_is_the_nearest(asked, count, found):
    assert nearest_page(asked, count=count, size=100) == found


@pytest.mark.parametrize(
    ("page", "pages", "beside"),
    [(1, 1, (None, None)), (1, 3, (None, 2)), (2, 3, (1, 3)), (3, 3, (2, None))],
)
def test_it_leads_to_the_pages_beside_it(page, pages, beside):
    paged = Paged(page=page, pages=pages)
    assert (paged.previous, paged.next) == beside
