"""reports/names.py: the displayed name of a user."""

import pytest

from funnel.actions import kpis, meetings
from funnel.models import KPI, Meeting
from funnel.reports.names import called, in_files
from tests.cast import make_cast
from tests.factories import TODAY, WEEK, close_week, make_kpi, root_seat

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def name_of_closer(practice):
    return Meeting.objects.annotate(by=called(practice, "closed_by")).get().by


def test_is_the_name_at_this_practice(cast):
    close_week(cast.manager)
    assert name_of_closer(cast.practice) == "Ana"


def test_is_the_address_of_whoever_has_no_place_here(cast):
    meetings.close(by=root_seat(cast.practice), week=WEEK, today=TODAY, seen=dict)
    assert name_of_closer(cast.practice) == "root@example.com"
    assert name_of_closer(cast.stranger.practice) == "root@example.com"


def test_is_nobody_where_nobody_did(cast):
    meetings.lock(cast.practice, WEEK)
    assert name_of_closer(cast.practice) is None


def test_no_two_numbers_of_a_file_have_one_name(cast):
    old, other = make_kpi(cast.practice, "Calls"), make_kpi(cast.practice, "Fees")
    kpis.archive(by=root_seat(cast.practice), kpi=old, today=TODAY)
    kpis.archive(by=root_seat(cast.practice), kpi=other, today=TODAY)
    KPI.objects.filter(pk=old.pk).update(slug="calls-2025")
    new = make_kpi(cast.practice, "CALLS")
    names = in_files(KPI.objects.filter(practice=cast.practice))
    assert names[old.pk] == "calls-2025"
    assert names[new.pk] == "CALLS"
    assert names[other.pk] == "Fees"
