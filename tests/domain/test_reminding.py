"""domain/reminding.py: when a reminder is due, and whom it may still reach."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnel.domain.reminding import ReminderKind, ReminderPreference, ReminderSchedule, may_tell

FIRST, SECOND, MANAGERS = ReminderKind
BOTH, LAST, NONE = ReminderPreference
# Tuesday at nine in New York; the week before was over on Monday at midnight there.
OVER = datetime(2026, 11, 23, 5, tzinfo=UTC)
MEETING = datetime(2026, 11, 24, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


def plan(meeting=MEETING, first_hours=24, second_hours=3):
    return ReminderSchedule.of(
        over=OVER, meeting=meeting, first_hours=first_hours, second_hours=second_hours
    )


class TestPlan:
    def test_counts_back_from_the_meeting(self):
        made = plan()
        assert made.first == datetime(2026, 11, 23, 14, tzinfo=UTC)
        assert made.second == datetime(2026, 11, 24, 11, tzinfo=UTC)
        assert made.managers == datetime(2026, 11, 24, 13, tzinfo=UTC)
        assert made.meeting == MEETING

    def test_waits_for_the_end_of_the_week(self):
        monday_at_nine = OVER + 9 * HOUR
        made = plan(monday_at_nine)
        assert (made.first, made.second) == (OVER, monday_at_nine - 3 * HOUR)

    def test_everything_is_due_at_once_where_the_meeting_follows_the_week(self):
        assert plan(OVER + HOUR / 2).due(OVER) == (SECOND, MANAGERS)
        assert plan(OVER).due(OVER) == ()

    @pytest.mark.parametrize(
        ("moment", "due"),
        [
            (MEETING - 24 * HOUR - MOMENT, ()),
            (MEETING - 24 * HOUR, (FIRST,)),
            (MEETING - 3 * HOUR - MOMENT, (FIRST,)),
            (MEETING - 3 * HOUR, (SECOND,)),
            (MEETING - HOUR - MOMENT, (SECOND,)),
            (MEETING - HOUR, (SECOND, MANAGERS)),
            (MEETING - MOMENT, (SECOND, MANAGERS)),
            (MEETING, ()),
            (MEETING + 24 * HOUR, ()),
        ],
    )
    def test_of_two_whose_time_has_come_the_later_alone(self, moment, due):
        assert plan().due(moment) == due

    @given(
        st.integers(0, 6 * 24),
        st.integers(2, 143).flatmap(lambda s: st.tuples(st.integers(s + 1, 144), st.just(s))),
        st.integers(-24, 8 * 24),
    )
    def test_nothing_before_the_week_is_over_or_once_the_meeting_has_begun(
        self, hours, ahead, asked
    ):
        meeting = OVER + hours * HOUR
        made = plan(meeting, *ahead)
        moment = OVER + asked * HOUR
        assert made.first <= made.second <= made.managers
        assert not made.due(moment) or OVER <= moment < meeting


TABLE = {
    # wish, already sent: which kinds may still be sent with three a week
    (BOTH, ()): {FIRST, SECOND, MANAGERS},
    (BOTH, (FIRST,)): {SECOND, MANAGERS},
    (BOTH, (SECOND,)): {FIRST, MANAGERS},
    (BOTH, (FIRST, SECOND)): {MANAGERS},
    (BOTH, (FIRST, SECOND, MANAGERS)): set(),
    (LAST, ()): {SECOND, MANAGERS},
    (LAST, (FIRST,)): {SECOND, MANAGERS},
    (LAST, (SECOND,)): {MANAGERS},
    (LAST, (FIRST, SECOND)): {MANAGERS},
    (LAST, (FIRST, SECOND, MANAGERS)): set(),
    (NONE, ()): set(),
    (NONE, (FIRST,)): set(),
    (NONE, (SECOND,)): set(),
    (NONE, (FIRST, SECOND)): set(),
    (NONE, (FIRST, SECOND, MANAGERS)): set(),
}


@pytest.mark.parametrize(("wish", "told"), list(TABLE), ids=str)
def test_what_may_still_go_to_whom(wish, told):
    assert {kind for kind in ReminderKind if may_tell(kind, told=told, wish=wish, most=3)} == TABLE[
        wish, told
    ]


@pytest.mark.parametrize("wish", ReminderPreference)
@pytest.mark.parametrize("most", range(4))
def test_never_more_than_the_practice_allows_in_whatever_order_they_come(most, wish):
    for order in product(ReminderKind, repeat=4):
        told = set()
        for kind in order:
            if may_tell(kind, told=told, wish=wish, most=most):
                told.add(kind)
        assert len(told) <= most
