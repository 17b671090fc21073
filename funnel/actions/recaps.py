"""Mailing what is kept of a meeting to those who want it."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from django.core.mail import get_connection
from django.db import transaction

from funnel.actions.letters import Letter, Posted, post
from funnel.models import Meeting


def due() -> Sequence[Meeting]:
    """The meetings whose recap is to be mailed, the one closed first on top. One query."""
    waiting = Meeting.objects.closed().filter(recap_is_due=True)
    return list(waiting.select_related("practice").order_by("closed_at", "pk"))


@transaction.atomic
def mail(*, meeting: Meeting, write: Callable[[], Letter], dry_run: bool = False) -> Posted:
    """Mails a meeting's recap, a message a person, to those of the practice's staff who want it.

    Nobody is told when it is no longer due, when another host is sending it, and when nobody wants
    it. `write` is asked once, and only where someone is told. `dry_run` tells the same number and
    sends nothing.

    A server that takes no mail at all raises OSError, and the recap stays due. Once one has gone it
    is no longer due, whatever becomes of the others: for one bad address nobody gets it every
    minute. Killed between the first mail and the end, it sends all of them again.
    """
    # Locked while the mails are on their way, so that two hosts do not both send them.
    locked = Meeting.objects.select_for_update(skip_locked=True, of=("self",))
    fresh = locked.filter(pk=meeting.pk, recap_is_due=True, closed_at__isnull=False).first()
    if fresh is None:
        return Posted(0)
    wanting = meeting.practice.staff.seated().filter(wants_recap=True).order_by("name", "id")
    readers = list(wanting.values_list("name", "user__email"))
    if dry_run:
        return Posted(len(readers))
    posted = _send(write(), readers) if readers else Posted(0)
    Meeting.objects.filter(pk=fresh.pk).update(recap_is_due=False)
    return posted


def _send(letter: Letter, readers: Sequence[tuple[str, str]]) -> Posted:
    """Raises the first OSError when none could be sent."""
    refused: list[str] = []
    first: OSError | None = None
    with get_connection() as connection:
        for name, address in readers:
            try:
                post(letter, to=address, connection=connection)
            except OSError as error:
                first = first or error
                refused.append(name)
                # The next one begins anew, lest a lost connection costs all the others theirs.
                with suppress(OSError):
                    connection.close()
    if first is not None and len(refused) == len(readers):
        raise first
    return Posted(len(readers) - len(refused), tuple(refused))
