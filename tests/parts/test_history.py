from decimal import Decimal

import pytest
import time_machine

from funnel.actions import entries, meetings
from funnel.reports.history.history import build_history
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    make_entry,
    make_numbers,
    make_target,
    seat_for,
    stand_for,
)
from tests.parts import part

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel("2026-11-24T15:00Z", tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def report_of(kpi):
    report = build_history(kpi.practice, kpi.slug, today=TODAY)
    assert report is not None
    return report


def test_the_table_has_a_row_a_week_newest_first(cast):
    make_target(cast.leads, 40, WEEK)
    make_numbers(cast.leads, (*[12, 10] * 5, None, 50))
    chart = part("history_chart", report=report_of(cast.leads))
    rows = chart.partition("<tbody>")[2].split("</tr>")
    assert len(rows) == 14
    assert 'scope="row">Nov 23 – 29, 2026 (in progress)</th>' in rows[0]
    assert "missing" in rows[0]
    assert "missing" in rows[2]
    cells = "".join(f"<td>{cell}</td>" for cell in ("50", "40", "–", "11.0", "5.7 – 16.3"))
    assert f"{cells}<td>better than usual: beyond the usual range</td>" in rows[1]
    assert "<td>10</td><td>–</td><td>2.0</td>" in rows[3]


def test_a_finding_is_loud_only_where_someone_may_have_to_act(cast):
    make_numbers(cast.leads, (*[12, 10] * 10, 1, 11, 40, 11))
    better, worse = report_of(cast.leads).findings
    assert "signal" not in part("history_finding", finding=better)
    assert '<p class="quiet">' in part("history_finding", finding=better)
    item = part("history_finding", finding=worse)
    assert '<span class="signal" aria-hidden="true">◆</span>' in item
    assert '<a class="word" href="#word-usual">Worse than usual</a>' in item


def test_an_entry_says_what_it_was_and_what_the_meeting_saw(cast):
    first = make_entry(cast.appointments, 27, note="a < b")
    close_week(cast.manager)
    meetings.reopen(by=seat_for(cast.manager), week=WEEK, reason="late")
    manager = stand_for(cast.manager, "appointments")
    entries.record(
        by=manager, week=WEEK, value=Decimal(29), version=first.version, reason="Two <more>"
    )
    leads = stand_for(cast.marketer, "leads")
    entries.record(by=leads, week=WEEK, value=Decimal(90))
    (entry,) = report_of(cast.appointments).entries
    item = part("history_entry", entry=entry)
    assert "Ana for Maya, Nov 24, 2026, 10:00 AM: Two &lt;more&gt;" in item
    assert "Corrected after the meeting: 27 → 29." in item
    assert "<summary>Changed once</summary>" in item
    assert "27 → 29, Ana, Nov 24, 2026, 10:00 AM: Two &lt;more&gt;" in item
    assert "note: a &lt; b → none" in item
    (entry,) = report_of(cast.leads).entries
    item = part("history_entry", entry=entry)
    assert "Entered after the meeting, where it was missing." in item
    assert "<details" not in item
