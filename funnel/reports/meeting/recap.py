from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, F, Q, Value, When

from funnel.domain import numbers
from funnel.domain.weeks import Week
from funnel.models import FollowUp, Meeting, Practice
from funnel.reports.board import snapshot
from funnel.reports.board.board import Board
from funnel.reports.board.corrections import Correction, load_corrections
from funnel.reports.board.gap import Gap
from funnel.reports.board.lines import KPILine
from funnel.reports.meeting.meetings import BEGUN
from funnel.reports.names import called

NOTE, PRESENT, NOT_BROUGHT = "note", "present", "not brought"
# The page of follow-ups has the rest.
MOST_PROMISES = 40


@dataclass(frozen=True, slots=True)
class RecapNumber:
    """Formatted, as seen in the meeting."""

    line: KPILine
    value: str
    target: str
    last_week: str
    note: str
    is_not_brought: bool
    correction: Correction | None


@dataclass(frozen=True, slots=True)
class GapPart:
    name: str
    role: str
    owner: str | None
    patients: str
    money: str
    is_gain: bool
    is_biggest: bool


@dataclass(frozen=True, slots=True)
class Split:
    """Formatted; `money` is "" without a value per patient."""

    expected: str
    actual: str
    total: str
    money: str
    parts: tuple[GapPart, ...]


@dataclass(frozen=True, slots=True)
class RecapFollowUp:
    """`closed` is "done", "dropped" or ""."""

    text: str
    owner: str
    due_on: date
    kpi: str
    week: Week
    closed: str


@dataclass(frozen=True, slots=True)
class Recap:
    """`board` is None without snapshot, `minutes` without clock; `notes` are on KPIs not on the
    board.
    """

    practice_name: str
    practice_slug: str
    time_zone: str
    currency: str
    week: Week
    closed_at: datetime | None
    closed_by: str | None
    reopened_at: datetime | None
    reopened_by: str | None
    reopened_because: str
    minutes: int | None
    seen_at: datetime | None
    board: Board | None
    numbers: tuple[RecapNumber, ...]
    gap: Split | None
    notes: tuple[tuple[str, str], ...]
    numbers_note: str
    ahead: str
    decisions: str
    present: tuple[str, ...]
    not_brought: tuple[str, ...]
    promised: tuple[RecapFollowUp, ...]
    carried: tuple[RecapFollowUp, ...]
    has_more: bool
    corrections: tuple[Correction, ...]

    @property
    def is_again(self) -> bool:
        return self.closed_at is not None and self.reopened_at is not None

    @property
    def news(self) -> tuple[KPILine, ...]:
        return tuple(number.line for number in self.numbers if number.line.is_loud)


def build_recap(practice: Practice, week: Week) -> Recap | None:
    """None without a meeting, even with numbers entered. Four queries."""
    meeting: Any = (
        Meeting.objects.filter(BEGUN | Q(revision__gt=0), practice=practice, week=week.monday)
        .select_related("snapshot")
        .annotate(closer=called(practice, "closed_by"), reopener=called(practice, "reopened_by"))
        .first()
    )
    if meeting is None:
        return None
    kept = getattr(meeting, "snapshot", None)
    board = snapshot.thaw(kept.board) if kept else None
    said = _Said.of(meeting)
    corrections = load_corrections(practice, week)
    promises = _load_promises(meeting, kept.taken_at if kept else meeting.closed_at)
    shown = promises[:MOST_PROMISES]
    on_board = {line.slug for line in board.lines} if board else set()
    return Recap(
        practice_name=practice.name,
        practice_slug=practice.slug,
        time_zone=practice.time_zone,
        currency=practice.currency,
        week=week,
        closed_at=meeting.closed_at,
        closed_by=meeting.closer,
        reopened_at=meeting.reopened_at,
        reopened_by=meeting.reopener,
        reopened_because=meeting.reopened_because,
        minutes=_minutes(meeting),
        seen_at=kept.taken_at if kept else None,
        board=board,
        numbers=_numbers(board, said, corrections) if board else (),
        gap=_split(board.gap, board.currency) if board and board.gap else None,
        notes=tuple((name, text) for slug, name, text in said.of_kpis if slug not in on_board),
        numbers_note=said.of_parts.get(Meeting.Part.NUMBERS, ""),
        ahead=said.of_parts.get(Meeting.Part.AHEAD, ""),
        decisions=said.of_parts.get(Meeting.Part.ISSUES, ""),
        present=said.present,
        not_brought=tuple(name for _, name in said.not_brought),
        promised=tuple(promise for promise in shown if promise.week == week),
        carried=tuple(promise for promise in shown if promise.week != week),
        has_more=len(promises) > len(shown),
        corrections=corrections,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    of_kpis: tuple[tuple[str, str, str], ...]
    of_parts: dict[str, str]
    present: tuple[str, ...]
    not_brought: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, meeting: Meeting) -> "_Said":
        """One query."""
        nothing = Value("", CharField())
        notes = meeting.notes.exclude(text="").order_by()
        rows = notes.values_list(
            Value(NOTE, CharField()), "part", "kpi__slug", "kpi__name", "text"
        ).union(
            meeting.attendances.order_by().values_list(
                Value(PRESENT, CharField()), nothing, nothing, "staff__name", nothing
            ),
            meeting.not_brought.order_by().values_list(
                Value(NOT_BROUGHT, CharField()), nothing, "kpi__slug", "kpi__name", nothing
            ),
            all=True,
        )
        found = sorted(rows, key=lambda row: row[3] or "")
        return cls(
            of_kpis=tuple(
                (slug, name, t) for what, _, slug, name, t in found if what == NOTE and slug
            ),
            of_parts={part: t for what, part, slug, _, t in found if what == NOTE and not slug},
            present=tuple(name for what, _, _, name, _ in found if what == PRESENT),
            not_brought=tuple((s, name) for what, _, s, name, _ in found if what == NOT_BROUGHT),
        )


