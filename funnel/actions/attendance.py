from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import Seat
from funnel.actions import meetings
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import Attendance, Staff


@writes
def mark(*, by: Seat, week: Week, staff: Staff, is_present: bool, today: date) -> None:
    """Raises as `meetings.open_for`; ValidationError for former staff."""
    meeting = meetings.open_for(by, week, today)
    if staff.practice_id != by.practice.pk or (is_present and not staff.is_active):
        raise ValidationError(f"{staff.name} does not work at {by.practice.name}.")
    present = Attendance.objects.filter(meeting=meeting, staff=staff)
    if present.exists() == is_present:
        return
    if is_present:
        Attendance.objects.create(
            meeting=meeting, staff=staff, marked_at=timezone.now(), marked_by=by.user
        )
    else:
        present.delete()
    meetings.changed(meeting)
