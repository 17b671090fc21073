from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.weeks import FIRST_MONDAY, LAST_MONDAY, Week, local_moment, local_today

W47 = Week(date(2026, 11, 16))

days = st.dates(min_value=date(1, 1, 1), max_value=date(9998, 12, 31))
weeks = days.map(Week.of).filter(lambda week: int(str(week)[:4]) <= 9998)


class TestWeek:
    @pytest.mark.parametrize("day", range(17, 23))
    def test_starts_on_a_monday_only(self, day):
        with pytest.raises(ValueError, match="Monday"):
            Week(date(2026, 11, day))

    def test_starts_on_a_date_and_not_at_a_time(self):
        with pytest.raises(ValueError, match="not at a time"):
            Week(datetime(2026, 11, 16, 9, tzinfo=UTC))

    def test_ends_within_the_calendar(self):
        with pytest.raises(ValueError, match="calendar"):
            Week(date(9999, 12, 27))

    def test_is_equal_ordered_and_hashed_by_its_monday(self):
        assert Week(date(2026, 11, 16)) == W47
        assert hash(Week(date(2026, 11, 16))) == hash(W47)
        assert sorted([W47.next, W47, W47.previous]) == [W47.previous, W47, W47.next]

    def test_cannot_be_changed(self):
        with pytest.raises(AttributeError):
            W47.monday = date(2026, 11, 23)

    def test_runs_from_monday_to_sunday(self):
        assert (W47.monday, W47.sunday) == (date(2026, 11, 16), date(2026, 11, 22))


class TestWritingAndReading:
    @pytest.mark.parametrize(
        ("text", "monday"),
        [
            ("2026-W47", date(2026, 11, 16)),
            ("2026-W01", date(2025, 12, 29)),
            ("2026-W53", date(2026, 12, 28)),
            ("2027-W01", date(2027, 1, 4)),
            ("0001-W01", date(1, 1, 1)),
            ("9998-W52", date(9998, 12, 21)),
        ],
    )
    def test_a_week_is_written_by_iso_year_and_number(self, text, monday):
        assert Week.parse(text) == Week(monday)
        assert str(Week(monday)) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026",
            "2026-47",
            "2026W47",
            "2026-w47",
            "2026-W7",
            "2026-W047",
            "26-W47",
            "2026-W47-1",
            " 2026-W47",
            "2026-W47 ",
            "2026-W47\n",
            "2026-W47\0",
            "-026-W47",
            "2026-W00",
            "2026-W54",
            "2025-W53",
            "2027-W53",
            "0000-W01",
            "9999-W01",
            "9999-W52",
            "12026-W47",
            "2026-W4७",
            "２０２６-W47",
            "2026–W47",
            "2026-11-16",
        ],
    )
    def test_anything_else_is_refused(self, text):
        with pytest.raises(ValueError, match=r"(?i)week|year"):
            Week.parse(text)

    @given(weeks)
    def test_what_is_written_reads_back(self, week):
        assert Week.parse(str(week)) == week

    @given(st.text(max_size=10))
    def test_other_text_is_refused_or_is_exactly_what_the_week_writes(self, text):
        try:
            week = Week.parse(text)
        except ValueError:
            return
        assert str(week) == text

    @given(days)
    def test_the_week_of_a_day_holds_that_day(self, day):
        week = Week.of(day)
        assert week.monday <= day <= week.sunday
        assert str(week) == day.strftime("%G").zfill(4) + day.strftime("-W%V")