def _numbers(
    board: Board, said: _Said, corrections: Sequence[Correction]
) -> tuple[RecapNumber, ...]:
    notes = {slug: text for slug, _, text in said.of_kpis}
    not_brought = {slug for slug, _ in said.not_brought}
    corrected = {correction.slug: correction for correction in corrections}
    return tuple(
        RecapNumber(
            line=line,
            value=numbers.value(line.value, line.unit, board.currency),
            target=numbers.value(line.target, line.unit, board.currency),
            last_week=numbers.value(line.last_week, line.unit, board.currency),
            note=notes.get(line.slug, ""),
            is_not_brought=line.slug in not_brought,
            correction=corrected.get(line.slug),
        )
        for line in board.lines
    )


def _split(gap: Gap, currency: str) -> Split:
    has_money = gap.expected_money is not None
    return Split(
        expected=numbers.decimal(gap.expected),
        actual=numbers.count(gap.actual),
        total=numbers.decimal(gap.total),
        money=numbers.money(gap.total_money, currency) if has_money else "",
        parts=tuple(
            GapPart(
                name=line.name,
                role=line.role,
                owner=line.owner,
                patients=numbers.decimal(line.patients),
                money=numbers.money(line.money, currency) if has_money else "",
                is_gain=line.is_gain,
                is_biggest=line.is_biggest,
            )
            for line in gap.lines
        ),
    )


def _minutes(meeting: Meeting) -> int | None:
    seconds = meeting.spent_numbers + meeting.spent_ahead + meeting.spent_issues
    return max(1, round(seconds / 60)) if seconds else None


def _load_promises(meeting: Meeting, ended_at: datetime | None) -> list[RecapFollowUp]:
    """This meeting's, then those open at its end; one more than shown. One query."""
    open_then = Q(done_at=None, dropped_at=None)
    if ended_at is not None:
        not_done = Q(done_at=None) | Q(done_at__gt=ended_at)
        open_then = not_done & (Q(dropped_at=None) | Q(dropped_at__gt=ended_at))
    rows = (
        FollowUp.objects.filter(
            Q(meeting=meeting) | (Q(meeting__week__lt=meeting.week) & open_then),
            practice=meeting.practice_id,
        )
        .order_by(Case(When(meeting=meeting, then=0), default=1), "due_on", "id")
        .values(
            "text",
            "due_on",
            "done_at",
            "dropped_at",
            named=F("owner__name"),
            of_kpi=F("kpi__name"),
            of_week=F("meeting__week"),
        )
    )
    return [_promise(row) for row in rows[: MOST_PROMISES + 1]]


def _promise(row: Mapping[str, Any]) -> RecapFollowUp:
    closed = "done" if row["done_at"] else "dropped" if row["dropped_at"] else ""
    return RecapFollowUp(
        text=row["text"],
        owner=row["named"],
        due_on=row["due_on"],
        kpi=row["of_kpi"] or "",
        week=Week(row["of_week"]),
        closed=closed,
    )
