"""Load series in two raw statements, faster than querysets
(docs/adr/0006-one-series-of-numbers.md).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from funnel.domain.conversion import USUAL_WEEKS
from funnel.domain.usual import RUN_WEEKS, SHIFTED_WEEKS, WEEKS_BACK
from funnel.domain.weeks import FIRST_MONDAY, Week
from funnel.models import Practice
from funnel.reports.series.series import BaselineRow, KPIRow, OwnershipPeriod, Remark, Series, Short

# The weeks a reading looks back, plus the longest run signal before them.
REACH = WEEKS_BACK + RUN_WEEKS + SHIFTED_WEEKS

# `asked` has one row per practice. Selects the places of all lineups in force from week `since` to
# the last; a KPI outside all of them has one row without a place.
KPIS = """
    WITH asked (practice_id, since, first, last) AS (VALUES {asked})
    SELECT kpi.practice_id, CAST(lineup.from_week AS text), CAST(kpi.archived_at AS text),
           CAST((SELECT MAX(baseline.from_week) FROM funnel_baseline baseline
                  WHERE baseline.kpi_id = kpi.id AND baseline.from_week <= asked.first) AS text),
           kpi.id, kpi.slug, kpi.name, kpi.definition, kpi.unit, kpi.direction, kpi.calculation,
           kpi.source_id, kpi.divisor_id, kpi."window", kpi.archived_at IS NOT NULL,
           COALESCE(role.name, now_role.name), COALESCE(place.is_stage, FALSE),
           "group".id, "group".name
      FROM asked
      JOIN funnel_kpi kpi ON kpi.practice_id = asked.practice_id {only}
      JOIN funnel_role now_role ON now_role.id = kpi.role_id
      LEFT JOIN funnel_lineup lineup
        ON lineup.practice_id = asked.practice_id AND lineup.from_week <= asked.last
       AND lineup.from_week >= COALESCE(
           (SELECT MAX(before.from_week) FROM funnel_lineup before
             WHERE before.practice_id = asked.practice_id AND before.from_week <= asked.since),
           lineup.from_week)
       AND EXISTS (SELECT 1 FROM funnel_place there
                    WHERE there.lineup_id = lineup.id AND there.kpi_id = kpi.id)
      LEFT JOIN funnel_place place ON place.lineup_id = lineup.id AND place.kpi_id = kpi.id
      LEFT JOIN funnel_role role ON role.id = place.role_id
      LEFT JOIN funnel_kpigroup "group" ON "group".id = place.group_id
     ORDER BY kpi.practice_id, lineup.from_week, place.position, kpi.id
"""
# Columns of each branch: kind, KPI or practice id, first day, number, text or day, second text.
# Mondays are ISO text and values hundredths, because both databases write these alike. All values
# of a KPI are one text ("2026-11-09 4200,2026-11-16 3900"): fetching a row per value takes three
# times as long. PostgreSQL reads them from the covering index alone.
VALUES = """
    SELECT 0, kpi_id, CAST(NULL AS text), CAST(NULL AS bigint), {joined}, CAST(NULL AS text)
      FROM funnel_weeklyentry
     WHERE practice_id IN ({practices}) AND week >= %s AND week <= %s {which}
     GROUP BY kpi_id
"""
# Earlier numbers of the KPIs that need them for a baseline.
EARLIER = """
     UNION ALL
    SELECT 0, kpi_id, NULL, NULL, {joined}, NULL
      FROM funnel_weeklyentry
     WHERE kpi_id IN ({kpis}) AND week >= %s AND week < %s
     GROUP BY kpi_id
"""
# String aggregate functions by database.
JOIN = {"postgresql": "string_agg", "sqlite": "group_concat"}
PAIR = "CAST(week AS text) || ' ' || CAST(CAST(ROUND(value * 100) AS bigint) AS text)"
# Length of the Monday in a value's text.
ISO_LENGTH = 10
HELD = """
     UNION ALL
    SELECT 1, kpi_id, CAST(from_week AS text), CAST(ROUND(value * 100) AS bigint), NULL, NULL
      FROM funnel_target
     WHERE kpi_id IN ({kpis}) AND from_week <= %s
     UNION ALL
    SELECT 2, practice_id, CAST(from_week AS text), CAST(ROUND(value * 100) AS bigint), NULL, NULL
      FROM funnel_patientvalue
     WHERE practice_id IN ({practices}) AND from_week <= %s
     UNION ALL
    SELECT 3, practice_id, CAST(week AS text), days_open, reason, NULL
      FROM funnel_shortweek
     WHERE practice_id IN ({practices}) AND week >= %s AND week <= %s
     UNION ALL
    SELECT 4, practice_id, CAST(week AS text), NULL, CAST(closed_at AS text), NULL
      FROM funnel_meeting
     WHERE practice_id IN ({practices}) AND week >= %s AND week <= %s AND closed_at IS NOT NULL
     UNION ALL
    SELECT 5, kpi_id, CAST(from_week AS text), NULL, CAST(ended_week AS text), NULL
      FROM funnel_baseline
     WHERE kpi_id IN ({kpis}) AND from_week <= %s
     UNION ALL
    SELECT 6, held.kpi_id, CAST(held.starts_on AS text), staff.id, CAST(held.ends_on AS text),
           staff.name
      FROM funnel_ownership held
      JOIN funnel_staff staff ON staff.id = held.staff_id
     WHERE held.kpi_id IN ({kpis}) AND held.starts_on <= %s
       AND (held.ends_on IS NULL OR held.ends_on >= %s)
     UNION ALL
    SELECT 7, kpi_id, CAST(week AS text), CAST(ROUND(seen_value * 100) AS bigint), NULL, NULL
      FROM funnel_weeklyentry
     WHERE practice_id IN ({practices}) AND week >= %s AND week <= %s AND is_corrected
