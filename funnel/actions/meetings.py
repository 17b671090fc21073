"""Opening, closing and reopening the weekly review of a practice's week."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.models import Meeting, Practice


def lock(practice: Practice, week: Week) -> Meeting:
    """The week's Meeting, made on demand and locked until the transaction ends.

    Every write to a week takes this lock first, so that closing it and saving into it cannot
    cross. Raises TransactionManagementError outside a transaction (PostgreSQL). One query, three
    the first time.
    """
    locked = Meeting.objects.select_for_update().filter(practice=practice, week=week.monday)
    meeting = locked.first()
    if meeting is None:
        # Two first writers at once: the second insert waits for the first and then does nothing.
        Meeting.objects.bulk_create(
            [Meeting(practice=practice, week=week.monday)], ignore_conflicts=True
        )
        meeting = locked.get()
    return meeting


@transaction.atomic
def close(*, by: Seat, week: Week) -> Meeting:
    """Closes the week: nobody can change its numbers until it is reopened.

    Closing a closed week changes nothing. Raises PermissionDenied unless `by` is a manager.
    """
    if not by.is_manager:
        raise PermissionDenied("Only a manager closes a week.")
    meeting = lock(by.practice, week)
    if not meeting.is_closed:
        meeting.closed_at = timezone.now()
        meeting.closed_by = by.user
        meeting.full_clean()
        meeting.save()
    return meeting


@transaction.atomic
def reopen(*, by: Seat, week: Week, reason: str) -> Meeting:
    """Opens a closed week for corrections and keeps who did, when and why.

    Reopening an open week changes nothing. Raises PermissionDenied unless `by` is a manager,
    ValidationError (`reason`) without a reason.
    """
    if not by.is_manager:
        raise PermissionDenied("Only a manager reopens a week.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why the week is opened again."})
    meeting = lock(by.practice, week)
    if meeting.is_closed:
        meeting.closed_at = None
        meeting.closed_by = None
        meeting.reopened_at = timezone.now()
        meeting.reopened_by = by.user
        meeting.reopened_because = reason.strip()
        meeting.full_clean()
        meeting.save()
    return meeting
