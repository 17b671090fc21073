"""reports/follow_ups.py: what was promised, and what became of it, in words."""

from datetime import date, timedelta

import pytest

from funnel.actions import follow_ups
from funnel.reports.meeting.follow_ups import (
    KINDS,
    MINE_SHOWN,
    PAGE,
    build_follow_up,
    build_follow_ups,
    build_my_follow_ups,
    in_words,
)
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, make_follow_up, root_seat, seat_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def some(cast):
    """Of Maya's one is overdue and one open; of Tom's one open, one done, one dropped."""
    seat = seat_for(cast.manager)
    late = make_follow_up(cast.owner, "Late", TODAY - timedelta(days=2), cast.appointments)
    make_follow_up(cast.owner, "Soon", TODAY, cast.leads)
    make_follow_up(cast.marketer, "Later", TODAY + timedelta(days=9), cast.leads)
    done = make_follow_up(cast.marketer, "Done 100%", TODAY - timedelta(days=5))
    dropped = make_follow_up(cast.marketer, "Dropped", TODAY)
    follow_ups.finish(by=seat, follow_up=done)
    follow_ups.drop(by=seat, follow_up=dropped, reason="No budget.")
    make_follow_up(cast.stranger, "Next door")
    return late


def texts(cast, who=None, **asked):
    seat = seat_for(who or cast.owner)
    return [item.text for item in build_follow_ups(seat, today=TODAY, **asked).items]


@pytest.mark.parametrize(
    ("days", "year", "said"),
    [
        (-2, 2026, "2 days overdue"),
        (-1, 2026, "1 day overdue"),
        (0, 2026, "due today"),
        (1, 2026, "due tomorrow"),
        (2, 2026, "due Nov 26"),
        (40, 2027, "due Jan 3, 2027"),
    ],
)
def test_says_when_it_is_due(days, year, said):
    day = TODAY + timedelta(days=days)
    assert day.year == year
    assert in_words(day, TODAY) == said


@pytest.mark.parametrize(
    ("show", "found"),
    [
        ("open", ["Late", "Soon", "Later"]),
        ("mine", ["Late", "Soon"]),
        ("overdue", ["Late"]),
        ("done", ["Done 100%"]),
        ("dropped", ["Dropped"]),
        ("all", ["Late", "Soon", "Later", "Dropped", "Done 100%"]),
    ],
)
def test_shows_each_kind_the_overdue_on_top(cast, some, show, found):
    assert texts(cast, show=show) == found


def test_counts_every_kind_of_what_was_found(cast, some):
    kinds = build_follow_ups(seat_for(cast.owner), today=TODAY, kpi="leads", show="mine").kinds
    assert {kind.name: kind.count for kind in kinds} == {
        "open": 2, "mine": 1, "overdue": 0, "done": 0, "dropped": 0, "all": 2,
    }  # fmt: skip
    assert [kind.name for kind in kinds if kind.is_shown] == ["mine"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("LATE", ["Late", "Later"]), ("%", []), ("100%", []), ("nothing", [])],
)
def test_finds_by_the_text_as_it_stands(cast, some, text, found):
    assert texts(cast, text=text) == found


def test_a_sign_of_the_search_is_a_sign_like_any_other(cast, some):
    assert texts(cast, text="0%", show="all") == ["Done 100%"]
    assert texts(cast, text="_", show="all") == []


def test_finds_by_kpi_and_offers_those_there_are(cast, some):
    report = build_follow_ups(seat_for(cast.owner), today=TODAY, kpi="leads")
    assert [item.text for item in report.items] == ["Soon", "Later"]
    assert report.kpis == (("leads", "Leads"), ("appointments", "Appointments"))
    assert texts(cast, kpi="no-such") == []


def test_an_item_says_what_there_is_to_say(cast, some):
    item = build_follow_up(seat_for(cast.owner), some.pk, today=TODAY)
    assert (item.text, item.owner, item.is_mine, item.is_overdue) == ("Late", "Maya", True, True)
    assert (item.kpi, item.kpi_slug, item.week) == ("Appointments", "appointments", WEEK)
    assert (item.is_open, item.is_done, item.is_dropped) == (True, False, False)


