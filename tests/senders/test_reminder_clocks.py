"""Reminders on the days on which clocks are put forward and back."""

from datetime import datetime, time, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from funnel.domain.weeks import Week
from funnel.models import Reminder
from tests.factories import make_ownership, make_practice, make_staff

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
# Where the practice is, the meeting's day (Sunday 6, Monday 0) and time there, the week under
# review, and in UTC the first reminder, the second and the meeting. The hours before the meeting
# are hours that pass: over a change of the clocks the wall shows another difference.
TABLE = """
Forward, on the day itself
America/New_York    6  09:00  2026-W09  2026-03-07T13:00  2026-03-08T10:00  2026-03-08T13:00
Europe/Berlin       6  09:00  2026-W12  2026-03-28T07:00  2026-03-29T04:00  2026-03-29T07:00
Australia/Lord_Howe 6  09:00  2026-W39  2026-10-02T22:00  2026-10-03T19:00  2026-10-03T22:00
Back
America/New_York    6  09:00  2026-W43  2026-10-31T14:00  2026-11-01T11:00  2026-11-01T14:00
Europe/Berlin       6  09:00  2026-W42  2026-10-24T08:00  2026-10-25T05:00  2026-10-25T08:00
Australia/Lord_Howe 6  09:00  2026-W13  2026-04-03T22:30  2026-04-04T19:30  2026-04-04T22:30
At a time that is left out that day
America/New_York    6  02:30  2026-W09  2026-03-07T07:30  2026-03-08T04:30  2026-03-08T07:30
Europe/Berlin       6  02:30  2026-W12  2026-03-28T01:30  2026-03-28T22:30  2026-03-29T01:30
Australia/Lord_Howe 6  02:15  2026-W39  2026-10-02T15:45  2026-10-03T12:45  2026-10-03T15:45
At a time that comes twice
America/New_York    6  01:30  2026-W43  2026-10-31T05:30  2026-11-01T02:30  2026-11-01T05:30
Europe/Berlin       6  02:30  2026-W42  2026-10-24T00:30  2026-10-24T21:30  2026-10-25T00:30
Australia/Lord_Howe 6  01:45  2026-W13  2026-04-03T14:45  2026-04-04T11:45  2026-04-04T14:45
On the Monday after, where the first reminder waits for midnight
America/New_York    0  09:00  2026-W10  2026-03-09T04:00  2026-03-09T10:00  2026-03-09T13:00
Europe/Berlin       0  09:00  2026-W43  2026-10-25T23:00  2026-10-26T05:00  2026-10-26T08:00
Australia/Lord_Howe 0  09:00  2026-W40  2026-10-04T13:00  2026-10-04T19:00  2026-10-04T22:00
"""
ROWS = [cells for line in TABLE.splitlines() if len(cells := line.split()) == 7 and "/" in line]


def run(now):
    """The mails to Tom after a run at that moment."""
    call_command("deliver", now=now.isoformat(), stdout=StringIO())
    rows = Reminder.objects.filter(staff__name="Tom").order_by("id")
    return [f"{kind} {Week(week)}" for kind, week in rows.values_list("kind", "week")]


def test_the_table_is_read_whole():
    assert len(ROWS) == 15


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row[:4]))
def test_each_reminder_goes_out_at_its_moment(row):
    zone, weekday, at, week, *moments = row
    first, second, meeting = (datetime.fromisoformat(f"{moment}Z") for moment in moments)
    practice = make_practice(
        time_zone=zone, meeting_weekday=int(weekday), meeting_time=time.fromisoformat(at)
    )
    make_ownership(practice.kpis.get(slug="leads"), make_staff(practice, "Tom", "Marketing"))
    assert run(first - MINUTE) == []
    assert run(first) == run(second - MINUTE) == [f"first {week}"]
    assert run(second) == [f"first {week}", f"second {week}"]
    assert run(meeting - MINUTE) == run(meeting) == [f"first {week}", f"second {week}"]


@pytest.mark.parametrize("row", ROWS[:6], ids=lambda row: "-".join(row[:4]))
def test_nothing_goes_out_once_the_meeting_has_begun(row):
    zone, weekday, at, _, *moments = row
    meeting = datetime.fromisoformat(f"{moments[2]}Z")
    practice = make_practice(
        time_zone=zone, meeting_weekday=int(weekday), meeting_time=time.fromisoformat(at)
    )
    make_ownership(practice.kpis.get(slug="leads"), make_staff(practice, "Tom", "Marketing"))
    assert run(meeting) == []
    assert run(meeting - MINUTE) != []
