from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from funnel.access import Seat, take_stand
from funnel.actions import entries, follow_ups, meetings, notes
from funnel.demo.plots import APPOINTMENTS, LEADS, PATIENTS
from funnel.domain.weeks import Week
from funnel.models import (
    KPI,
    Attendance,
    FollowUp,
    Meeting,
    MeetingNote,
    Message,
    Practice,
    Snapshot,
    Staff,
    WeeklyEntry,
)

# Returns the board of a practice and week on that day, as JSON data.
Seen = Callable[[Practice, Week, date], dict[str, Any]]
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Promised:
    """`due`, `done` and `dropped` are weeks after the meeting."""

    account: str
    text: str
    due: int
    kpi: str | None = None
    done: int | None = None
    dropped: int | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    kpi: str
    by: int
    reason: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """`ago` 1 is the last completed week. `notes` are (part, KPI or None, text)."""

    ago: int
    seconds: tuple[int, int, int]
    present: tuple[str, ...]
    notes: tuple[tuple[str, str | None, str], ...]
    promised: tuple[Promised, ...]
    corrected: Corrected | None = None


ALL = ("manager", "marketing", "frontdesk", "coordinator", "doctor")
HELD: Mapping[str, Sequence[Minutes]] = {
    "lumina": (
        Minutes(
            ago=5,
            seconds=(505, 110, 340),
            present=ALL,
            notes=(
                ("numbers", LEADS, "Two thirds came from search, as usual."),
                ("issues", None, "We try reels for four weeks before we judge them."),
            ),
            promised=(
                Promised("frontdesk", "Ask for the price of a second phone line", 1, done=1),
                Promised(
                    "marketing",
                    "Try a campaign with reels",
                    2,
                    LEADS,
                    dropped=2,
                    because="The budget goes to search until January.",
                ),
            ),
        ),
        Minutes(
            ago=4,
            seconds=(450, 95, 280),
            present=("manager", "frontdesk", "coordinator"),
            notes=(("issues", None, "Who asks for a price gets a call the same day."),),
            promised=(
                Promised("coordinator", "Call everyone who asked for a price", 1, PATIENTS, done=1),
            ),
            corrected=Corrected(LEADS, -2, "Two leads turned out to be patients who came back."),
        ),
        Minutes(
            ago=3,
            seconds=(520, 140, 300),
            present=ALL,
            notes=(
                ("numbers", APPOINTMENTS, "Calls went to voicemail for three days."),
                ("ahead", None, "Open house on Thursday evening; the front desk stays until 8."),
            ),
            promised=(
                Promised("frontdesk", "Have the broken phone line repaired", 1, APPOINTMENTS),
                Promised("doctor", "Offer two late slots on Thursdays", 3),
            ),
        ),
        Minutes(
            ago=2,
            seconds=(480, 120, 265),
            present=ALL[:4],
            notes=(
                ("numbers", APPOINTMENTS, "The second line still drops calls."),
                ("issues", None, "Web leads are called back within an hour from today on."),
            ),
            promised=(
                Promised("coordinator", "Offer a new date to the five who cancelled", 1, PATIENTS),
                Promised("marketing", "Call back web leads within an hour", 2, LEADS),
            ),
        ),
    ),
}


def keep(
    *,
    practice: Practice,
    people: Mapping[str, Staff],
    kpis: Mapping[str, KPI],
    told: Sequence[Week],
    seen: Seen,
) -> None:
    manager = people["manager"]
    seat = Seat(manager.user, practice, manager)
    for minutes in HELD.get(practice.slug, ()):
        if minutes.ago <= len(told):
            _hold(minutes, seat, people, kpis, told[-minutes.ago], seen)


