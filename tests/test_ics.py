"""ics.py: a person's dates as a calendar app reads them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from funnel import ics
from funnel.domain.weeks import Week
from funnel.models import Practice
from funnel.reports.meeting.calendar import CalendarFollowUp, Dates, Sitting

CHANGED = datetime(2026, 11, 2, 8, 30, 15, 123456, tzinfo=UTC)
BEGINS = datetime(2026, 11, 24, 14, tzinfo=UTC)
WEEK = Week.parse("2026-W47")
PROMISE = CalendarFollowUp(
    7, "Call back every lead", date(2026, 12, 1), CHANGED + timedelta(days=1)
)


def dates(**changes):
    fields = {
        "practice_id": 3,
        "practice_name": "Lumina",
        "slug": "lumina",
        "staff_id": 5,
        "changed": CHANGED,
        "brings_numbers": True,
        "meetings": (Sitting(WEEK, BEGINS, BEGINS + timedelta(minutes=15)),),
        "promises": (PROMISE,),
        **changes,
    }
    return Dates(**fields)


def written(**changes):
    def link(name, *args):
        return f"https://kpi.example/{name}/{'/'.join(map(str, args))}/"

    return ics.of_dates(dates(**changes), host="kpi.example", link=link)


def read(text):
    """The events of the file by the beginning of their id."""
    calendar = Calendar.from_ical(text)
    return {str(event["uid"]).split("@")[0]: event for event in calendar.walk("VEVENT")}


def test_a_meeting_is_read_back_as_it_is():
    event = read(written())["meeting-3-2026-W47"]
    assert event["uid"] == "meeting-3-2026-W47@kpi.example"
    assert event["summary"] == "Weekly KPI meeting: Nov 16 – 22, 2026"
    assert event.decoded("dtstart") == BEGINS
    assert event.decoded("dtend") == BEGINS + timedelta(minutes=15)
    assert event.decoded("dtstamp") == CHANGED.replace(microsecond=0)
    assert (event["location"], event["transp"]) == ("Lumina", "OPAQUE")
    assert event["url"] == "https://kpi.example/meeting/lumina/2026-W47/"


def test_the_numbers_are_due_when_the_meeting_begins():
    event = read(written())["numbers-3-5-2026-W47"]
    assert event["summary"] == "My numbers are due: Nov 16 – 22, 2026"
    assert event.decoded("dtend") == BEGINS
    assert event.decoded("dtstart") == BEGINS - timedelta(minutes=30)
    assert event["transp"] == "TRANSPARENT"
    assert event["url"] == "https://kpi.example/enter/lumina/2026-W47/"


def test_whoever_brings_no_number_has_no_deadline():
    assert read(written(brings_numbers=False)).keys() == {"meeting-3-2026-W47", "follow-up-7"}


def test_a_follow_up_is_due_all_day():
    event = read(written())["follow-up-7"]
    assert event["summary"] == "Follow-up due: Call back every lead"
    assert event.decoded("dtstart") == date(2026, 12, 1)
    assert event.decoded("dtend") == date(2026, 12, 2)
    assert event.decoded("dtstamp") == datetime(2026, 11, 3, 8, 30, 15, tzinfo=UTC)
    assert event["url"] == "https://kpi.example/follow-up/lumina/7/"


def test_the_same_dates_are_the_same_bytes():
    assert written() == written()


@pytest.mark.parametrize(
    ("zone", "weeks", "moments"),
    [
        # Nine o'clock on Monday before and after the clocks change.
        ("America/New_York", ("2026-W42", "2026-W43"), ("10-19T13:00", "10-26T13:00")),
        ("America/New_York", ("2026-W43", "2026-W44"), ("10-26T13:00", "11-02T14:00")),
        ("Europe/Berlin", ("2026-W42", "2026-W43"), ("10-19T07:00", "10-26T08:00")),
        ("Australia/Lord_Howe", ("2026-W39", "2026-W40"), ("09-27T22:30", "10-04T22:00")),
    ],
)
def test_meetings_stay_at_their_time_on_the_wall_when_clocks_change(zone, weeks, moments):
    practice = Practice(time_zone=zone, meeting_time=datetime(2026, 1, 1, 9).time())  # noqa: DTZ001
    held = [practice.meeting_at(Week.parse(week)) for week in weeks]
    made = [
        Sitting(Week.parse(week), at, at + timedelta(minutes=15))
        for week, at in zip(weeks, held, strict=True)
    ]
    found = read(written(meetings=tuple(made)))
    for week, moment in zip(weeks, moments, strict=True):
        event = found[f"meeting-3-{week}"]
        assert event.decoded("dtstart") == datetime.fromisoformat(f"2026-{moment}Z")
        assert event.decoded("dtstart").astimezone(practice.zone).hour == 9


def test_keeps_to_the_form_that_apps_insist_on():
    text = written(promises=(CalendarFollowUp(7, "Ü" * 150, date(2026, 12, 1), CHANGED),))
    assert text.startswith(b"BEGIN:VCALENDAR\r\n")
    assert text.endswith(b"END:VCALENDAR\r\n")
    lines = text.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in text.replace(b"\r\n", b"")
    calendar = Calendar.from_ical(text)
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert calendar["x-wr-calname"] == "Lumina: weekly KPI"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\n" in text
    assert "Ü" * 150 in read(text)["follow-up-7"]["summary"]


@pytest.mark.parametrize(
    "text",
    [
        "a\nBEGIN:VEVENT",
        "a\r\nATTACH:http://x.example/",
        "a\rBEGIN:VALARM",
        "a\\nb; c, d: e\\",
        "a\u2028BEGIN:VEVENT",
        "a\x0bBEGIN:VEVENT",
    ],
)
def test_what_was_written_begins_no_line_of_its_own(text):
    made = written(
        practice_name=text, promises=(CalendarFollowUp(7, text, date(2026, 12, 1), CHANGED),)
    )
    found = read(made)
    assert len(found) == 3
    said = " ".join(text.split())
    assert found["follow-up-7"]["summary"] == f"Follow-up due: {said}"
    assert found["follow-up-7"]["location"] == said
    # The library reads a name that starts with X literally, escapes included.
    named = said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert Calendar.from_ical(made)["x-wr-calname"] == f"{named}: weekly KPI"
    begun = [line for line in made.splitlines() if line.startswith((b"BEGIN", b"ATTACH"))]
    assert begun == [b"BEGIN:VCALENDAR"] + [b"BEGIN:VEVENT"] * 3
