"""Calendar feeds (iCalendar, RFC 5545)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event, vText

from funnel.reports.meeting.calendar import CalendarFollowUp, Dates, Sitting

Link = Callable[..., str]

# Half an hour before the meeting, a missing number can still be found.
DUE_BEFORE = timedelta(minutes=30)
ASK_AGAIN = timedelta(hours=4)


def of_dates(dates: Dates, *, host: str, link: Link) -> bytes:
    """Equal dates give equal bytes: stamps are times of change. `link` returns absolute URLs."""
    calendar = Calendar()
    calendar.add("prodid", "-//Weekly KPI//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # Typed as text: the library does not escape unknown X- properties.
    calendar.add("x-wr-calname", vText(_line(f"{dates.practice_name}: weekly KPI")))
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", ASK_AGAIN)
    # Separate events in UTC: apps differ in how a weekly rule treats a time that a clock change
    # skips or repeats, and the reminders must agree.
    for meeting in dates.meetings:
        if dates.brings_numbers:
            calendar.add_component(_deadline(dates, meeting, host, link))
        calendar.add_component(_meeting(dates, meeting, host, link))
    for promise in dates.promises:
        calendar.add_component(_follow_up(dates, promise, host, link))
    file: bytes = calendar.to_ical()
    return file


def _deadline(dates: Dates, meeting: Sitting, host: str, link: Link) -> Event:
    return _event(
        f"numbers-{dates.practice_id}-{dates.staff_id}-{meeting.week}@{host}",
        f"My numbers are due: {meeting.week.label}",
        begins=meeting.begins - DUE_BEFORE,
        ends=meeting.begins,
        stamp=dates.changed,
        location=dates.practice_name,
        url=link("enter", dates.slug, meeting.week),
    )


def _meeting(dates: Dates, meeting: Sitting, host: str, link: Link) -> Event:
    event = _event(
        f"meeting-{dates.practice_id}-{meeting.week}@{host}",
        f"Weekly KPI meeting: {meeting.week.label}",
        begins=meeting.begins,
        ends=meeting.ends,
        stamp=dates.changed,
        location=dates.practice_name,
        url=link("meeting", dates.slug, meeting.week),
    )
    event["transp"] = "OPAQUE"
    return event


def _follow_up(dates: Dates, promise: CalendarFollowUp, host: str, link: Link) -> Event:
    return _event(
        f"follow-up-{promise.number}@{host}",
        f"Follow-up due: {promise.text}",
        begins=promise.due_on,
        ends=promise.due_on + timedelta(days=1),
        stamp=promise.changed,
        location=dates.practice_name,
        url=link("follow-up", dates.slug, promise.number),
    )


def _event(
    uid: str,
    summary: str,
    *,
    begins: date,
    ends: date,
    stamp: datetime,
    location: str,
    url: str,
) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp.replace(microsecond=0))
    event.add("dtstart", begins)
    event.add("dtend", ends)
    event.add("summary", _line(summary))
    event.add("location", _line(location))
    event.add("url", url)
    # A deadline does not make anyone busy.
    event.add("transp", "TRANSPARENT")
    return event


def _line(text: str) -> str:
    return " ".join(text.split())
