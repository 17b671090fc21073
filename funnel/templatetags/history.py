"""The long lists of a KPI's own page, one tag a list: row by row in the template ten years of weeks
would be most of the page's cost."""

from collections.abc import Sequence
from datetime import datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from funnel.domain.variation import Limits, Rule
from funnel.domain.weeks import MONTHS
from funnel.reports.history.findings import Finding
from funnel.reports.history.history import Entry, History, Point
from funnel.reports.series.versions import Correction
from funnel.templatetags.numbers import MISSING

register = template.Library()

SHAPES = {Rule.OUTSIDE: "▲", Rule.LEANING: "◆", Rule.SHIFTED: "■"}
NO_LIMITS = ("–", "–")


@register.filter
def moment(at: datetime) -> str:
    """A time as it stands on the practice's clock: "Nov 17, 2026, 9:05 AM"."""
    half = "AM" if at.hour < 12 else "PM"
    hour = at.hour % 12 or 12
    return f"{MONTHS[at.month - 1]} {at.day}, {at.year}, {hour}:{at.minute:02} {half}"


@register.simple_tag
def history_rows(report: History) -> SafeString:
    """The weeks as table rows, newest first: number, target, moving range, mean, limits, signals;
    the words that static/js/xmr.js shows at a point."""
    say = report.say
    written: dict[Limits | None, tuple[str, str]] = {None: NO_LIMITS}
    rows = []
    for point in reversed(report.points):
        limits = point.limits
        if limits not in written:
            assert limits is not None  # noqa: S101 - None is written already
            written[limits] = say.limit(limits.mean), say.between(limits)
        rows.append(
            (
                point.week.label + (" (in progress)" if point.is_running else ""),
                MISSING if point.value is None else say.value(point.value),
                say.value(point.target),
                say.limit(point.moved),
                *written[limits],
                signals_of(point),
            )
        )
    return format_html_join(
        "",
        '<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>'
        "<td>{}</td></tr>",
        rows,
    )


def signals_of(point: Point) -> str:
    """The signals the week completes, as the board says them, then those it is only part of:
    "outside; part of: shifted"."""
    said = [", ".join(point.fired)] if point.fired else []
    if others := [rule for rule in point.rules if rule not in point.fired]:
        said.append(f"part of: {', '.join(others)}")
    return "; ".join(said)


@register.simple_tag
def finding_items(
    findings: Sequence[Finding], first: int = 0, end: int | None = None, begin: str = ""
) -> SafeString:
    """Some of the findings as list items: sign and word, weeks, sentence; with `begin`, where a new
    baseline may be begun, the beginning of an address to which its week is added."""
    return format_html_join(
        "",
        '<li><p class="found__weeks"><span class="signal"><span aria-hidden="true">{}</span> {}'
        "</span> {}</p><p>{}</p>{}</li>",
        [
            (SHAPES[f.rule], f.rule.value, f.weeks, f.text, _begin(begin, f))
            for f in findings[first:end]
        ],
    )


def _begin(address: str, finding: Finding) -> SafeString | str:
    if not address or finding.begins is None:
        return ""
    return format_html(
        '<p><a class="to" href="{}{}#new-baseline">Start a new baseline here</a></p>',
        address,
        finding.begins,
    )


@register.simple_tag
def entry_items(entries: Sequence[Entry], first: int = 0, end: int | None = None) -> SafeString:
    """Some of the entries as list items: week, number, who and when, note, corrections."""
    return format_html_join(
        "",
        '<li><p class="entered__head"><b>{}</b> <span>{}</span></p>'
        '<p class="quiet small">{}</p>{}</li>',
        [
            (entry.value, entry.week.label, _entered(entry), _more(entry))
            for entry in entries[first:end]
        ],
    )


def _entered(entry: Entry) -> str:
    whose = f" for {entry.owner}" if entry.owner else ""
    why = f": {entry.reason}" if entry.reason else ""
    return f"{entry.by}{whose}, {moment(entry.at)}{why}"


def _more(entry: Entry) -> SafeString | str:
    if not (entry.note or entry.seen is not None or entry.versions):
        return ""
    note = format_html('<p class="entered__note">{}</p>', entry.note) if entry.note else ""
    return format_html("{}{}{}", note, _after_meeting(entry), _versions(entry.versions))


def _after_meeting(entry: Entry) -> SafeString | str:
    if entry.seen is None:
        return ""
    said = f"Corrected after the meeting: {entry.seen} → {entry.value}"
    if entry.seen == "–":
        said = "Entered after the meeting, where it was missing"
    return format_html('<p class="remark"><span aria-hidden="true">✎</span> {}.</p>', said)


def _versions(versions: Sequence[Correction]) -> SafeString | str:
    if not versions:
        return ""
    times = "once" if len(versions) == 1 else f"{len(versions)} times"
    items = format_html_join("", "<li>{}{}</li>", [(_changed(v), _rewritten(v)) for v in versions])
    return format_html(
        '<details class="more"><summary>Changed {}</summary><ol>{}</ol></details>', times, items
    )


def _changed(version: Correction) -> str:
    what = "Note changed" if version.is_note_only else f"{version.old} → {version.new}"
    why = f": {version.reason}" if version.reason else ""
    return f"{what}, {version.by}, {moment(version.at)}{why}"


def _rewritten(version: Correction) -> SafeString | str:
    if not version.is_note_rewritten:
        return ""
    return format_html(
        '<br><span class="quiet">note: {} → {}</span>',
        version.old_note or "none",
        version.new_note or "none",
    )
