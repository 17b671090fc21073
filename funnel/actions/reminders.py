"""Reminding people by mail of the numbers that are missing before a meeting."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.mail import get_connection
from django.db import transaction

from funnel.actions.letters import Letter, Posted, post
from funnel.actions.refusals import Busy, refusing_when_busy
from funnel.domain.reminding import Kind, may_tell
from funnel.domain.weeks import Week
from funnel.models import Reminder, Staff


def mail(
    *, week: Week, kind: Kind, letters: Mapping[int, Callable[[], Letter]], now: datetime
) -> Posted:
    """Mails that kind of reminder of a week, `letters` by staff id; how many were told.

    Nobody gets one twice, more of them than their practice allows or than they wish, or one after
    they have left: that is asked again, under a lock of their row, before each mail. `now` is noted
    with it.

    Each mail has a transaction of its own, so one whose mail fails stays due and costs nobody else
    theirs; their name is in `refused`. Killed between two mails, it is exact: the next run sends
    the rest. Killed after the server took a mail and before that was noted, it sends this one
    again: nobody can know then that it went.

    Raises OSError when there is no mail server. Three statements and the transaction's own two a
    mail.
    """
    told = 0
    refused = []
    if not letters:
        return Posted(0)
    with get_connection() as connection:
        for staff_id, write in letters.items():
            try:
                told += _tell(staff_id, week, kind, write, now, connection)
            except (OSError, Busy) as error:
                refused.append(_name_of(staff_id, error))
                # The next one begins anew, lest a lost connection costs all the others theirs.
                with suppress(OSError):
                    connection.close()
    return Posted(told, tuple(refused))


@refusing_when_busy()
@transaction.atomic
def _tell(
    staff_id: int,
    week: Week,
    kind: Kind,
    write: Callable[[], Letter],
    now: datetime,
    connection: Any,
) -> bool:
    """Whether it went out; raises OSError and Busy."""
    # A second run waits here until the mail is gone and noted.
    locked = Staff.objects.select_for_update(no_key=True, of=("self",))
    staff = locked.seated().select_related("practice", "user").filter(pk=staff_id).first()
    if staff is None:
        return False
    told = Reminder.objects.filter(staff=staff, week=week.monday).values_list("kind", flat=True)
    most = staff.practice.reminders_at_most
    if not may_tell(kind, told=set(told), wish=staff.reminders, most=most):
        return False
    reminder = Reminder(staff=staff, week=week.monday, kind=kind, mailed=now)
    reminder.clean_fields(exclude=["staff"])
    post(write(), to=staff.user.email, connection=connection)
    reminder.save()
    return True


def _name_of(staff_id: int, error: Exception) -> str:
    return f"{Staff.objects.values_list('name', flat=True).get(pk=staff_id)} ({error})"