class TestNeighbours:
    @given(weeks.filter(lambda week: week.monday > FIRST_MONDAY))
    def test_next_and_previous_undo_each_other(self, week):
        assert week.next.previous == week == week.previous.next
        assert week.next.monday - week.monday == timedelta(days=7)

    @pytest.mark.parametrize(
        ("before", "after"),
        [("2025-W52", "2026-W01"), ("2026-W53", "2027-W01"), ("2026-W52", "2026-W53")],
    )
    def test_the_year_end_is_crossed_week_by_week(self, before, after):
        assert Week.parse(before).next == Week.parse(after)
        assert Week.parse(after).previous == Week.parse(before)

    def test_plus_counts_weeks_both_ways(self):
        assert W47.plus(0) == W47
        assert W47.plus(7) == Week.parse("2027-W01")
        assert W47.plus(-47) == Week.parse("2025-W52")

    @pytest.mark.parametrize("n", [1, 2, 10**6, 10**12])
    def test_steps_stay_within_the_calendar(self, n):
        first, last = Week(FIRST_MONDAY), Week(LAST_MONDAY)
        assert (first.plus(-n), last.plus(n)) == (first, last)

    @given(weeks, st.integers(0, 60))
    def test_the_weeks_before_and_the_review_day_exist_for_every_week_in_a_url(self, week, n):
        assert len(week.back(n)) <= n
        assert week.review_day(date(2026, 11, 24)) <= date(2026, 11, 24)
        assert week.label

    def test_a_range_has_both_its_ends(self):
        assert Week.range(W47, W47.plus(2)) == (W47, W47.next, W47.next.next)
        assert Week.range(W47, W47) == (W47,)

    def test_a_range_that_ends_before_it_starts_is_empty(self):
        assert Week.range(W47, W47.previous) == ()

    def test_back_gives_the_weeks_before_oldest_first(self):
        assert W47.back(3) == tuple(map(Week.parse, ["2026-W44", "2026-W45", "2026-W46"]))

    @pytest.mark.parametrize("n", [0, -1])
    def test_back_by_nothing_is_empty(self, n):
        assert W47.back(n) == ()

    def test_back_gives_fewer_where_the_calendar_starts(self):
        first = Week(FIRST_MONDAY)
        assert first.back(13) == ()
        assert first.plus(2).back(13) == (first, first.next)


class TestToday:
    @pytest.mark.parametrize("day", range(16, 23))
    def test_the_running_week_is_the_one_today_is_in(self, day):
        today = date(2026, 11, day)
        assert Week.running(today) == W47
        assert Week.reporting(today) == W47.previous

    @pytest.mark.parametrize(
        ("today", "is_running", "is_future"),
        [
            (date(2026, 11, 15), False, True),
            (date(2026, 11, 16), True, False),
            (date(2026, 11, 22), True, False),
            (date(2026, 11, 23), False, False),
        ],
    )
    def test_a_week_is_future_then_running_then_over(self, today, is_running, is_future):
        assert (W47.is_running(today), W47.is_future(today)) == (is_running, is_future)

    @pytest.mark.parametrize(
        ("today", "review_day"),
        [
            (date(2026, 11, 18), date(2026, 11, 18)),
            (date(2026, 11, 24), date(2026, 11, 24)),
            (date(2026, 11, 29), date(2026, 11, 29)),
            (date(2026, 11, 30), date(2026, 11, 29)),
            (date(2027, 6, 1), date(2026, 11, 29)),
        ],
    )
    def test_the_owner_answers_until_the_end_of_the_week_after(self, today, review_day):
        assert W47.review_day(today) == review_day


class TestLabel:
    @pytest.mark.parametrize(
        ("text", "label", "short_label"),
        [
            ("2026-W47", "Nov 16 – 22, 2026", "Nov 16"),
            ("2026-W49", "Nov 30 – Dec 6, 2026", "Nov 30"),
            ("2026-W53", "Dec 28, 2026 – Jan 3, 2027", "Dec 28"),
            ("2027-W01", "Jan 4 – 10, 2027", "Jan 4"),
            ("2026-W09", "Feb 23 – Mar 1, 2026", "Feb 23"),
        ],
    )
    def test_names_month_and_year_once_unless_they_change(self, text, label, short_label):
        week = Week.parse(text)
        assert (week.label, week.short_label) == (label, short_label)


