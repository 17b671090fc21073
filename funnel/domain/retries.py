"""When something that did not arrive is sent again."""

from datetime import timedelta

# After the first failure, the second, …; after the last of them nobody tries any more: three and a
# half days, so that what fails on a Friday evening can be mended on Monday.
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
    timedelta(hours=48),
)

# What has waited longer is not sent any more.
EXPIRES_AFTER = timedelta(days=7)


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after that many failures, 1 being the first; None: it is given up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
