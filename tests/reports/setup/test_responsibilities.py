from datetime import date, timedelta

import pytest

from funnel.actions import kpis, ownership, staff
from funnel.domain.weeks import Week
from funnel.models import Role, Staff
from funnel.reports.setup.responsibilities import Tenure, build_responsibilities
from tests.cast import make_cast
from tests.factories import BEGAN, TODAY, make_kpi, make_ownership, make_stand_in, root_seat

pytestmark = pytest.mark.django_db

WEEK_LONG = timedelta(days=7)


@pytest.fixture
def cast():
    return make_cast()


def report_of(cast, today=TODAY):
    return build_responsibilities(cast.practice, today=today)


def line_of(cast, slug="appointments", today=TODAY):
    report = report_of(cast, today)
    return next(line for line in (*report.problems, *report.settled) if line.slug == slug)


def take_role(person, *left):
    roles = Role.objects.filter(practice=person.practice, name__in=left)
    seat = root_seat(person.practice)
    staff.change(
        by=seat,
        staff=person,
        name=person.name,
        title="",
        roles=roles,
        access=person.access,
        today=TODAY,
    )


def test_with_every_owner_in_place_nothing_is_a_problem(cast):
    report = report_of(cast)
    assert report.problems == ()
    assert [line.slug for line in report.settled] == ["leads", "appointments", "patients-acquired"]


def test_tells_the_owner_the_role_and_what_counts(cast):
    line = line_of(cast, "leads")
    assert line.owner == Tenure("Tom", BEGAN, None)
    assert line.role == "Marketing"
    assert line.definition == cast.leads.definition


def test_an_unowned_kpi_is_a_problem_and_says_who_could_own_it(cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.appointments, ends_on=TODAY - WEEK_LONG)
    (line,) = report_of(cast).problems
    assert line.is_unowned
    assert line.problem == "Appointments has no owner."
    assert line.could_own == ("Maya", "Sam")
    assert line.owners == (Tenure("Maya", BEGAN, TODAY - WEEK_LONG),)


def test_an_owner_is_theirs_on_the_last_day_and_no_longer(cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.appointments, ends_on=TODAY)
    assert not line_of(cast).is_unowned
    assert line_of(cast, today=TODAY + timedelta(days=1)).is_unowned


def test_an_owner_without_the_role_is_a_problem(cast):
    take_role(cast.owner, "Marketing")
    (line,) = report_of(cast).problems
    assert line.problem == "Maya owns Appointments without holding the role Front desk."
    assert line.could_own == ("Sam",)


def test_an_owner_who_can_no_longer_sign_in_is_a_problem(cast):
    cast.owner.user.is_active = False
    cast.owner.user.save()
    (line,) = report_of(cast).problems
    assert line.problem == "Maya owns Appointments but no longer works here."


def test_viewers_and_those_who_left_could_not_own_it(cast):
    ownership.end(by=root_seat(cast.practice), kpi=cast.appointments, ends_on=TODAY - WEEK_LONG)
    cast.stand_in.access = Staff.Access.VIEWER
    cast.stand_in.save()
    staff.deactivate(by=root_seat(cast.practice), staff=cast.owner, today=TODAY)
    assert line_of(cast).could_own == ()


def test_the_next_owner_is_told_before_the_day_comes(cast):
    coming = TODAY + WEEK_LONG
    make_ownership(cast.appointments, cast.stand_in, coming)
    line = line_of(cast)
    assert line.owner == Tenure("Maya", BEGAN, coming - timedelta(days=1))
    assert line.next_owner == Tenure("Sam", coming, None)
    assert line_of(cast, today=coming).next_owner is None


def test_of_several_to_come_the_nearest_is_next(cast):
    make_ownership(cast.appointments, cast.stand_in, TODAY + WEEK_LONG)
    make_ownership(cast.appointments, cast.owner, TODAY + 2 * WEEK_LONG)
    assert line_of(cast).next_owner.name == "Sam"


def test_the_history_is_whole_with_the_latest_first(cast):
    handed_over = date(2026, 6, 1)
    make_ownership(cast.appointments, cast.stand_in, handed_over)
    assert line_of(cast).owners == (
        Tenure("Sam", handed_over, None),
        Tenure("Maya", BEGAN, date(2026, 5, 31)),
    )


def test_stand_ins_of_now_and_later_are_told_apart_and_past_ones_left_out(cast):
    later = TODAY + 3 * WEEK_LONG
    make_stand_in(cast.appointments, cast.coordinator, later, later)
    make_stand_in(cast.appointments, cast.member, TODAY - 3 * WEEK_LONG, TODAY - timedelta(days=1))
    line = line_of(cast)
    assert line.stand_ins == (Tenure("Sam", TODAY - WEEK_LONG, TODAY + WEEK_LONG),)
    assert line.later_stand_ins == (Tenure("Dana", later, later),)


def test_an_archived_kpi_is_not_listed(cast):
    kpis.archive(by=root_seat(cast.practice), kpi=cast.leads, today=TODAY)
    report = report_of(cast)
    assert "leads" not in {line.slug for line in (*report.problems, *report.settled)}


def test_a_kpi_is_listed_from_its_first_week_on(cast):
    week = Week.running(TODAY).next
    make_kpi(cast.practice, "Reviews", from_week=week)
    assert "reviews" not in [line.slug for line in report_of(cast).problems]
    assert "reviews" in [line.slug for line in report_of(cast, today=week.monday).problems]


def test_names_the_admins_of_this_practice_only(cast):
    assert report_of(cast).admins == ("Ada",)


def test_asks_the_database_as_often_for_fifteen_kpis(cast, django_assert_num_queries):
    for number in range(12):
        kpi = make_kpi(cast.practice, f"Number {number}")
        make_ownership(kpi, cast.manager)
        make_stand_in(kpi, cast.member, TODAY, TODAY)
    with django_assert_num_queries(5):
        report_of(cast)
