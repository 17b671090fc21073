"""One KPI's number over time: how it behaves, what was changed, and every entry."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F

from funnel.domain.calculated import moving_total, ratio
from funnel.domain.variation import Limits, Rule, moving_ranges
from funnel.domain.weeks import Week
from funnel.models import KPI, Practice, WeeklyEntry
from funnel.reports.history.changes import Change, load_past
from funnel.reports.history.findings import (
    Finding,
    Teller,
    baseline_sentence,
    find,
    headline,
    target_sentence,
)
from funnel.reports.names import called
from funnel.reports.series.behaviour import Behaviour, behave
from funnel.reports.series.versions import Correction, corrections

SPANS = (26, 52, 104)
DEFAULT_SPAN = 104

Values = Mapping[int, Mapping[date, Decimal]]


@dataclass(frozen=True, slots=True)
class Point:
    """One week: its number (None: missing), how far it moved from the week before, the limits in
    force (None: too few numbers, or not over yet), and its target. `rules` are those whose window
    it is in, `fired` those of them whose window it completes: what the board says of the week."""

    week: Week
    value: Decimal | None
    moved: float | None
    limits: Limits | None
    rules: tuple[Rule, ...]
    fired: tuple[Rule, ...]
    target: Decimal | None
    is_running: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A change, and the number that marks its week in the chart, None outside of it."""

    change: Change
    number: int | None


class Span(NamedTuple):
    """The points of one baseline, as indexes: from `first` up to, not including, `end`."""

    first: int
    end: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Entry:
    """A number as it stands, in words; `at` is the practice's time. `seen` is what the team saw in
    the meeting before it was corrected, None where it was not; `owner` is whose it is when someone
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
    """A KPI that a calculated one is told by."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for the KPI today, and since when."""

    name: str
    since: date


@dataclass(frozen=True, slots=True)
class History:
    """One KPI over time. `points` are the weeks shown, oldest first, and `spans` their baselines;
    `findings` and `changes` the newest first, the findings' weeks being indexes into the points,
    below 0 before them. `more` is how many weeks are not shown. A calculated KPI has its `source`,
    and its `divisor` or its `window`, but no entries."""

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
    say: Teller
    headline: tuple[str, ...]
    target: Decimal | None
    target_sentence: str
    baseline: str
    limits: Limits | None
    points: tuple[Point, ...]
    spans: tuple[Span, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Marked, ...]
    entries: tuple[Entry, ...]
    more: int
    suggested_week: Week | None

    @property
    def is_calculated(self) -> bool:
        """Told by other KPIs."""
        return self.source is not None

    @property
    def target_said(self) -> str:
        """The target in force; "" without one."""
        return "" if self.target is None else f"The target is {self.say.value(self.target)}."


def build_history(
    practice: Practice, slug: str, *, today: date, span: int | None = DEFAULT_SPAN
) -> History | None:
    """The practice's KPI of that slug, archived or not, in its last `span` completed weeks and the
    running one, None: all of them. None for no such KPI.

    Four statements, however many weeks, and a fifth where an entry was corrected.
    """
    kpis = KPI.objects.filter(practice=practice, slug=slug).with_owner(today)
    kpi = kpis.select_related("source", "divisor").first()
    if kpi is None:
        return None
    past = load_past(kpi, practice)
    rows = _load_entries(kpi, practice)
    say = Teller(kpi.name, kpi.unit, practice.currency)
    archived_on = _local(kpi.archived_at, practice).date() if kpi.archived_at else None
    told = _numbers(kpi, rows)
    weeks = _weeks(told, archived_on or today)
    values = [told.get(week.monday) for week in weeks]
    over = sum(week.sunday < today for week in weeks)
    behaviour = behave(weeks[:over], values[:over], past.starts)
    found = find(weeks[:over], values[:over], behaviour.segments, say)
    targets = past.targets_of(weeks)
    now = behaviour.segments[-1] if behaviour.segments else None
    shown = max(0, over - span) if span is not None else 0
    points = _points(weeks, values, targets, behaviour)[shown:]
    entries = [row for row in rows if points and row["week"] >= points[0].week.monday]
    latest = weeks[over - 1] if over and archived_on is None else None
    return History(
        slug=kpi.slug,
        name=kpi.name,
        definition=kpi.definition,
        role=kpi.role.name,
        unit=kpi.get_unit_display(),
        direction=kpi.get_direction_display(),
        archived_on=archived_on,
        owner=Owner(kpi.holding.staff.name, kpi.holding.starts_on) if kpi.holding else None,
        source=Part(kpi.source.slug, kpi.source.name) if kpi.source else None,
        divisor=Part(kpi.divisor.slug, kpi.divisor.name) if kpi.divisor else None,
        window=kpi.window,
        is_percent=kpi.unit == KPI.Unit.PERCENT,
        say=say,
        headline=headline(values[:over], latest, behaviour.segments, found, say),
        target=targets[-1] if targets else None,
        target_sentence=target_sentence(
            targets[-1] if targets else None,
            now.limits if now else None,
            say,
            higher_is_better=kpi.higher_is_better,
        ),
        baseline=baseline_sentence(weeks, values, behaviour.segments),
        limits=now.limits if now else None,
        points=points,
        spans=_spans(behaviour, shown),
        findings=tuple(_moved(finding, shown) for finding in found if finding.last >= shown),
        changes=_numbered(past.changes, points),
        entries=() if kpi.is_calculated else _entries(kpi, practice, entries, say),
        more=shown,
        suggested_week=_suggested(weeks[:over], found),
    )


