"""One KPI's number over time: how it behaves, what was changed, and its entries."""

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
    baseline_sentence,
    default_sentence,
    find,
    headline,
    later_targets,
    target_sentence,
)
from funnel.reports.history.past import Row, load_past
from funnel.reports.history.wording import Wording
from funnel.reports.series.over_time import OverTime, Point, build_over_time
from funnel.reports.series.versions import Correction, corrections

SPANS = (26, 52, 104)
DEFAULT_SPAN = 104
# Entries on one page.
ENTRIES = 26


@dataclass(frozen=True, slots=True)
class Marked:
    """A change, and the number that marks its week in the chart, None outside of it."""

    change: Change
    number: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A number as it is stored, in words; `at` is the practice's time. `seen` is what the team saw
    in the meeting before it was corrected, None where it was not; `owner` is the owner when someone
    else entered it. `versions` are its earlier ones, the latest first."""

    week: Week
    value: str
    note: str
    by: str
    owner: str | None
    reason: str
    at: datetime
    seen: str | None
    versions: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A KPI that a calculated one is calculated from."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns the KPI today, and since when."""

    name: str
    since: date


@dataclass(frozen=True, slots=True)
class History:
    """One KPI over time. `points` are the weeks shown, oldest first; `findings`, `changes` and
    `entries` the newest first.

    `targets` are sentences, empty without any target. `baseline` says where the usual range comes
    from; `baseline_from` is the first week of the one that is set, None under the default range.
    `offered` is the first week of a run that may be the new normal. `more` is how many weeks are
    not shown; `entries_until` the week that older entries end with, None where these are the
    oldest. A calculated KPI has its `source`, and its `divisor` or its `window`, but no entries.
    """

    slug: str
    name: str
    definition: str
    role: str
    unit: str
    direction: str
    archived_on: date | None
    owner: Owner | None
    source: Part | None
    divisor: Part | None
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
        """Whether its numbers are calculated and not entered."""
        return self.source is not None


def build_history(
    practice: Practice,
    slug: str,
    *,
    today: date,
    span: int | None = DEFAULT_SPAN,
    entries_until: Week | None = None,
) -> History | None:
    """The practice's KPI of that slug, archived or not, in its last `span` completed weeks and the
    running one, None: all of them; with the newest entries up to that week. None for no such KPI.

    Three statements, however many weeks.
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
    parts = {row["id"]: Part(row["slug"], row["name"]) for row in rows.get(past.PART, ())}
    return History(
        slug=kpi.slug,
        name=kpi.name,
        definition=kpi.definition,
        role=kpi.role,
        unit=KPI.Unit(kpi.unit).label,
        direction=KPI.Direction(kpi.direction).label,
        archived_on=over.archived_on,
        owner=Owner(over.owner.name, over.owner.starts_on) if over.owner else None,
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
    """The recorded weeks of a page of entries, the newest first, and the week after them."""
    recorded = [
        point.week
        for point in reversed(points)
        if point.value is not None and (until is None or point.week <= until)
    ]
    return recorded[:ENTRIES], recorded[ENTRIES] if len(recorded) > ENTRIES else None


def _more(over: OverTime) -> int:
    """How many weeks there are before the first shown."""
    if over.begins is None or not over.points:
        return 0
    return (over.points[0].week.monday - over.begins.monday).days // 7


def _targets(over: OverTime, rows: Sequence[Row], words: Wording) -> tuple[str, ...]:
    """The target in force in the latest week, and those that begin later."""
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
    """The changes, those of a week that is shown with its number: 1 is the first such week."""
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
