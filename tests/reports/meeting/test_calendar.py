"""reports/calendar.py: the events of a person's calendar."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.actions import follow_ups
from funnel.models import KPI, Ownership, Practice, Staff, StandIn
from funnel.reports.meeting.calendar import CalendarFollowUp, build_dates, calendar_of
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, WEEK, make_calendar, make_follow_up, seat_for

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cast():
    return make_cast()


def dates(person, today=TODAY):
    return build_dates(Staff.objects.select_related("practice").get(pk=person.pk), today=today)


def test_the_meetings_of_this_week_and_the_eight_after_it(cast):
    Practice.objects.filter(slug="lumina").update(meeting_weekday=2, meeting_time=time(8, 30))
    found = dates(cast.member).meetings
    assert [str(sitting.week) for sitting in found[:2]] == ["2026-W47", "2026-W48"]
    assert [str(sitting.week) for sitting in found[-2:]] == ["2027-W01", "2027-W02"]
    assert len(found) == 9
    assert found[0].begins == datetime(2026, 11, 25, 13, 30, tzinfo=UTC)
    assert found[0].ends - found[0].begins == timedelta(minutes=15)


def test_none_of_a_week_before_the_practice_began(cast):
    Practice.objects.filter(slug="lumina").update(began_on=WEEK.next.monday)
    assert dates(cast.member).meetings[0].week == WEEK.next


def test_whoever_owns_or_stands_in_brings_numbers_and_nobody_else(cast):
    brings = {
        who
        for who in ("owner", "stand_in", "member", "viewer", "manager")
        if dates(getattr(cast, who)).brings_numbers
    }
    assert brings == {"owner", "stand_in"}
    assert not dates(cast.stand_in, TODAY + timedelta(days=30)).brings_numbers
    Ownership.objects.filter(staff=cast.owner).update(ends_on=TODAY - timedelta(days=1))
    assert not dates(cast.owner).brings_numbers


@pytest.mark.parametrize(
    "change",
    [
        lambda cast: KPI.objects.filter(pk=cast.appointments.pk).update(
            archived_at=NOW, archived_by=cast.superuser
        ),
        lambda cast: Staff.objects.filter(pk=cast.owner.pk).update(access="viewer"),
    ],
)
def test_an_archived_number_is_brought_by_nobody_and_none_by_who_only_looks(cast, change):
    change(cast)
    assert not dates(cast.owner).brings_numbers


def test_ones_own_open_follow_ups_and_nobody_elses(cast):
    late = make_follow_up(cast.owner, "Late", date(2026, 11, 17))
    soon = make_follow_up(cast.owner, "Soon", date(2026, 12, 1))
    make_follow_up(cast.marketer, "Tom's")
    follow_ups.finish(by=seat_for(cast.owner), follow_up=make_follow_up(cast.owner, "Done"))
    over = make_follow_up(cast.owner, "Dropped")
    follow_ups.drop(by=seat_for(cast.manager), follow_up=over, reason="No need.")
    assert dates(cast.owner).promises == (
        CalendarFollowUp(late.pk, "Late", date(2026, 11, 17), NOW),
        CalendarFollowUp(soon.pk, "Soon", date(2026, 12, 1), NOW),
    )


def test_no_more_than_two_hundred(cast):
    one = make_follow_up(cast.owner)
    type(one).objects.bulk_create(
        type(one)(
            practice=cast.practice,
            meeting=one.meeting,
            text=f"Number {number}",
            owner=cast.owner,
            due_on=TODAY + timedelta(days=number),
            promised_at=NOW,
            promised_by=cast.superuser,
        )
        for number in range(210)
    )
    assert len(dates(cast.owner).promises) == 200
    assert dates(cast.owner).promises[-1].changed == NOW


def test_says_when_the_practices_settings_were_changed(cast):
    assert dates(cast.owner).changed.date() == BEGAN
    practice = Practice.objects.get(slug="lumina")
    practice.meeting_weekday = 3
    practice.save()
    assert dates(cast.owner).changed == NOW
    practice.history.all().delete()
    assert dates(cast.owner).changed == datetime.combine(BEGAN, time(0), UTC)


def test_that_there_is_an_address_and_since_when(cast, django_assert_num_queries):
    seat = seat_for(cast.owner)
    assert calendar_of(seat, today=TODAY) is None
    token = make_calendar(cast.owner)
    with django_assert_num_queries(1):
        found = calendar_of(seat, today=TODAY)
    assert (found.token_start, found.made_at, found.made_by) == (token[:6], NOW, "you")
    assert (found.is_active, found.expires_on, found.last_used) == (True, None, None)
    assert calendar_of(seat_for(cast.marketer), today=TODAY) is None


def test_at_most_four_statements_for_one_promise_and_for_30(cast):
    StandIn.objects.all().delete()
    counts = []
    for _ in range(2):
        make_follow_up(cast.stand_in)
        person = Staff.objects.select_related("practice").get(pk=cast.stand_in.pk)
        with CaptureQueriesContext(connection) as captured:
            found = build_dates(person, today=TODAY)
        counts.append((len(captured), len(found.promises)))
        for number in range(29):
            make_follow_up(cast.stand_in, f"Number {number}")
    assert counts == [(4, 1), (4, 30)]
