import pytest

from funnel.domain.weeks import Week
from funnel.forms.scorecard import ScorecardQuery

W40 = Week.parse("2026-W40")


def test_nothing_said_is_weeks_newest_first_up_to_now():
    assert ScorecardQuery.of({}) == ScorecardQuery(
        "week", None, is_oldest_first=False, hides_running=False
    )
    assert ScorecardQuery().query() == "?"


def test_takes_what_is_said_and_writes_it_again():
    said = {"by": "quarter", "until": "2026-W40", "order": "oldest", "running": "hide"}
    asked = ScorecardQuery.of(said)
    assert asked == ScorecardQuery("quarter", W40, is_oldest_first=True, hides_running=True)
    assert asked.query() == "?by=quarter&until=2026-W40&order=oldest&running=hide"
    assert asked.query(by="week", until=None) == "?order=oldest&running=hide"


def test_a_day_stands_for_its_week():
    assert ScorecardQuery.of({"day": "2026-10-04"}).until == W40
    assert ScorecardQuery.of({"day": "2026-10-04", "until": "2026-W39"}).until == W40.previous


@pytest.mark.parametrize(
    "rubbish",
    [
        {"by": "year"},
        {"until": "2026-W54"},
        {"until": "<b>"},
        {"until": "2026-w40"},
        {"day": "yesterday"},
        {"day": "9999-12-31"},
        {"order": "random"},
        {"running": "x\x00"},
    ],
)
def test_what_is_not_known_is_not_said(rubbish):
    assert ScorecardQuery.of(rubbish) == ScorecardQuery()


def test_leads_to_all_there_is_and_to_nothing_else():
    links = ScorecardQuery("month", W40).links(W40.plus(-9), None, is_latest=False)
    assert links["kinds"] == [
        ("week", "?until=2026-W40", False),
        ("month", "?by=month&until=2026-W40", True),
        ("quarter", "?by=quarter&until=2026-W40", False),
    ]
    assert links["earlier"] == "?by=month&until=2026-W31"
    assert links["later"] == ""
    assert links["latest"] == "?by=month"
    assert links["order"] == "?by=month&until=2026-W40&order=oldest"
    assert links["running"] == "?by=month&until=2026-W40&running=hide"
    assert ScorecardQuery().links(None, None, is_latest=True)["latest"] == ""
