from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from funnel.access import May, Seat, require
from funnel.actions import meetings
from funnel.actions.refusals import VersionConflict
from funnel.actions.writing import writes
from funnel.domain.weeks import Week
from funnel.models import KPI, Meeting, MeetingNote

# The column has no limit.
LONGEST = 2000


@writes
def write(
    *,
    by: Seat,
    week: Week,
    part: str,
    kpi: KPI | None,
    text: str,
    version: int | None,
    today: date,
) -> MeetingNote:
    """`version` is the one shown, None if none; an empty first note is not saved.

    Raises as `meetings.open_for`; VersionConflict.
    """
    require(May.RUN_MEETING, by, of=kpi.practice_id if kpi else None)
    meeting = meetings.open_for(by, week, today)
    stored = MeetingNote.objects.filter(
        meeting=meeting, kpi=kpi, **({} if kpi else {"part": part})
    ).first()
    text = text.strip()
    if stored is not None and stored.text == text:
        return stored
    if stored is not None and stored.version != version:
        raise VersionConflict(stored)
    note = stored or MeetingNote(meeting=meeting, part=part, kpi=kpi, version=0)
    if stored is None and not text:
        return note
    if len(text) > LONGEST:
        raise ValidationError({"text": f"A note has at most {LONGEST:,} characters."})
    note.text = text
    note.version += 1
    note.written_at = timezone.now()
    note.written_by = by.user
    if part not in Meeting.Part.values:
        raise ValidationError({"part": "The meeting has no such part."})
    note.full_clean(exclude=["meeting", "kpi", "written_by"])
    note.save()
    meetings.changed(meeting)
    return note