class TestLocalToday:
    @pytest.mark.parametrize(
        ("zone", "now", "today"),
        [
            # Clocks go back on 2026-11-01 and forward on 2026-03-08.
            ("America/New_York", "2026-11-01T03:59Z", date(2026, 10, 31)),
            ("America/New_York", "2026-11-01T04:00Z", date(2026, 11, 1)),
            ("America/New_York", "2026-11-02T04:59Z", date(2026, 11, 1)),
            ("America/New_York", "2026-11-02T05:00Z", date(2026, 11, 2)),
            ("America/New_York", "2026-03-09T03:59Z", date(2026, 3, 8)),
            ("America/New_York", "2026-03-09T04:00Z", date(2026, 3, 9)),
            # Clocks go forward on 2026-09-27 and back on 2026-04-05.
            ("Pacific/Auckland", "2026-09-27T10:59Z", date(2026, 9, 27)),
            ("Pacific/Auckland", "2026-09-27T11:00Z", date(2026, 9, 28)),
            ("Pacific/Auckland", "2026-04-05T11:59Z", date(2026, 4, 5)),
            ("Pacific/Auckland", "2026-04-05T12:00Z", date(2026, 4, 6)),
            ("Asia/Kathmandu", "2026-11-22T18:14Z", date(2026, 11, 22)),
            ("Asia/Kathmandu", "2026-11-22T18:15Z", date(2026, 11, 23)),
        ],
    )
    def test_is_the_date_on_the_practices_wall(self, zone, now, today):
        assert local_today(datetime.fromisoformat(now), zone) == today

    def test_takes_now_in_any_zone(self):
        now = datetime(2026, 11, 23, 1, 0, tzinfo=timezone(timedelta(hours=9)))
        assert local_today(now, "UTC") == date(2026, 11, 22)

    def test_one_moment_is_in_two_weeks_at_once(self):
        now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
        assert Week.running(local_today(now, "America/New_York")) == W47
        assert Week.running(local_today(now, "Pacific/Auckland")) == W47.next

    def test_refuses_a_time_without_its_zone(self):
        with pytest.raises(ValueError, match="time zone"):
            local_today(datetime.fromisoformat("2026-11-22T12:00"), "UTC")

    def test_refuses_an_unknown_zone(self):
        with pytest.raises(ZoneInfoNotFoundError):
            local_today(datetime(2026, 11, 22, tzinfo=UTC), "Mars/Olympus")

    @given(
        st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
        st.sampled_from(["America/New_York", "Pacific/Auckland", "Asia/Kathmandu"]),
    )
    def test_the_reporting_week_is_always_over_and_the_running_one_never(self, now, zone):
        today = local_today(now, zone)
        assert Week.reporting(today).sunday < today <= Week.running(today).sunday


class TestLocalMoment:
    @pytest.mark.parametrize(
        ("zone", "wall", "moment"),
        [
            ("America/New_York", "2026-11-24T09:00", "2026-11-24T14:00Z"),
            ("Asia/Kathmandu", "2026-11-24T09:00", "2026-11-24T03:15Z"),
            # New York, 2026-03-08: two o'clock becomes three; half past two is never shown.
            ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59Z"),
            ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30Z"),
            ("America/New_York", "2026-03-08T03:30", "2026-03-08T07:30Z"),
            # New York, 2026-11-01: half past one is shown twice.
            ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z"),
            ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00Z"),
            # Berlin, 2026-03-29 and 2026-10-25, at the same moment as all of Europe.
            ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30Z"),
            ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z"),
            ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00Z"),
            # Lord Howe Island, by half an hour only: forward on 2026-10-04, back on 2026-04-05.
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45Z"),
            ("Australia/Lord_Howe", "2026-10-04T02:45", "2026-10-03T15:45Z"),
            ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z"),
            # Midnight itself is left out: Cairo, 2026-04-24.
            ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00Z"),
        ],
    )
    def test_is_the_moment_the_wall_clock_shows_it(self, zone, wall, moment):
        at = datetime.fromisoformat(wall)
        found = local_moment(at.date(), at.time(), zone)
        assert found == datetime.fromisoformat(moment)
        assert found.tzinfo == UTC


@pytest.mark.parametrize(
    ("week", "days"),
    [
        ("2026-W47", "Nov 16 – 22"),
        ("2026-W49", "Nov 30 – Dec 6"),
        ("2026-W53", "Dec 28 – Jan 3"),
    ],
)
def test_the_days_of_a_week_without_the_year(week, days):
    assert Week.parse(week).days == days