def _hold(
    minutes: Minutes,
    by: Seat,
    people: Mapping[str, Staff],
    kpis: Mapping[str, KPI],
    week: Week,
    seen: Seen,
) -> None:
    practice = by.practice
    day = week.next.monday + practice.meeting_weekday * ONE_DAY
    begun = datetime.combine(day, practice.meeting_time, practice.zone)
    closed = begun + timedelta(seconds=sum(minutes.seconds))
    meeting = meetings.start(by=by, week=week, today=day)
    Attendance.objects.bulk_create(
        Attendance(meeting=meeting, staff=people[account], marked_at=begun, marked_by=by.user)
        for account in minutes.present
    )
    for part, kpi, text in minutes.notes:
        notes.write(
            by=by,
            week=week,
            part=part,
            kpi=kpis[kpi] if kpi else None,
            text=text,
            version=None,
            today=day,
        )
    for promised in minutes.promised:
        _promise(promised, by, people, kpis, week, closed)
    _close(by, week, day, seen)
    _backdate(minutes, by, week, begun, closed)
    if minutes.corrected:
        _correct(minutes.corrected, by, week, closed + ONE_DAY, seen)


def _promise(
    promised: Promised,
    by: Seat,
    people: Mapping[str, Staff],
    kpis: Mapping[str, KPI],
    week: Week,
    at: datetime,
) -> None:
    made = follow_ups.promise(
        by=by,
        week=week,
        text=promised.text,
        owner=people[promised.account],
        due_on=at.date() + promised.due * ONE_WEEK,
        kpi=kpis[promised.kpi] if promised.kpi else None,
    )
    made.history.update(promised_at=at, history_date=at)
    changed: dict[str, datetime] = {"promised_at": at}
    if promised.done is not None:
        owner = people[promised.account]
        follow_ups.finish(by=Seat(owner.user, by.practice, owner), follow_up=made)
        changed["done_at"] = at + promised.done * ONE_WEEK - ONE_DAY
    elif promised.dropped is not None:
        follow_ups.drop(by=by, follow_up=made, reason=promised.because)
        changed["dropped_at"] = at + promised.dropped * ONE_WEEK
    FollowUp.objects.filter(pk=made.pk).update(**changed)
    ended = changed.get("done_at") or changed.get("dropped_at")
    if ended:
        made.history.filter(version=2).update(history_date=ended, **changed)


def _close(by: Seat, week: Week, day: date, seen: Seen) -> None:
    meetings.close(by=by, week=week, today=day, seen=lambda: seen(by.practice, week, day))


def _backdate(minutes: Minutes, by: Seat, week: Week, begun: datetime, closed: datetime) -> None:
    """Old recaps are not mailed."""
    numbers, ahead, issues = minutes.seconds
    held = Meeting.objects.filter(practice=by.practice, week=week.monday)
    held.update(
        started_at=begun,
        closed_at=closed,
        spent_numbers=numbers,
        spent_ahead=ahead,
        spent_issues=issues,
    )
    _forget_recaps(by)
    Snapshot.objects.filter(meeting__in=held).update(taken_at=closed)
    MeetingNote.objects.filter(meeting__in=held).update(written_at=closed)


def _correct(corrected: Corrected, by: Seat, week: Week, at: datetime, seen: Seen) -> None:
    stored = WeeklyEntry.objects.filter(
        practice=by.practice, week=week.monday, kpi__slug=corrected.kpi
    ).first()
    stand = take_stand(by, corrected.kpi, at.date())
    if stored is None or stand is None:
        return
    meetings.reopen(by=by, week=week, reason=corrected.reason)
    entry = entries.record(
        by=stand,
        week=week,
        value=stored.value + corrected.by,
        note=stored.note,
        reason=corrected.reason,
        version=stored.version,
        confirmed=True,
    )
    _close(by, week, at.date(), seen)
    WeeklyEntry.objects.filter(pk=entry.pk).update(entered_at=at)
    entry.history.filter(version=entry.version).update(entered_at=at, history_date=at)
    held = Meeting.objects.filter(practice=by.practice, week=week.monday)
    held.update(reopened_at=at, closed_at=at + timedelta(minutes=5))
    _forget_recaps(by)


def _forget_recaps(by: Seat) -> None:
    Message.objects.filter(kind=Message.Kind.RECAP, staff__practice=by.practice).delete()
