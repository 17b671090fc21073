from datetime import date, datetime, time

from django.db import transaction

from funnel.domain.weeks import Week, local_moment
from funnel.models import Message, Practice
from funnel.outbox.queue import enqueue, to_staff

SENT_AT = time(6)


@transaction.atomic
def queue(*, practice: Practice, today: date, now: datetime) -> None:
    """Once a week per admin while a KPI has no owner, from Monday 6:00. Three statements."""
    if not practice.has_begun_by(Week.reporting(today)):
        return
    assigned = practice.current_kpis(today).in_order().assigned(today)
    if all(one.owner is not None for one in assigned):
        return
    admins = practice.staff.seated().admins().values_list("pk", flat=True)
    week = Week.running(today)
    due_at = max(now, local_moment(week.monday, SENT_AT, practice.time_zone))
    enqueue(
        to_staff(pk, kind=Message.Kind.UNOWNED, about=str(week), now=now, due_at=due_at)
        for pk in admins
    )
