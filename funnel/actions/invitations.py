from collections.abc import Container

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions.writing import writes
from funnel.models import Message, Staff
from funnel.outbox.queue import enqueue, latest, to_staff


@writes
def invite_team(*, by: Seat, again: Container[Staff] = ()) -> tuple[Staff, ...]:
    """Invite all not invited yet and `again`; return them by name."""
    require(May.INVITE, by)
    # Locked so that concurrent requests invite once.
    team = Staff.objects.active().filter(practice=by.practice).exclude(user=by.user)
    rows = team.select_for_update(no_key=True, of=("self",)).select_related("user")
    invited = [one for one in rows.order_by("pk") if one.invited_at is None or one in again]
    for staff in invited:
        _queue(staff, by=by)
    return tuple(sorted(invited, key=lambda one: one.name))


@writes
def invite(*, by: Seat, staff: Staff) -> None:
    """Raises ValidationError for former staff."""
    require(May.INVITE, by, of=staff.practice_id)
    if not staff.is_active or not staff.user.is_active:
        raise ValidationError(f"{staff.name} no longer works here.")
    _queue(staff, by=by)


def _queue(staff: Staff, *, by: Seat) -> None:
    now = timezone.now()
    earlier = Message.objects.filter(kind=Message.Kind.INVITATION, staff=staff)
    if not earlier.waiting().exists():
        about = str(latest(earlier))
        enqueue(
            [
                to_staff(
                    staff.pk,
                    kind=Message.Kind.INVITATION,
                    about=about,
                    now=now,
                    inviter=by.name,
                )
            ]
        )
    Staff.objects.filter(pk=staff.pk).update(invited_at=now, invited_by=by.user)
