"""An import from its file to its undoing, and all that it could change."""

import pytest
from django.core.exceptions import ValidationError

from funnel.actions import importing, imports
from funnel.domain.sheet_questions import Answers
from funnel.domain.weeks import Week
from funnel.models import Meeting, WeeklyEntry
from tests.factories import TODAY, WEEK, make_import, seat_for

HEADER = ["Week", "KPI", "Value", "Note"]
FILE = [
    HEADER,
    [str(WEEK.previous), "Leads", 80, ""],
    [str(WEEK), "Leads", 91, "recounted"],
    [str(WEEK), "Appointments", 27, ""],
]


def write(cast, draft, *, who="manager", leaves_out=False, **how):
    by = seat_for(getattr(cast, who))
    steps = importing.apply(by=by, draft=draft, leaves_out=leaves_out, today=TODAY, **how)
    return list(steps)


def undo(cast, done, who="manager"):
    return list(importing.undo(by=seat_for(getattr(cast, who)), done=done, today=TODAY))


def values():
    rows = WeeklyEntry.objects.order_by("kpi_id", "week")
    return [(row.kpi.slug, str(Week(row.week)), row.value, row.note) for row in rows]


def everything():
    """All that an import could change, with its history."""
    return (
        list(WeeklyEntry.objects.order_by("pk").values()),
        list(WeeklyEntry.history.order_by("pk").values()),
        list(Meeting.objects.filter(closed_at__isnull=False).order_by("pk").values()),
    )


def refusal_of(call, *args, **how):
    before = everything()
    with pytest.raises(ValidationError) as refused:
        call(*args, **how)
    assert everything() == before
    return " ".join(refused.value.messages)


def correct(cast, *rows, because="The clinic's own books."):
    draft = make_import(cast.manager, HEADER, *rows)
    by = seat_for(cast.manager)
    return imports.answer(by=by, draft=draft, answers=Answers(), today=TODAY, correcting=because)