def _load_entries(kpi: KPI, practice: Practice) -> Sequence[Mapping[str, Any]]:
    """The KPI's entries, of a calculated one those of what it is told by, the newest first."""
    told_by = [part for part in (kpi.source_id, kpi.divisor_id) if part] or [kpi.pk]
    rows = WeeklyEntry.objects.filter(practice=practice, kpi__in=told_by).order_by("-week")
    if kpi.is_calculated:
        return list(rows.values("kpi_id", "week", "value"))
    fields = ("id", "kpi_id", "week", "value", "note", "reason", "version", "entered_at")
    return list(
        rows.values(
            *fields,
            "is_corrected",
            "seen_value",
            by=called(practice, "entered_by"),
            owner=F("entered_for__name"),
        )
    )


def _numbers(kpi: KPI, rows: Iterable[Mapping[str, Any]]) -> Mapping[date, Decimal]:
    """The KPI's own numbers by Monday; what is missing is not there."""
    values: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for row in rows:
        values[row["kpi_id"]][row["week"]] = row["value"]
    if kpi.source_id is None:
        return values[kpi.pk]
    source = values[kpi.source_id]
    if kpi.window is not None:
        weeks = _between(source)
        totals = moving_total([source.get(week.monday) for week in weeks], kpi.window)
        found = {week.monday: total for week, total in zip(weeks, totals, strict=True)}
    else:
        by = values[kpi.divisor_id or 0]
        as_percent = kpi.unit == KPI.Unit.PERCENT
        found = {day: ratio(v, by.get(day), as_percent=as_percent) for day, v in source.items()}
    return {day: value for day, value in found.items() if value is not None}


def _between(told: Mapping[date, Decimal]) -> tuple[Week, ...]:
    """Every week from the first with a number to the last."""
    return Week.range(Week(min(told)), Week(max(told))) if told else ()


def _weeks(told: Mapping[date, Decimal], last_day: date) -> tuple[Week, ...]:
    """Every week from the first with a number to that day's; none without any number."""
    return Week.range(Week(min(told)), Week.of(last_day)) if told else ()


def _points(
    weeks: Sequence[Week],
    values: Sequence[Decimal | None],
    targets: Sequence[Decimal | None],
    behaviour: Behaviour,
) -> tuple[Point, ...]:
    over = len(behaviour.limits)
    ranges = moving_ranges(values[:over])
    return tuple(
        [
            Point(
                week,
                values[at],
                ranges[at] if at < over else None,
                behaviour.limits[at] if at < over else None,
                tuple([r for r in Rule if r in behaviour.marks[at]]) if at < over else (),
                behaviour.fired[at] if at < over else (),
                targets[at],
                at >= over,
            )
            for at, week in enumerate(weeks)
        ]
    )


def _spans(behaviour: Behaviour, shown: int) -> tuple[Span, ...]:
    return tuple(
        Span(max(0, segment.first - shown), segment.end - shown, segment.limits)
        for segment in behaviour.segments
        if segment.limits is not None and segment.end > shown
    )


def _moved(finding: Finding, shown: int) -> Finding:
    return replace(finding, first=finding.first - shown, last=finding.last - shown)


def _numbered(changes: Sequence[Change], points: Sequence[Point]) -> tuple[Marked, ...]:
    """The changes, those of a week that is shown with its number: 1 is the first such week."""
    shown = {point.week for point in points}
    marked = sorted({change.week for change in changes} & shown)
    number = {week: place for place, week in enumerate(marked, start=1)}
    return tuple(Marked(change, number.get(change.week)) for change in changes)


def _suggested(weeks: Sequence[Week], findings: Sequence[Finding]) -> Week | None:
    """Where a new baseline would begin: with the latest shift, else with the last week."""
    shifts = (finding.begins for finding in findings if finding.begins)
    return next(shifts, weeks[-1]) if weeks else None


def _entries(
    kpi: KPI, practice: Practice, rows: Sequence[Mapping[str, Any]], say: Teller
) -> tuple[Entry, ...]:
    versions = _load_versions(practice, [row["id"] for row in rows if row["version"] > 1])
    return tuple(
        [
            Entry(
                week=Week(row["week"]),
                value=say.value(row["value"]),
                note=row["note"],
                by=row["by"],
                owner=row["owner"],
                reason=row["reason"],
                at=_local(row["entered_at"], practice),
                seen=say.value(row["seen_value"]) if row["is_corrected"] else None,
                versions=corrections(versions.get(row["id"], ()), say.value, practice.zone),
            )
            for row in rows
        ]
    )


def _load_versions(practice: Practice, entry_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """What those entries were one after the other, by entry id, the first first."""
    versions: dict[int, list[dict[str, Any]]] = defaultdict(list)
    if entry_ids:
        rows = WeeklyEntry.history.filter(id__in=entry_ids).order_by("history_id")
        by = called(practice, "history_user")
        for row in rows.values("id", "value", "note", "reason", "entered_at", by=by):
            versions[row["id"]].append(row)
    return versions


def _local(at: datetime, practice: Practice) -> datetime:
    return at.astimezone(practice.zone)