"""
NOTES = """
     UNION ALL
    SELECT 8, kpi_id, CAST(week AS text), NULL, note, NULL
      FROM funnel_weeklyentry
     WHERE practice_id IN ({practices}) AND week >= %s AND week <= %s AND note <> ''
"""
# First recorded week of a single KPI: the start of its history.
EARLIEST = """
     UNION ALL
    SELECT 9, kpi_id, CAST(MIN(week) AS text), NULL, NULL, NULL
      FROM funnel_weeklyentry
     WHERE kpi_id IN ({kpis})
     GROUP BY kpi_id
"""
VALUE, TARGET, PATIENT, SHORT, CLOSED, BASELINE, OWNER, SEEN, NOTE, FIRST = range(10)


@dataclass(frozen=True, slots=True)
class Ask:
    """Weeks to load, and the local date."""

    practice: Practice
    first: Week
    last: Week
    today: date
    lineups_from: Week | None = None


class Reach(NamedTuple):
    """Weeks before the first, None for all; if `deep`, only for first stages."""

    weeks: int | None
    deep: bool = False


FOR_VERDICTS = Reach(REACH)
FOR_GROUPS = Reach(REACH, deep=True)
FOR_RATES = Reach(USUAL_WEEKS)
NOTHING_BEFORE = Reach(0)
EVERYTHING = Reach(None)


def load_series(
    asks: Sequence[Ask],
    *,
    reach: Reach = FOR_VERDICTS,
    slug: str | None = None,
    with_notes: bool = False,
) -> list[Series]:
    """Series in the order of `asks`, not empty. Two statements.

    With `slug`, only that KPI has numbers. Owners start at the first review day.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_kpi_statement(asks, slug))
        found = _Structure.of(cursor.fetchall())
        first = _first_week(asks, found, reach)
        cursor.execute(*_number_statement(asks, found, first, reach, slug, with_notes=with_notes))
        rows = cursor.fetchall()
    return _build(asks, found, rows)


def load_one(
    ask: Ask,
    *,
    reach: Reach = FOR_VERDICTS,
    slug: str | None = None,
    with_notes: bool = False,
) -> Series:
    """Two statements."""
    return load_series([ask], reach=reach, slug=slug, with_notes=with_notes)[0]


class _Structure(NamedTuple):
    lineups: Mapping[int, Mapping[str, list[KPIRow]]]
    others: Mapping[int, list[KPIRow]]
    kpis: Mapping[int, KPIRow]
    baselines: Mapping[int, str]
    archived: Mapping[int, str]

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> "_Structure":
        lineups: dict[int, dict[str, list[KPIRow]]] = defaultdict(dict)
        others: dict[int, list[KPIRow]] = defaultdict(list)
        kpis: dict[int, KPIRow] = {}
        baselines: dict[int, str] = {}
        archived: dict[int, str] = {}
        for practice_id, monday, archived_at, baseline, *fields in rows:
            fields[10] = bool(fields[10])
            fields[12] = bool(fields[12])
            kpi = KPIRow(*fields)
            kpis[kpi.id] = kpi
            if baseline is not None:
                baselines[kpi.id] = baseline
            if archived_at is not None:
                archived[kpi.id] = archived_at
            if monday is None:
                others[practice_id].append(kpi)
            else:
                lineups[practice_id].setdefault(monday, []).append(kpi)
        return cls(lineups, others, kpis, baselines, archived)

    @property
    def parts(self) -> list[int]:
        return sorted({part for kpi in self.kpis.values() for part in kpi.parts})


