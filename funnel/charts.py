"""Data for static/js/, no style."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from funnel.domain import numbers
from funnel.domain.variation import Limits
from funnel.reports.board.board import Board, Trend
from funnel.reports.board.gap import Gap
from funnel.reports.board.lines import StageLine
from funnel.reports.history.findings import day_of
from funnel.reports.history.history import History
from funnel.reports.meeting.agenda import Agenda

# With more weeks, a Monday needs its year.
A_YEAR = 53
# Decimals of calculated values.
DIGITS = 4


def of_board(board: Board) -> dict[str, Any]:
    """Parts without data are None."""
    return {
        "funnel": _funnel(board.stages),
        "trend": _trend(board.trend) if board.trend and _has_numbers(board.trend) else None,
        "gap": _gap(board.gap) if board.gap else None,
    }


def of_history(report: History) -> dict[str, Any] | None:
    """None without numbers."""
    points = report.points
    if not points:
        return None
    at = {point.week: place for place, point in enumerate(points)}
    numbered = {m.number: at[m.change.week] for m in report.changes if m.number is not None}
    is_long = len(points) > A_YEAR
    limits = [p.limits for p in points]
    return {
        "label": " ".join(report.headline),
        "name": report.name,
        "weeks": [day_of(p.week) if is_long else p.week.short_label for p in points],
        "running": next((place for place, p in enumerate(points) if p.is_running), None),
        "values": [_float(p.value) for p in points],
        "targets": [_float(p.target) for p in points],
        "ranges": [p.moved for p in points],
        "mean": _limits(limits, "mean"),
        "lower": _limits(limits, "drawn_lower"),
        "upper": _limits(limits, "upper"),
        "range": _limits(limits, "range_limit"),
        "fixed": [place for place, p in enumerate(points) if p.is_fixed],
        "short": [place for place, p in enumerate(points) if p.short is not None],
        "signs": _signs(report),
        "fired": [place for place, p in enumerate(points) if p.fired],
        "marks": [{"number": n, "at": place} for n, place in sorted(numbered.items())],
    }


def _signs(report: History) -> dict[str, list[int]]:
    """Indexes of worse or different weeks, by side."""
    signs: dict[str, list[int]] = {"above": [], "below": []}
    runs = [finding for finding in report.findings if not finding.is_quiet]
    for place, point in enumerate(report.points):
        run = next((f for f in runs if f.since <= point.week <= f.last), None)
        if run is not None and point.value is not None and point.short is None:
            signs["above" if run.is_high else "below"].append(place)
    return signs


def of_agenda(agenda: Agenda) -> dict[str, Any]:
    """By KPI slug."""
    return {
        slide.line.slug: {
            "weeks": [week.short_label for week in slide.weeks],
            "values": [_float(value) for value in slide.values],
            "target": _float(slide.line.target),
        }
        for slide in agenda.slides
    }


def _funnel(stages: Sequence[StageLine]) -> dict[str, Any] | None:
    if all(line.is_missing for line in stages):
        return None
    drawn = [
        {
            "name": line.name,
            "value": _float(line.value),
            "text": numbers.count(line.value),
            "step": _step(line),
        }
        for line in stages
    ]
    return {"label": f"{', '.join(_finding(line) for line in stages)}.", "stages": drawn}


def _step(line: StageLine) -> str:
    if line.of_previous is None or line.previous_name is None:
        return ""
    return f"{numbers.rate(line.of_previous)} of {line.previous_name.lower()}"


def _finding(line: StageLine) -> str:
    if line.value is None:
        return f"{line.name} missing"
    counted = f"{line.name} {numbers.count(line.value)}"
    step = _step(line)
    return f"{counted} ({step})" if step else counted


def _has_numbers(trend: Trend) -> bool:
    return any(value is not None for series in trend.series for value in series.values)


def _trend(trend: Trend) -> dict[str, Any]:
    at = len(trend.weeks) - 1 if trend.running is None else trend.running - 1
    latest = ", ".join(
        f"{series.name} {numbers.count(series.values[at])}"
        if series.values[at] is not None
        else f"{series.name} missing"
        for series in trend.series
        if series.is_reviewed(at)
    )
    return {
        "label": f"{latest} in the last of {trend.span} weeks.",
        "weeks": [week.short_label for week in trend.weeks],
        "running": trend.running,
        "series": [
            {
                "name": series.name,
                "values": [_float(value) for value in series.values],
                "targets": [_float(target) for target in series.targets],
            }
            for series in trend.series
        ],
    }


def _gap(gap: Gap) -> dict[str, float] | None:
    """Range of the bars, 0 included."""
    parts = [float(line.patients) for line in gap.lines if line.patients is not None]
    if not parts:
        return None
    low = min(0.0, *parts)
    return {"low": low, "span": (max(0.0, *parts) - low) or 1.0}


# json_script would write a Decimal as a string.
def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


# Rounded to the visible digits: ten years have over 2,000 limits.
def _limits(found: Sequence[Limits | None], name: str) -> list[float | None]:
    return [None if it is None else round(getattr(it, name), DIGITS) for it in found]
