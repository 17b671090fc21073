"""access_links.py and access.py: keys that replace signing in, a one-number link and a calendar's
address."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.signing import Signer
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel import access, access_links
from funnel.actions import entries, meetings, ownership
from funnel.models import KPI, Ownership, Practice, Staff, StandIn, User, WeeklyEntry
from tests.cast import make_cast
from tests.factories import (
    TODAY,
    WEEK,
    close_week,
    link_for,
    make_calendar,
    make_entry,
    make_ownership,
    make_staff,
    make_superuser,
    root_seat,
    seat_for,
)

pytestmark = pytest.mark.django_db

# Lumina meets on Tuesday at nine in New York.
MEETING = datetime(2026, 11, 24, 14, tzinfo=UTC)
NOW = MEETING - timedelta(hours=2)
MONDAY = NOW - timedelta(days=1)


@pytest.fixture
def cast():
    cast = make_cast()
    Practice.objects.filter(slug="lumina").update(meeting_weekday=1)
    return cast


@pytest.fixture
def token(cast):
    """Maya's, for appointments."""
    return token_of(cast.owner, cast.appointments)


def token_of(person, kpi, **how):
    return link_for(person, kpi, **how).split("/")[2]


def opens(token, now=NOW):
    link = access_links.take_link(token, now)
    return link is not None and link.by is not None


