from datetime import timedelta

from funnel.domain.retries import WAITS, wait_after


def test_waits_longer_after_each_failure():
    assert list(WAITS) == sorted(WAITS)
    assert wait_after(1) == timedelta(minutes=1)
    assert wait_after(len(WAITS)) == timedelta(hours=48)


def test_gives_up_in_the_end_and_not_over_a_weekend():
    assert wait_after(len(WAITS) + 1) is None
    assert sum(WAITS, timedelta()) > timedelta(days=3)