def _kpi_statement(asks: Sequence[Ask], slug: str | None) -> tuple[str, list[Any]]:
    given: list[Any] = []
    for ask in asks:
        weeks = (ask.lineups_from or ask.first, ask.first, ask.last)
        given += [ask.practice.pk, *(_day(week.monday) for week in weeks)]
    sql = KPIS.format(
        asked=", ".join(["(%s, %s, %s, %s)"] * len(asks)),
        only="" if slug is None else "AND kpi.slug = %s",
    )
    return sql, given if slug is None else [*given, slug]


def _first_week(asks: Sequence[Ask], found: _Structure, reach: Reach) -> Week:
    if reach.weeks is None:
        return Week(FIRST_MONDAY)
    added_up = max((kpi.window for kpi in found.kpis.values() if kpi.window), default=1) - 1
    return min(ask.first for ask in asks).plus(-reach.weeks - added_up)


def _number_statement(
    asks: Sequence[Ask],
    found: _Structure,
    first: Week,
    reach: Reach,
    slug: str | None,
    *,
    with_notes: bool,
) -> tuple[str, list[Any]]:
    practices = [ask.practice.pk for ask in asks]
    kpis = sorted(found.kpis)
    shown = [
        _day(min(ask.first for ask in asks).monday),
        _day(max(ask.last for ask in asks).monday),
    ]
    begin, last = _day(first.monday), shown[1]
    which, wanted = "", []
    if slug is not None:
        which, wanted = f"AND kpi_id IN ({_places(found.parts)})", found.parts
    elif reach.deep:
        deep = _first_stages(found)
        rates = min(ask.first for ask in asks).plus(-USUAL_WEEKS)
        which = f"AND (week >= %s OR kpi_id IN ({_places(deep)}))"
        wanted = [_day(rates.monday), *deep]
    given = [*practices, begin, last, *wanted]
    joined = f"{JOIN[connection.vendor]}({PAIR}, ',')"
    sql = VALUES.format(practices=_places(practices), which=which, joined=joined)
    since = begin
    if early := _before(found, first):
        since = min(early.values())
        sql += EARLIER.format(kpis=_places(tuple(early)), joined=joined)
        given += [*early, since, begin]
    days = [day for ask in asks for day in (ask.last.review_day(ask.today), ask.today)]
    reviews = min(min(ask.first.next.monday, ask.today) for ask in asks)
    sql += HELD.format(practices=_places(practices), kpis=_places(kpis))
    given += [*kpis, last, *practices, last]
    given += [*practices, since, last, *practices, shown[0], last]
    given += [*kpis, last, *kpis, _day(max(days)), _day(reviews), *practices, *shown]
    if with_notes:
        sql += NOTES.format(practices=_places(practices))
        given += [*practices, *shown]
    if slug is not None:
        sql += EARLIEST.format(kpis=_places(found.parts))
        given += found.parts
    return sql, given


def _first_stages(found: _Structure) -> list[int]:
    return sorted(
        {
            kpis[0].id
            for lineups in found.lineups.values()
            for kpis in lineups.values()
            if kpis[0].is_stage
        }
    )


def _before(found: _Structure, first: Week) -> dict[int, Any]:
    """A baseline needs the season before its first week too."""
    needed: dict[int, Any] = {}
    for kpi_id, monday in found.baselines.items():
        kpi = found.kpis[kpi_id]
        since = Week(date.fromisoformat(monday)).plus(1 - (kpi.window or 1) - WEEKS_BACK)
        if since < first:
            for part in kpi.parts:
                needed[part] = min(needed.get(part, _day(first.monday)), _day(since.monday))
    return needed


class _Numbers:
    """Rows by kind; days are text."""

    def __init__(self) -> None:
        self.values: dict[int, dict[str, Decimal]] = defaultdict(dict)
        self.targets: dict[int, list[tuple[Week, Decimal]]] = defaultdict(list)
        self.patient: dict[int, list[tuple[Week, Decimal | None]]] = defaultdict(list)
        self.short: dict[int, dict[Week, Short]] = defaultdict(dict)
        self.closed: dict[int, dict[Week, str]] = defaultdict(dict)
        self.baselines: dict[int, list[BaselineRow]] = defaultdict(list)
        self.owners: dict[int, list[OwnershipPeriod]] = defaultdict(list)
        self.remarks: dict[tuple[int, Week], Remark] = {}
        self.earliest: dict[int, Week] = {}

    def read(self, rows: Iterable[Sequence[Any]]) -> None:
        for what, key, day, number, text, name in rows:
            if what == VALUE:
                self.values[key] |= _values(text)
            else:
                self._read(what, key, day or "", number, text, name)
        for targets in self.targets.values():
            targets.sort(key=itemgetter(0))
        for values_of_one in self.patient.values():
            values_of_one.sort(key=itemgetter(0))
        for rows_of_one in self.baselines.values():
            rows_of_one.sort()

    def _read(
        self, what: int, key: int, day: str, number: Any, text: str | None, name: str | None
    ) -> None:
        if what == OWNER:
            ends_on = date.fromisoformat(text) if text else None
            owner = OwnershipPeriod(key, date.fromisoformat(day), ends_on, number, name or "")
            self.owners[key].append(owner)
            return
        week = _week(day)
        value = None if number is None else _number(number)
        if what == TARGET and value is not None:
            self.targets[key].append((week, value))
        elif what == PATIENT:
            self.patient[key].append((week, value))
        elif what == SHORT:
            self.short[key][week] = Short(number, text or "")
        elif what == CLOSED:
            self.closed[key][week] = text or ""
        elif what == BASELINE:
            self.baselines[key].append(BaselineRow(week, _week(text) if text else None))
        elif what == SEEN:
            note = self.remarks.get((key, week), Remark()).note
            self.remarks[key, week] = Remark(note, is_corrected=True, seen=value)
        elif what == NOTE:
            self.remarks[key, week] = self.remarks.get((key, week), Remark())._replace(
                note=text or ""
            )
        elif what == FIRST:
            self.earliest[key] = week


