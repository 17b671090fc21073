from datetime import timedelta

# Three and a half days in total: what fails on a Friday evening can be fixed on Monday.
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
    """After that many failures; None gives up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
