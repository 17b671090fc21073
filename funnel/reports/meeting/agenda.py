from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import CharField, IntegerField, Value

from funnel.access import Seat
from funnel.domain.weeks import Week
from funnel.models import Meeting, Practice, StandIn, WeeklyEntry
from funnel.reports.board.board import Board, build_board
from funnel.reports.board.lines import KPILine
from funnel.reports.meeting.follow_ups import FollowUpItem, build_open_follow_ups
from funnel.reports.meeting.state import MeetingState, build_state
from funnel.reports.names import called

NOTE, PRESENT, NOT_BROUGHT = "note", "present", "not brought"


@dataclass(frozen=True, slots=True)
class Note:
    """Version 0 if not written yet."""

    text: str = ""
    version: int = 0
    by: str = ""


NOTHING = Note()


@dataclass(frozen=True, slots=True)
class Attendee:
    """Former members only if present."""

    id: int
    name: str
    is_present: bool


@dataclass(frozen=True, slots=True)
class Slide:
    """13 previous weeks and this one; `entered_by` are staff ids."""

    line: KPILine
    place: int
    entered_note: str
    is_not_brought: bool
    note: Note
    follow_ups: tuple[FollowUpItem, ...]
    weeks: tuple[Week, ...]
    values: tuple[Decimal | None, ...]
    entered_by: frozenset[int]

    @property
    def is_open(self) -> bool:
        return self.line.is_missing and not self.line.is_calculated

    @property
    def rows(self) -> tuple[tuple[Week, Decimal | None], ...]:
        return tuple(zip(reversed(self.weeks), reversed(self.values), strict=True))


@dataclass(frozen=True, slots=True)
class Away:
    slug: str
    kpi: str
    staff_id: int
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Agenda:
    """`follow_ups` are open, overdue first; `ahead` is the running week."""

    week: Week
    board: Board
    state: MeetingState
    slides: tuple[Slide, ...]
    people: tuple[Attendee, ...]
    ahead_note: Note
    issues_note: Note
    away: tuple[Away, ...]
    ahead: Week
    follow_ups: tuple[FollowUpItem, ...]
    due_on: date

    @property
    def waiting(self) -> tuple[Slide, ...]:
        return tuple(slide for slide in self.slides if slide.is_open)

    @property
    def present(self) -> tuple[Attendee, ...]:
        return tuple(person for person in self.people if person.is_present)

    @property
    def due_soon(self) -> tuple[FollowUpItem, ...]:
        return tuple(item for item in self.follow_ups if item.due_on <= self.due_on)


def build_agenda(seat: Seat, week: Week, *, today: date, now: datetime) -> Agenda:
    """Eight queries."""
    practice = seat.practice
    board = build_board(practice, week, today=today)
    state = build_state(practice, week, now=now)
    kept = _Kept.of(practice, state.meeting_id)
    notes = _load_entered_notes(practice, week)
    open_ones = build_open_follow_ups(seat, today=today)
    ahead = Week.running(today)
    away = _load_away(practice, ahead, today)
    standing_in = [it for it in away if it.starts_on <= today]
    return Agenda(
        week=week,
        board=board,
        state=state,
        slides=tuple(_slides(board, kept, notes, open_ones, standing_in)),
        people=_people(practice, kept.present),
        ahead_note=kept.of_parts.get(Meeting.Part.AHEAD, NOTHING),
        issues_note=kept.of_parts.get(Meeting.Part.ISSUES, NOTHING),
        away=away,
        ahead=ahead,
        follow_ups=open_ones,
        due_on=practice.meeting_day_after(today),
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """Notes by KPI slug and by part."""

    of_kpis: Mapping[str, Note]
    of_parts: Mapping[str, Note]
    present: Mapping[int, str]
    not_brought: frozenset[str]

    @classmethod
    def of(cls, practice: Practice, meeting_id: int | None) -> "_Kept":
        """One query."""
        meeting = Meeting(pk=meeting_id or 0)
        none, zero = Value("", CharField()), Value(0, IntegerField())
        rows = meeting.notes.order_by().values_list(
            Value(NOTE, CharField()),
            "part",
            "kpi__slug",
            "text",
            "version",
            called(practice, "written_by"),
        )
        others = (
            meeting.attendances.order_by().values_list(
                Value(PRESENT, CharField()), none, none, "staff__name", "staff_id", none
            ),
            meeting.not_brought.order_by().values_list(
                Value(NOT_BROUGHT, CharField()), none, "kpi__slug", none, zero, none
            ),
        )
        found = list(rows.union(*others, all=True))
        written = [row for row in found if row[0] == NOTE]
        return cls(
            of_kpis={slug: Note(t, v, by) for _, _, slug, t, v, by in written if slug},
            of_parts={part: Note(t, v, by) for _, part, slug, t, v, by in written if not slug},
            present={row[4]: row[3] for row in found if row[0] == PRESENT},
            not_brought=frozenset(row[2] for row in found if row[0] == NOT_BROUGHT),
        )


def _slides(
    board: Board,
    kept: _Kept,
    entered: Mapping[str, str],
    follow_ups: Sequence[FollowUpItem],
    standing_in: Sequence[Away],
) -> Iterable[Slide]:
    for place, line in enumerate(board.lines, start=1):
        values = (*line.before, line.value)
        owner = [] if line.owner_id is None else [line.owner_id]
        others = [it.staff_id for it in standing_in if it.slug == line.slug]
        yield Slide(
            line=line,
            place=place,
            entered_note=entered.get(line.slug, ""),
            is_not_brought=line.slug in kept.not_brought,
            note=kept.of_kpis.get(line.slug, NOTHING),
            follow_ups=tuple(item for item in follow_ups if item.kpi_slug == line.slug),
            weeks=board.week.next.back(len(values)),
            values=values,
            entered_by=frozenset([*owner, *others]),
        )


def _people(practice: Practice, present: Mapping[int, str]) -> tuple[Attendee, ...]:
    team = dict(practice.staff.active().order_by("name", "id").values_list("pk", "name"))
    left = {pk: name for pk, name in present.items() if pk not in team}
    return tuple(Attendee(pk, name, pk in present) for pk, name in (team | left).items())


def _load_entered_notes(practice: Practice, week: Week) -> dict[str, str]:
    rows = WeeklyEntry.objects.filter(practice=practice, week=week.monday).exclude(note="")
    return dict(rows.order_by().values_list("kpi__slug", "note"))


def _load_away(practice: Practice, ahead: Week, today: date) -> tuple[Away, ...]:
    rows = (
        StandIn.objects.filter(
            kpi__practice=practice,
            kpi__archived_at=None,
            starts_on__lte=ahead.next.sunday,
            ends_on__gte=today,
        )
        .order_by("starts_on", "kpi_id")
        .values_list("kpi__slug", "kpi__name", "staff_id", "staff__name", "starts_on", "ends_on")
    )
    return tuple(Away(*row) for row in rows)