def _build(asks: Sequence[Ask], found: _Structure, rows: Iterable[Sequence[Any]]) -> list[Series]:
    numbers = _Numbers()
    numbers.read(rows)
    series = []
    for ask in asks:
        lineups = found.lineups.get(ask.practice.pk, {})
        others = found.others.get(ask.practice.pk, [])
        kpis = {kpi.id: kpi for kpis in (*lineups.values(), others) for kpi in kpis}
        begin = _begin(kpis.values(), numbers.values, ask)
        placed = {kpi.id for of_week in lineups.values() for kpi in of_week}
        series.append(
            Series(
                practice=ask.practice,
                today=ask.today,
                first=begin,
                last=ask.last,
                lineups=[(_week(monday), tuple(of_week)) for monday, of_week in lineups.items()],
                others=[kpi for kpi in others if kpi.id not in placed],
                columns=_columns(kpis.values(), numbers.values, begin, ask.last),
                targets=numbers.targets,
                patient_values=numbers.patient.get(ask.practice.pk, ()),
                baselines=numbers.baselines,
                owners=numbers.owners,
                short=numbers.short.get(ask.practice.pk, {}),
                closed={
                    week: _local_day(text, ask.practice)
                    for week, text in numbers.closed.get(ask.practice.pk, {}).items()
                },
                remarks=numbers.remarks,
                earliest=numbers.earliest,
                archived={
                    kpi: _local_day(text, ask.practice)
                    for kpi, text in found.archived.items()
                    if kpi in kpis
                },
            )
        )
    return series


def _begin(kpis: Iterable[KPIRow], values: Mapping[int, Mapping[str, Decimal]], ask: Ask) -> Week:
    recorded = [min(values[part]) for kpi in kpis for part in kpi.parts if values.get(part)]
    earliest = _week(min(recorded)) if recorded else ask.last
    return earliest if ask.first.monday == FIRST_MONDAY else min(earliest, ask.first)


def _columns(
    kpis: Iterable[KPIRow], values: Mapping[int, Mapping[str, Decimal]], first: Week, last: Week
) -> dict[int, list[Decimal | None]]:
    mondays = _mondays(first, last)
    columns: dict[int, list[Decimal | None]] = {}
    every = list(kpis)
    for part in {part for kpi in every for part in kpi.parts}:
        recorded = values.get(part, {})
        columns[part] = [recorded.get(monday) for monday in mondays]
    for kpi in every:
        if kpi.is_calculated:
            columns[kpi.id] = kpi.calculate([columns[part] for part in kpi.parts])
    return columns


@lru_cache(maxsize=64)
def _mondays(first: Week, last: Week) -> tuple[str, ...]:
    begin, end = first.monday.toordinal(), last.monday.toordinal()
    return tuple([date.fromordinal(day).isoformat() for day in range(begin, end + 1, 7)])


def _values(text: str | None) -> dict[str, Decimal]:
    assert text is not None  # noqa: S101 - a group has a row
    return {one[:ISO_LENGTH]: _number(one[ISO_LENGTH + 1 :]) for one in text.split(",")}


@lru_cache(maxsize=4096)
def _number(hundredths: int | str) -> Decimal:
    return Decimal(hundredths).scaleb(-2)


@lru_cache(maxsize=4096)
def _week(monday: str) -> Week:
    return Week(date.fromisoformat(monday))


def _local_day(text: str, practice: Practice) -> date:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(practice.zone).date()


def _day(day: date) -> Any:
    return connection.ops.adapt_datefield_value(day)


def _places(values: Sequence[Any]) -> str:
    """NULL equals nothing."""
    return ", ".join(["%s"] * len(values)) or "NULL"
