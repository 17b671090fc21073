from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.actions import baselines, entries
from funnel.reports.history import past
from funnel.reports.history.past import load_past
from funnel.reports.series.over_time import build_over_time
from tests.factories import TODAY, WEEK, make_entry, make_numbers, make_target, seat_for, stand_for
from tests.reports.history.pages import USUAL, begin, history_of, make_ratio

pytestmark = pytest.mark.django_db


def test_the_rows_of_another_practice_are_not_read(cast):
    make_numbers(cast.leads, USUAL)
    other = cast.stranger.practice.kpis.get(slug="leads")
    make_numbers(other, [90] * 20)
    make_target(other, 500)
    begin(other, WEEK, "Elsewhere")
    report = history_of(cast.leads)
    assert {entry.value for entry in report.entries} == {"10", "12"}
    assert [m.change.text for m in report.changes] == ["Tom owns it."]


def past_of(kpi, entries_of=None):
    over = build_over_time(kpi.practice, kpi.slug, today=TODAY)
    with CaptureQueriesContext(connection) as captured:
        rows = load_past(kpi.practice, over.kpi, entries_of)
    assert len(captured) == 1
    return rows


def test_rows_come_by_kind_in_the_order_of_time(cast):
    make_target(cast.leads, 50, WEEK)
    make_target(cast.leads, 40, WEEK.plus(-8))
    rows = past_of(cast.leads)
    assert set(rows) == {past.OWNER, past.TARGET, past.DEFINITION}
    assert [past.amount(row["value"]) for row in rows[past.TARGET]] == [40, 50]
    assert [row["name"] for row in rows[past.OWNER]] == ["Tom"]


def test_entries_are_those_of_the_weeks_with_their_versions(cast):
    make_entry(cast.leads, 10, WEEK.plus(-2))
    entry = make_entry(cast.leads, 20)
    by = stand_for(cast.marketer, "leads")
    entries.record(by=by, week=WEEK, value=Decimal(21), version=entry.version, confirmed=True)
    rows = past_of(cast.leads, (WEEK.monday, WEEK.monday))
    (row,) = rows[past.ENTRY]
    assert (past.amount(row["value"]), past.day(row["week"]), row["by"]) == (
        21,
        WEEK.monday,
        "Tom",
    )
    assert [past.amount(row["value"]) for row in rows[past.VERSION]] == [20, 21]


def test_people_are_called_as_in_the_practice_and_others_by_their_address(cast):
    begin(cast.leads, WEEK.plus(-9))
    baselines.begin(
        by=seat_for(cast.manager), kpi=cast.leads, from_week=WEEK, reason="Again", today=TODAY
    )
    assert [row["by"] for row in past_of(cast.leads)[past.BASELINE]] == ["root@example.com", "Ana"]


def test_the_inputs_of_a_calculated_one_come_and_no_entries(cast):
    make_numbers(cast.leads, USUAL)
    rows = past_of(make_ratio(cast), (WEEK.monday, WEEK.monday))
    assert {row["slug"] for row in rows[past.PART]} == {"leads", "appointments"}
    assert past.ENTRY not in rows


def test_a_moment_without_a_zone_is_in_utc_and_shown_on_the_practices_clock(cast):
    for text in ("2026-11-24 15:00:00", "2026-11-24T15:00:00+00:00", "2026-11-24T10:00:00-05:00"):
        moment = past.moment(text, cast.practice)
        assert (moment.hour, moment.utcoffset()) == (10, timedelta(hours=-5))
    assert past.day(None) is past.amount(None) is None