class TestLink:
    def test_is_one_persons_one_number_of_one_week(self, cast, token):
        link = access_links.take_link(token, NOW)
        assert (link.week, link.stored) == (WEEK, None)
        assert (link.by.seat.staff, link.by.kpi, link.by.day) == (
            cast.owner,
            cast.appointments,
            TODAY,
        )
        assert (link.by.owner, link.by.needs_reason) == (cast.owner, False)

    def test_a_stand_ins_is_theirs_for_the_owner(self, cast):
        link = access_links.take_link(token_of(cast.stand_in, cast.appointments), NOW)
        assert (link.by.seat.staff, link.by.owner) == (cast.stand_in, cast.owner)

    @pytest.mark.parametrize(
        "change",
        [
            lambda token: token[:-1],
            lambda token: token + "A",
            lambda token: "A" + token,
            lambda token: token.replace(".", ""),
            lambda token: "." + token.split(".")[1],
            lambda token: token.split(".")[0] + ".",
            lambda token: "",
            lambda token: "\0",
            lambda token: "ü" * 50,
            lambda token: Signer(salt="another", sep=".").sign_object([1, str(WEEK), 1, 1, 1]),
        ],
    )
    def test_one_that_we_did_not_sign_is_none_and_asks_the_database_nothing(
        self, token, change, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            assert access_links.take_link(change(token), NOW) is None

    def test_works_until_the_meeting_begins(self, cast, token):
        assert opens(token, MONDAY)
        assert opens(token, MEETING - timedelta(seconds=1))
        assert not opens(token, MEETING)
        meetings.start(by=seat_for(cast.manager), week=WEEK, today=TODAY)
        assert not opens(token)

    def test_ends_when_the_meeting_is_moved_to_an_earlier_time(self, token):
        Practice.objects.filter(slug="lumina").update(meeting_time="06:00")
        assert not opens(token)

    def test_ends_with_the_week(self, cast, token):
        close_week(cast.manager)
        assert not opens(token)

    def test_ends_when_the_kpi_has_another_owner(self, cast, token):
        ivy = make_staff(cast.practice, "Ivy", "Front desk")
        make_ownership(cast.appointments, ivy, TODAY)
        assert opens(token, MONDAY)
        assert not opens(token)

    def test_stays_over_when_the_same_owner_comes_back(self, cast, token):
        ivy = make_staff(cast.practice, "Ivy", "Front desk")
        make_ownership(cast.appointments, ivy, TODAY - timedelta(days=1))
        make_ownership(cast.appointments, cast.owner, TODAY)
        assert not opens(token)
        assert opens(token_of(cast.owner, cast.appointments))

    def test_ends_when_the_ownership_that_has_just_begun_is_given_to_another(self, cast):
        """The row is the same, with another owner."""
        ivy = make_staff(cast.practice, "Ivy", "Front desk")
        make_ownership(cast.appointments, ivy, TODAY)
        of_sam = token_of(cast.stand_in, cast.appointments)
        assert opens(of_sam)
        held = Ownership.objects.get(kpi=cast.appointments, ends_on=None)
        make_ownership(cast.appointments, cast.owner, TODAY)
        assert Ownership.objects.get(kpi=cast.appointments, ends_on=None) == held
        assert not opens(of_sam)

    def test_a_stand_ins_ends_when_the_owner_changes_too(self, cast):
        of_sam = token_of(cast.stand_in, cast.appointments)
        ivy = make_staff(cast.practice, "Ivy", "Front desk")
        make_ownership(cast.appointments, ivy, TODAY)
        assert not opens(of_sam)

    def test_ends_when_nobody_owns_the_kpi_any_more(self, cast, token):
        yesterday = TODAY - timedelta(days=1)
        ownership.end(by=root_seat(cast.practice), kpi=cast.appointments, ends_on=yesterday)
        assert not opens(token)

    def test_a_stand_ins_ends_with_the_stand_in(self, cast):
        of_sam = token_of(cast.stand_in, cast.appointments)
        assert opens(of_sam)
        StandIn.objects.update(ends_on=TODAY - timedelta(days=1))
        assert not opens(of_sam)
        assert opens(of_sam, MONDAY)

    @pytest.mark.parametrize(
        "end",
        [
            lambda maya: Staff.objects.filter(pk=maya.pk).update(is_active=False),
            lambda maya: Staff.objects.filter(pk=maya.pk).update(access="viewer"),
            lambda maya: User.objects.filter(pk=maya.user_id).update(is_active=False),
        ],
    )
    def test_ends_when_the_person_leaves_or_may_only_look(self, cast, token, end):
        end(cast.owner)
        assert not opens(token)

    def test_ends_when_the_kpi_is_archived_or_calculated(self, cast, token):
        KPI.objects.filter(pk=cast.appointments.pk).update(
            archived_at=NOW, archived_by=make_superuser()
        )
        assert not opens(token)

    def test_never_opens_for_someone_whose_number_it_is_not(self, cast):
        assert not opens(token_of(cast.marketer, cast.appointments))
        assert not opens(token_of(cast.manager, cast.appointments))
        assert not opens(token_of(cast.stranger, cast.appointments))

    def test_of_a_kpi_of_nobodys_works_for_whoever_stands_in(self, cast):
        Ownership.objects.filter(kpi=cast.appointments).delete()
        of_sam = token_of(cast.stand_in, cast.appointments)
        assert opens(of_sam)
        make_ownership(cast.appointments, cast.owner, TODAY)
        assert not opens(of_sam)

    def test_tells_the_number_that_is_in_whoever_entered_it(self, cast, token):
        entry = make_entry(cast.appointments, 27)
        make_entry(cast.appointments, 26, WEEK.previous)
        assert access_links.take_link(token, NOW).stored == entry

    def test_was_just_used_for_ten_minutes_and_by_this_person_alone(self, cast, token):
        def was_just_used(after):
            return access_links.take_link(token, NOW).was_just_used(NOW + after)

        assert not was_just_used(timedelta(0))
        make_entry(cast.appointments, 27)
        WeeklyEntry.objects.update(entered_at=NOW)
        assert not was_just_used(timedelta(0))
        WeeklyEntry.objects.update(entered_by=cast.owner.user)
        assert was_just_used(timedelta(minutes=9, seconds=59))
        assert not was_just_used(timedelta(minutes=10))

    def test_what_it_gives_is_enough_to_record_the_number(self, cast, token):
        link = access_links.take_link(token, NOW)
        entry = entries.record(by=link.by, week=link.week, value=Decimal(27))
        assert (entry.entered_by, entry.entered_for) == (cast.owner.user, None)

    def test_four_statements(self, token):
        with CaptureQueriesContext(connection) as captured:
            access_links.take_link(token, NOW)
        assert len(captured) == 4


class TestCalendar:
    def test_is_one_persons(self, cast):
        token = make_calendar(cast.owner)
        assert access.authenticate_calendar(token, NOW).staff == cast.owner
        assert access.authenticate_calendar(token + "A", NOW) is None
        assert access.authenticate_calendar("", NOW) is None

    @pytest.mark.parametrize(
        "end",
        [
            lambda maya: Staff.objects.filter(pk=maya.pk).update(is_active=False),
            lambda maya: User.objects.filter(pk=maya.user_id).update(is_active=False),
        ],
    )
    def test_ends_when_the_person_leaves(self, cast, end):
        token = make_calendar(cast.owner)
        end(cast.owner)
        assert access.authenticate_calendar(token, NOW) is None

    def test_one_statement(self, cast, django_assert_num_queries):
        token = make_calendar(cast.owner)
        with django_assert_num_queries(1):
            access.authenticate_calendar(token, NOW).staff.practice.name  # noqa: B018