def test_whoever_is_over_is_not_overdue(cast, some):
    done, dropped = (
        build_follow_ups(seat_for(cast.owner), today=TODAY, show=show).items[0]
        for show in ("done", "dropped")
    )
    assert (done.is_done, done.is_overdue, done.is_open) == (True, False, False)
    assert (dropped.dropped_because, dropped.is_open) == ("No budget.", False)


@pytest.mark.parametrize(
    ("who", "finishes", "reopens"),
    [("owner", True, False), ("viewer", False, False), ("manager", True, True)],
)
def test_tells_what_the_reader_may_do(cast, some, who, finishes, reopens):
    seat = seat_for(getattr(cast, who))
    item = build_follow_up(seat, some.pk, today=TODAY)
    assert (item.may_finish, item.may_reopen) == (finishes, False)
    follow_ups.finish(by=seat_for(cast.manager), follow_up=some)
    item = build_follow_up(seat, some.pk, today=TODAY)
    assert (item.may_finish, item.may_reopen) == (False, reopens)


def test_nothing_of_next_door(cast, some):
    theirs = make_follow_up(cast.stranger, "Next door")
    assert build_follow_up(seat_for(cast.owner), theirs.pk, today=TODAY) is None
    assert build_follow_up(seat_for(cast.owner), 999_999, today=TODAY) is None


def test_tells_every_step_by_whom(cast, some):
    seat = seat_for(cast.manager)
    changed = follow_ups.change(
        by=seat,
        follow_up=some,
        version=1,
        text="Later",
        owner=cast.marketer,
        due_on=date(2026, 12, 1),
    )
    follow_ups.finish(by=seat_for(cast.marketer), follow_up=changed)
    follow_ups.reopen(by=seat_for(cast.admin), follow_up=changed)
    follow_ups.drop(by=seat, follow_up=changed, reason="No budget.")
    steps = build_follow_up(seat, some.pk, today=TODAY).steps
    assert [(step.said, step.by) for step in steps] == [
        ("Promised", "root@example.com"),
        ("Maya → Tom, due Nov 22 → Dec 1, was “Late”", "Ana"),
        ("Done", "Tom"),
        ("Reopened", "Ada"),
        ("Dropped: No budget.", "Ana"),
    ]


def test_my_own_are_the_open_ones_the_first_due_first(cast, some):
    mine = build_my_follow_ups(seat_for(cast.owner), today=TODAY)
    assert [(item.text, item.steps) for item in mine] == [("Late", ()), ("Soon", ())]
    assert build_my_follow_ups(root_seat(cast.practice), today=TODAY) == ()


def test_a_superuser_without_a_place_has_none_of_their_own(cast, some):
    report = build_follow_ups(root_seat(cast.practice), today=TODAY, show="mine")
    assert report.items == ()


@pytest.mark.parametrize("rows", [1, PAGE + 10])
def test_asks_as_often_for_many_and_turns_pages(cast, rows, django_assert_num_queries):
    for number in range(rows):
        make_follow_up(cast.owner, f"Promise {number}")
    seat = seat_for(cast.owner)
    with django_assert_num_queries(4):
        report = build_follow_ups(seat, today=TODAY)
    assert (report.previous, report.next) == (None, 2 if rows > PAGE else None)
    with django_assert_num_queries(1):
        assert len(build_my_follow_ups(seat, today=TODAY)) == min(rows, MINE_SHOWN)
    last = build_follow_ups(seat, today=TODAY, page=99)
    assert (last.page, last.next) == (report.pages, None)
    assert len(last.items) == (10 if rows > PAGE else 1)


def test_without_any_there_is_one_empty_page(cast, django_assert_num_queries):
    seat = seat_for(cast.owner)
    with django_assert_num_queries(3):
        report = build_follow_ups(seat, today=TODAY)
    assert (report.items, report.page, report.pages, report.kpis) == ((), 1, 1, ())
    assert [kind.count for kind in report.kinds] == [0] * len(KINDS)
