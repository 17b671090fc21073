from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from funnel.reports.series.versions import corrections

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def version(value, at, **given):
    entered_at = NOON + timedelta(hours=at)
    plain = {"note": "", "reason": "", "by": "Maya"}
    return {"value": Decimal(value), "entered_at": entered_at, **plain, **given}


def said(versions, zone=None):
    return corrections(versions, str, zone)


def test_one_version_or_none_is_no_correction():
    assert said([]) == ()
    assert said([version(27, 0)]) == ()


def test_each_change_has_both_values_and_who_made_it_when_and_why_the_latest_first():
    ana = {"by": "Ana", "reason": "Recount", "note": "ok"}
    last, first = said([version(27, 0), version(28, 1), version(29, 2, **ana)])
    assert (first.old, first.new, first.by, first.reason) == ("27", "28", "Maya", "")
    assert (last.old, last.new, last.by, last.reason) == ("28", "29", "Ana", "Recount")
    assert (last.old_note, last.new_note) == ("", "ok")
    assert (first.at, last.at) == (NOON + timedelta(hours=1), NOON + timedelta(hours=2))


def test_a_note_alone_and_a_value_alone_are_told_apart():
    note, value = said([version(27, 0), version(28, 1), version(28, 2, note="ok")])
    assert (note.is_note_only, note.is_note_rewritten) == (True, True)
    assert (value.is_note_only, value.is_note_rewritten) == (False, False)


def test_the_time_is_the_zones_where_one_is_given():
    (change,) = said([version(27, 0), version(28, 1)], ZoneInfo("America/New_York"))
    assert change.at == NOON + timedelta(hours=1)
    assert change.at.hour == 8
