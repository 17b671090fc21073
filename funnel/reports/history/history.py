from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from funnel.domain.variation import Limits
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice
from funnel.reports.history import past
from funnel.reports.history.changes import Change, build_changes
from funnel.reports.history.findings import (
    Finding,
    Wording,
    baseline_sentence,
    default_sentence,
    find,
    headline,
    later_targets,
    target_sentence,
)
from funnel.reports.history.past import Row, load_past
from funnel.reports.series.over_time import OverTime, Point, build_over_time
from funnel.reports.series.versions import EntryChange, corrections

SPANS = (26, 52, 104)
DEFAULT_SPAN = 104
# Entries per page.
ENTRIES = 26


@dataclass(frozen=True, slots=True)
class Marked:
    change: Change
    number: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """In local time; `owner` unless they entered it."""

    week: Week
    value: str
    note: str
    by: str
    owner: str | None
    reason: str
    at: datetime
    seen: str | None
    versions: tuple[EntryChange, ...]


@dataclass(frozen=True, slots=True)
class SourceKPI:
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class CurrentOwner:
    name: str
    since: date


@dataclass(frozen=True, slots=True)
class History:
    """Points oldest first, lists newest first. `offered` starts a run that may become the baseline;
    `entries_until` is the next page's last week.
    """

    slug: str
    name: str
    definition: str
    role: str
    unit: str
    direction: str
    archived_on: date | None
    owner: CurrentOwner | None
    source: SourceKPI | None
    divisor: SourceKPI | None
    window: int | None
    is_percent: bool
    words: Wording
    headline: tuple[str, ...]
    targets: tuple[str, ...]
    baseline: str
    baseline_from: Week | None
    may_end_baseline: bool
    limits: Limits | None
    points: tuple[Point, ...]
    findings: tuple[Finding, ...]
    offered: Week | None
    changes: tuple[Marked, ...]
    entries: tuple[Entry, ...]
    entries_until: Week | None
    more: int
    suggested_week: Week | None

    @property
    def is_calculated(self) -> bool:
        return self.source is not None


def build_history(
    practice: Practice,
    slug: str,
    *,
    today: date,
    span: int | None = DEFAULT_SPAN,
    entries_until: Week | None = None,
) -> History | None:
    """The last `span` completed weeks (None: all) and the running one; None for an unknown slug.
    Three statements.
    """
    over = build_over_time(practice, slug, today=today, span=span)
    if over is None:
        return None
    kpi, series = over.kpi, over.series
    page, entries_before = _page(over.points, entries_until)
    entries_of = (page[-1].monday, page[0].monday) if page else None
    rows = load_past(practice, kpi, entries_of)
    words = Wording(kpi.name, kpi.unit, practice.currency)
    found = find(over, words)
    offered = next((finding.since for finding in found if finding.may_be_normal), None)
    start = series.baseline_start(kpi.id, over.end)
    parts = {row["id"]: SourceKPI(row["slug"], row["name"]) for row in rows.get(past.PART, ())}
    return History(
        slug=kpi.slug,
        name=kpi.name,
        definition=kpi.definition,
        role=kpi.role,
        unit=KPI.Unit(kpi.unit).label,
        direction=KPI.Direction(kpi.direction).label,
        archived_on=over.archived_on,
        owner=CurrentOwner(over.owner.name, over.owner.starts_on) if over.owner else None,
        source=parts.get(kpi.source or 0),
        divisor=parts.get(kpi.divisor or 0),
        window=kpi.window,
        is_percent=kpi.as_percent,
        words=words,
        headline=headline(over, found, words),
        targets=_targets(over, rows.get(past.TARGET, ()), words),
        baseline=_baseline(over, start, rows.get(past.BASELINE, ())),
        baseline_from=start,
        may_end_baseline=start is not None and start < over.end and over.archived_on is None,
        limits=over.limits,
        points=over.points,
        findings=found,
        offered=offered if over.archived_on is None else None,
        changes=_numbered(build_changes(rows, kpi.unit, practice), over.points),
        entries=_entries(rows, words, practice),
        entries_until=entries_before,
        more=_more(over),
        suggested_week=offered or over.last,
    )


def _page(points: Sequence[Point], until: Week | None) -> tuple[list[Week], Week | None]:
    """Recorded weeks, and the first of the next page."""
    recorded = [
        point.week
        for point in reversed(points)
        if point.value is not None and (until is None or point.week <= until)
    ]
    return recorded[:ENTRIES], recorded[ENTRIES] if len(recorded) > ENTRIES else None


def _more(over: OverTime) -> int:
    if over.begins is None or not over.points:
        return 0
    return (over.points[0].week.monday - over.begins.monday).days // 7


def _targets(over: OverTime, rows: Sequence[Row], words: Wording) -> tuple[str, ...]:
    in_force = target_sentence(
        over.series.target(over.kpi.id, over.end),
        over.limits,
        words,
        higher_is_better=over.kpi.higher_is_better,
    )
    every = [
        (Week(date.fromisoformat(row["from_week"])), past.amount(row["value"])) for row in rows
    ]
    known = [(week, value) for week, value in every if value is not None]
    return (*([in_force] if in_force else []), *later_targets(known, over.end, words))


def _baseline(over: OverTime, start: Week | None, rows: Sequence[Row]) -> str:
    for row in rows:
        if start is not None and row["from_week"] == start.monday.isoformat():
            return baseline_sentence(over, start, row["by"] or "", row["reason"])
    return default_sentence(over)


def _numbered(changes: Sequence[Change], points: Sequence[Point]) -> tuple[Marked, ...]:
    """Weeks with changes from 1, oldest first."""
    shown = {point.week for point in points}
    marked = sorted({change.week for change in changes} & shown)
    number = {week: place for place, week in enumerate(marked, start=1)}
    return tuple(Marked(change, number.get(change.week)) for change in changes)


def _entries(
    rows: Mapping[int, Sequence[Row]], words: Wording, practice: Practice
) -> tuple[Entry, ...]:
    versions: dict[int, list[dict[str, object]]] = defaultdict(list)
    for row in rows.get(past.VERSION, ()):
        known = {
            "value": past.amount(row["value"]),
            "entered_at": past.moment(row["entered_at"], practice),
        }
        versions[row["id"]].append({**row, **known})
    return tuple(
        [
            Entry(
                week=Week(date.fromisoformat(row["week"])),
                value=words.value(past.amount(row["value"])),
                note=row["note"],
                by=row["by"],
                owner=row["owner"],
                reason=row["reason"],
                at=past.moment(row["entered_at"], practice),
                seen=words.value(past.amount(row["seen_value"])) if row["is_corrected"] else None,
                versions=corrections(versions.get(row["id"], ()), words.value, practice.zone),
            )
            for row in reversed(rows.get(past.ENTRY, ()))
        ]
    )
