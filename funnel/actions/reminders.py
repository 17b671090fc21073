from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from funnel.domain.reminding import ReminderKind
from funnel.domain.weeks import Week
from funnel.models import Message, Reminder
from funnel.outbox.queue import enqueue, to_staff


def queue(*, week: Week, kind: ReminderKind, staff_ids: Collection[int], now: datetime) -> None:
    """Once per person, week and kind. Two statements."""
    if not staff_ids:
        return
    with transaction.atomic():
        Reminder.objects.bulk_create(
            [Reminder(staff_id=pk, week=week.monday, kind=kind, mailed=now) for pk in staff_ids],
            ignore_conflicts=True,
        )
        enqueue(
            to_staff(
                pk,
                kind=Message.Kind.REMINDER,
                about=f"{week}:{kind}",
                now=now,
                week=str(week),
                reminder=str(kind),
            )
            for pk in staff_ids
        )


def forget(*, staff_id: int, week: Week, kind: ReminderKind) -> None:
    """Undo a cancelled mail: another kind may be sent."""
    Reminder.objects.filter(staff=staff_id, week=week.monday, kind=kind).delete()
